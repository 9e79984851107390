"""A session replaces what it measured, and leaves the rest as it was."""

from __future__ import annotations

import msgspec
import pytest

from bench import cli, options
from bench.cli import NUMBERS
from bench.figures import Counted, Run
from bench.page.page import origins
from bench.results import Made, Results, Table, merged

THEN, NOW = (Made(f"2026-01-0{n}", commit, "make bench", "a machine") for n, commit in ((1, "old"), (2, "new")))


def table(peer: str) -> Table:
    return Table([Run(peer, 9, rate=1, worker=1, redis=1, kafka=1, whole=1, outputs=1, peak=1, loop=1)], 0.5)


def scaled(shoppers: str) -> list[Run]:
    return [msgspec.structs.replace(table("kairos").runs[0], peer=shoppers)]


def test_other_parts_stay_with_where_they_come_from():
    old = Results(made={"stream": THEN, "scale": THEN}, tables={"stream": table("kairos")}, scale=scaled("5"))
    new = Results(made={"ga360": NOW, "scale": NOW}, tables={"ga360": table("batch")}, scale=scaled("7"))
    found = merged(old, new)
    assert found.made == {"stream": THEN, "scale": NOW, "ga360": NOW}
    assert found.tables == {"stream": table("kairos"), "ga360": table("batch")}
    assert found.scale == scaled("7")
    page = origins(found)
    assert "| stream | old | 2026-01-01 |" in page
    assert "| scale | new | 2026-01-02 |" in page


def test_a_part_that_failed_leaves_its_last_figures_and_says_so():
    old = Results(made={"scale": THEN}, scale=scaled("5"), left_out={"scale: 7": "no memory", "live": "no Kafka"})
    failed = merged(old, Results(left_out={"scale": "it ended"}))
    assert (failed.scale, failed.made) == (scaled("5"), {"scale": THEN})
    assert failed.left_out == {"scale: 7": "no memory", "live": "no Kafka", "scale": "it ended"}
    assert merged(failed, Results(made={"scale": NOW}, scale=scaled("7"))).left_out == {"live": "no Kafka"}


def test_counts_of_other_commits_stay():
    def counted(*found: tuple[str, str, int]) -> Results:
        counts = [Counted(source, "fixed", commit, "2026-01-01", n) for source, commit, n in found]
        return Results(made={"instructions": NOW}, instructions=counts)

    old, new = counted(("stream", "a", 5), ("ga360", "b", 6), ("stream", "b", 7)), counted(("stream", "b", 8))
    found = [(count.source, count.commit, count.instructions) for count in merged(old, new).instructions]
    assert found == [("ga360", "b", 6), ("stream", "a", 5), ("stream", "b", 8)]


def test_the_published_numbers_say_where_each_part_comes_from():
    found = msgspec.json.decode(NUMBERS.read_bytes(), type=Results)
    parts = {*found.tables, *(name for name in Results.__struct_fields__ if getattr(found, name))}
    assert parts - {"made", "versions", "tables", "left_out", "notes", "instructions"} <= set(found.made)


@pytest.mark.parametrize(("given", "kept"), [((), True), (("--quick",), False), (("--peers", "kairos"), False)])
def test_each_part_is_put_into_the_results_unless_it_is_for_the_eye_alone(tmp_path, monkeypatch, given, kept):
    for name in ("NUMBERS", "PAGE", "CHART"):
        monkeypatch.setattr(cli, name, tmp_path / name)
    cli.NUMBERS.write_bytes(msgspec.json.encode(Results(made={"stream": THEN}, tables={"stream": table("kairos")})))
    elsewhere = tmp_path / "elsewhere.json"
    args = options.parser().parse_args([*given, "--json", str(elsewhere)])
    cli.keep(args, Results(made={"scale": NOW}, scale=scaled("7")))
    assert msgspec.json.decode(elsewhere.read_bytes(), type=Results).made == {"scale": NOW}
    found = msgspec.json.decode(cli.NUMBERS.read_bytes(), type=Results)
    assert found.made == {"stream": THEN, "scale": NOW} if kept else {"stream": THEN}
    assert cli.PAGE.exists() == cli.CHART.exists() == kept
    if kept:
        assert "## From few shoppers to many" in cli.PAGE.read_text()
