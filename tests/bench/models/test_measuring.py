"""A data set whole: the engine goes from cut to cut as it goes at once, and nothing after a cut is known at it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import msgspec
import pytest
from rich.console import Console

from bench.models import __main__ as command
from bench.models import anchors, page, picture, production, recency
from bench.models.cut import Cut
from bench.models.data_sets import CDNOW, DATA_SETS, DataSet
from bench.models.histories import Folded, fold
from bench.models.measuring import Measuring
from bench.models.purchases import Floats
from bench.models.results import Found, Results
from bench.results import Made
from kairos.config.settings import load
from kairos.replay import dump
from sinks import read_model

DAYS = 130
SVG = "{http://www.w3.org/2000/svg}"
SMALL = CDNOW._replace(file="cdnow/cdnow.txt", cut=60, horizons=(30,), alerts=30)
MADE = Made("2026-01-01", "abc", "make bench-models", "a machine")


def shop(folder: Path, buyers: int = 120, until: int = DAYS, seed: int = 1) -> Path:
    """Buyers of the first 40 days who come back every few weeks or not at all, as CDNOW has them."""
    draw, lines = Random(seed), ["ID DATE CDs DOLLARS"]
    for buyer in range(1, buyers + 1):  # an id of zeros is nobody
        day, gap = draw.randrange(40), draw.choice((6, 20, 60))
        while day < until:
            at = CDNOW.start + timedelta(days=day)
            lines.append(f" {buyer:05} {at:%Y%m%d} {draw.randrange(1, 5)} {draw.uniform(5, 60):.2f}")
            day += 1 + round(draw.expovariate(1 / gap)) if draw.random() < 0.85 else until
    (folder / "cdnow").mkdir(parents=True, exist_ok=True)
    (folder / SMALL.file).write_text("\n".join(lines) + "\n")
    return folder


def state(folded: Folded) -> list[bytes]:
    """All that is known and said."""
    said = dump.outputs(dump.PublishedOutput(m.topic, m.key, m.value) for _, m in folded.outputs.messages)
    lines = [*dump.profiles(folded.store, folded.settings.shop), *said]
    return sorted(map(dump.encode, lines))


def folded(data: Path, data_set: DataSet, days: list[int]) -> list[list[bytes]]:
    settings = load({})
    rows = data_set.rows(data_set.path(data), settings.shop)
    return [state(each) for each in fold(rows, settings, [data_set.at(day) for day in days], lambda done: None)]


def test_from_cut_to_cut_the_engine_comes_to_what_it_comes_to_at_once(tmp_path: Path) -> None:
    data = shop(tmp_path)
    assert folded(data, SMALL, [20, 60, 100])[2] == folded(data, SMALL, [100])[0]


def test_at_a_cut_every_shard_has_come_to_it(tmp_path: Path) -> None:
    """Also where nothing happens for days before it, so that what is due by then has happened."""
    settings, data = load({}), shop(tmp_path, until=40)
    rows = SMALL.rows(SMALL.path(data), settings.shop)
    (found,) = fold(rows, settings, [SMALL.at(60)], lambda done: None)
    assert set(read_model.watermarks(found.store)) == {SMALL.at(60)}


def test_what_comes_after_a_cut_changes_nothing_at_it(tmp_path: Path) -> None:
    """The same shop, closed at the cut: the engine, recency and the closed forms know the same."""
    whole, closed = shop(tmp_path / "whole"), tmp_path / "closed"
    lines = (whole / SMALL.file).read_text().splitlines()
    before = [line for line in lines[1:] if line.split()[1] < f"{CDNOW.start + timedelta(days=SMALL.cut):%Y%m%d}"]
    (closed / "cdnow").mkdir(parents=True)
    (closed / SMALL.file).write_text("\n".join([lines[0], *before]) + "\n")
    assert len(before) < len(lines) - 100
    assert folded(whole, SMALL, [60]) == folded(closed, SMALL, [60])
    one, other = (predicted(data) for data in (whole, closed))
    assert {name: p.tolist() for name, p in one.items()} == {name: p.tolist() for name, p in other.items()}


def at_cut(data: Path) -> Cut:
    settings = load(SMALL.settings)
    rows = SMALL.rows(SMALL.path(data), settings.shop)
    (folded,) = fold(rows, settings, [SMALL.at(SMALL.cut)], lambda done: None)
    return Cut(SMALL.purchases(data), SMALL.cut, folded)


def predicted(data: Path) -> dict[str, Floats]:
    cut = at_cut(data)
    asked = {**production.ask(cut).predictors, **recency.ask(cut), **anchors.ask(cut)}
    return {name: predictor(cut.names, 30) for name, predictor in asked.items()}


def test_the_engine_is_asked_as_kairos_profile_asks_it(tmp_path: Path) -> None:
    """For the shop's own horizon; and it has learned, from the prior that it was told to begin with."""
    cut = at_cut(shop(tmp_path))
    folded, engine = cut.folded, production.ask(cut)
    model = read_model.model(folded.store)
    assert model is not None
    assert (model.prior, model.counts.labels.labels > 100) == ("without_cdnow", True)
    shown = [read_model.churn_outlook(folded.store, name, folded.settings.shop) for name in cut.names]
    live = engine.predictors[engine.live]
    assert (1 - live(cut.names, 90)).tolist() == pytest.approx([o.risk for o in shown], abs=1e-4)
    assert (
        engine.predictors["hazard"](cut.names, 90).tolist()
        != engine.predictors["hazard, prior alone"](cut.names, 90).tolist()
    )


