"""`kairos dlq` as an operator sees it, over a topic that is made up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from kafka.errors import KafkaTimeoutError

from kairos.dlq.advice import ADVICE, CODES
from kairos.replay.kafka import Placed
from tests.conftest import Run
from tests.kairos.dlq.dead_letters import letter, topic
from tests.kairos.terminal.hostile import STRINGS, harmless

KAFKA = {"KAFKA_URL": "127.0.0.1:1"}
ORDER = b'{"type":"track","event":"Order Completed","userId":"u1","timestamp":"2026-04-01T10:00:00Z","properties":%b}'
BAD = ORDER % b'{"order_id":"o1","revenue":"40,00"}'
GOOD = ORDER % b'{"order_id":"o1","revenue":40}'


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Placed]:
    """What a re-drive wrote."""
    records: list[Placed] = []

    async def write(settings: object, found: Iterable[object], console: object) -> None:
        records.extend(found)  # type: ignore[arg-type]

    monkeypatch.setattr("kairos.dlq.redrive._write", write)
    return records


@pytest.mark.parametrize("command", [("list",), ("show", "x"), ("redrive", "x", "--yes")])
def test_without_kafka(run: Run, command: tuple[str, ...]) -> None:
    result = run("dlq", *command)
    assert result.exit_code == 2
    assert result.stderr.startswith("kairos: KAFKA_URL: not set; dead letters are kept in Kafka")
    assert "`kairos tail --demo dead-letters" in result.stderr


def test_kafka_that_stops_answering(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(settings: object, topic: str) -> Iterator[object]:
        raise KafkaTimeoutError("gone")
        yield

    monkeypatch.setattr("kairos.dlq.dead_letters.read", read)
    result = run("dlq", "list", **KAFKA)
    assert result.exit_code == 1
    assert "gone; is it running, and KAFKA_URL right?" in result.stderr


def test_list(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    topic(monkeypatch, [letter(2, "not_json", user_id=None, key=None), letter(1), letter(0)])
    result = run("dlq", "list", "--limit", "2", **KAFKA)
    first, second, total = result.stdout.splitlines()
    assert first.split() == f"2026-04-01T10:00:00Z wrong_type cart {1:032x} u1 it had to be".split()
    assert second.split() == f"2026-04-01T10:00:00Z not_json cart {2:032x} - it had to be".split()
    assert total == "3 dead letters: wrong_type 2, not_json 1, the newest 2 shown"
    as_json = run("dlq", "list", "--json", "--code", "not_json", **KAFKA).stdout.splitlines()
    assert [json.loads(line)["offset"] for line in as_json] == [2]
    assert run("dlq", "list", "--since", "2026-04-02", **KAFKA).stdout == "no dead letter matches\n"
    refused = run("dlq", "list", "--code", "typo", **KAFKA)
    assert (refused.exit_code, "expected not_json or" in refused.stderr) == (2, True)


def test_show_has_everything(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    topic(monkeypatch, [letter(7, value=BAD, role="orders", topic="orders", partition=3, copy=1)])
    shown = run("dlq", "show", f"{7:032x}", **KAFKA).stdout
    for part in (
        "wrong_type",
        "it had to be",
        "--replace FILE",
        "orders[3] offset 7",
        BAD.decode(),
        "u1",
        "copy       1",
    ):
        assert part in shown
    assert "without its amount" in shown
    assert run("dlq", "show", f"{7:032x}", "--raw", **KAFKA).stdout_bytes == BAD


def test_show_bytes_that_are_no_text(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    topic(monkeypatch, [letter(value=b"\xff" * 40, size=100_000, key=b"\xfe")])
    shown = run("dlq", "show", f"{0:032x}", **KAFKA).stdout
    assert f"00000000  {' '.join(['ff'] * 32)}\n00000020  {' '.join(['ff'] * 8)}\n" in shown
    assert "key        00000000  fe" in shown
    assert "100,000 bytes, of which the first 40 are here" in shown
    assert "never sent" in shown


@pytest.mark.parametrize("text", STRINGS.values(), ids=STRINGS)
def test_what_strangers_sent_does_nothing_to_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    hostile = letter(user_id=text, reason=text, topic=text, key=text.encode(), value=text.encode())
    topic(monkeypatch, [hostile])
    for command in (["list"], ["list", "--json"], ["show", hostile.id], ["show", hostile.id, "--json"]):
        assert harmless(run("dlq", *command, **KAFKA).stdout)


def test_every_code_has_its_advice() -> None:
    assert set(CODES) == ADVICE.keys()


def test_redrive(run: Run, monkeypatch: pytest.MonkeyPatch, written: list[Placed]) -> None:
    cut = letter(2, "too_large", size=1 << 20)
    topic(monkeypatch, [letter(0, "misrouted", value=GOOD, role="orders"), letter(1), cut])
    dry = run("dlq", "redrive", "--all", "--dry-run", **KAFKA)
    assert dry.exit_code == 0
    assert dry.stdout.endswith("would re-drive 2: cart 1, orders 1\n")
    assert not written
    result = run("dlq", "redrive", "--all", "--yes", **KAFKA)
    assert (result.exit_code, result.stdout) == (0, "re-driven 2: cart 1, orders 1\n")
    assert len(written) == 2
    assert f"left out, since only the beginning of the record is there: 1 ({cut.id})" in result.stderr
    assert "back as new dead letters: bad_timestamp 1" in result.stderr
    nothing = run("dlq", "redrive", cut.id, "--yes", **KAFKA)
    assert (nothing.exit_code, len(written)) == (1, 2)
    assert nothing.stderr.endswith("kairos: nothing to re-drive\n")


def test_what_does_not_go_together(run: Run, monkeypatch: pytest.MonkeyPatch, written: list[Placed]) -> None:
    topic(monkeypatch, [letter(0)])
    for options, told in (
        (["--yes"], "which ones?"),
        (["--all"], "nobody can be asked"),
        (["--all", "--yes", "--replace", "x"], "name its id"),
        (["a", "b", "--yes", "--replace", "x"], "name its id"),
        ([letter(0).id, "--yes", "--replace", "no-such-file"], "--replace no-such-file: No such file"),
    ):
        result = run("dlq", "redrive", *options, **KAFKA)
        assert result.exit_code == 2
        assert told in result.stderr
    assert not written


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (BAD, "would be refused again, wrong_type: "),
        (b"", "would be refused again, not_json: "),
        (b'{"type":"kairos.tick","timestamp":"2026-04-01T10:00:00Z"}', "is a tick"),
    ],
)
def test_a_correction_must_read(
    run: Run, monkeypatch: pytest.MonkeyPatch, written: list[Placed], value: bytes, told: str
) -> None:
    topic(monkeypatch, [letter(0, value=BAD)])
    result = run("dlq", "redrive", letter(0).id, "--replace", "-", "--yes", input=value, **KAFKA)
    assert (result.exit_code, told in result.stderr, written) == (2, True, [])


def test_a_correction(run: Run, monkeypatch: pytest.MonkeyPatch, written: list[Placed], tmp_path: Path) -> None:
    topic(monkeypatch, [letter(0, value=BAD, size=1 << 20)])  # it holds all of the corrected message
    (tmp_path / "fixed.json").write_bytes(GOOD + b"\n")
    result = run("dlq", "redrive", letter(0).id, "--replace", "fixed.json", "--yes", **KAFKA)
    assert (result.exit_code, result.stderr) == (0, "")
    assert written[0][1:] == (b"u1", GOOD, "u1")  # type: ignore[comparison-overlap]


def test_a_correction_that_speaks_of_something_else(
    run: Run, monkeypatch: pytest.MonkeyPatch, written: list[Placed]
) -> None:
    topic(monkeypatch, [letter(0, value=BAD)])
    other = GOOD.replace(b'"o1"', b'"o2"').replace(b'"u1"', b'"u2"')
    result = run("dlq", "redrive", letter(0).id, "--replace", "-", "--yes", input=other, **KAFKA)
    assert "the letter is of shopper u1, the corrected message of u2" in result.stderr
    assert "the letter is about order o1, the corrected message about o2" in result.stderr
    assert len(written) == 1


@pytest.mark.parametrize(("answer", "count"), [("y\n", 1), ("n\n", 0), ("\n", 0)])
def test_on_a_terminal_it_asks(
    run: Run, monkeypatch: pytest.MonkeyPatch, written: list[Placed], answer: str, count: int
) -> None:
    topic(monkeypatch, [letter(0)])
    monkeypatch.setattr("kairos.dlq.redrive._somebody_there", lambda: True)
    result = run("dlq", "redrive", "--all", input=answer.encode(), **KAFKA)
    assert "Re-drive 1 (cart 1)? [y/N]:" in result.stderr
    assert (len(written), result.exit_code) == (count, 0 if count else 130)