def test_a_buyer_whom_the_engine_does_not_know_is_no_guess(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        production.ask(at_cut(shop(tmp_path))).predictors["hazard"](["nobody"], 30)


def test_the_truth_is_not_told_beyond_the_data(tmp_path: Path) -> None:
    cut = Cut(SMALL.purchases(shop(tmp_path)), 100, None)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="the data end"):
        cut.ordered(90)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    data = shop(tmp_path_factory.mktemp("shop"), until=170)
    return Measuring(SMALL, data, Console(file=StringIO())).run(MADE)


@pytest.mark.slow
def test_every_part_of_a_data_set_is_measured(found: Found) -> None:
    (horizon,) = found.horizons
    names = [score.name for score in horizon.scores]
    assert names[:4] == ["who judges", "hazard", "hazard, prior alone", "River rival"]
    assert names[4:7] == ["MBG/NBD, live", "recency × frequency", "recency alone"]
    assert {fit.name for fit in found.fits} == set(names[7:])
    assert all(score.differences for score in horizon.scores if score.name != horizon.best)
    assert [point.day for point in found.curve] == [14, 28, 42, 56]
    assert found.alerts is not None
    assert [row.early for row in found.alerts.shares if row.overdue] == [0] * 4
    for score in horizon.scores:
        assert sum(b.size for b in score.bins) == horizon.buyers
        assert sum(b.size * b.observed for b in score.bins) == pytest.approx(horizon.base * horizon.buyers)


@pytest.mark.slow
def test_the_page_and_the_picture_show_what_was_found(found: Found) -> None:
    """Through the file of results, as `--redraw` reads it."""
    kept = msgspec.json.decode(msgspec.json.encode(Results({found.name: found})), type=Results)
    text, drawn = page.markdown(kept), picture.svg(kept)
    for score in found.horizons[0].scores:
        assert f"| {score.name} | {page.shown(score.measures['auc'])} |" in text
    assert text.count("| 10%") == 2
    assert "### Learning curve" in text
    assert "cdnow, 30 days" in drawn
    names = [found.horizons[0].scores[0].name, "recency alone", found.horizons[0].best]
    assert [text.text for text in ElementTree.fromstring(drawn).iter(f"{SVG}text") if text.text in names] == names
    assert drawn.count("<circle") == sum(len(score.bins) for score in found.horizons[0].scores if score.name in names)


def test_a_missing_file_is_named_before_anything_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--data", str(tmp_path), "--only", "cdnow"]) == 1
    said = capsys.readouterr().err.replace("\n", "")
    assert f"there is no {tmp_path / CDNOW.file}" in said
    assert "--data" in said


@pytest.mark.parametrize("data_set", DATA_SETS.values(), ids=lambda data_set: data_set.name)
def test_days_count_from_the_first_of_the_data(data_set: DataSet) -> None:
    midnight = date.fromordinal(data_set.at(0) // 86_400_000 + date(1970, 1, 1).toordinal())
    assert (midnight, data_set.at(2) - data_set.at(0)) == (data_set.start, 2 * 86_400_000)
    assert json.dumps(dict(data_set.settings))
