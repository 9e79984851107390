"""`kairos lift`: arms, rates and verdicts, in words and as JSON; and where there is nothing to tell."""

from __future__ import annotations

import io
import json
from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

import pytest
from rich.console import Console

from kairos.commands import lift
from kairos.replay import ticks
from models.kernel.events import ORDER
from models.kernel.settings import DAY
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from tests import golden
from tests.conftest import Run
from tests.dashboard.called import SETTINGS, fold
from tests.sinks.batches import batch

OPEN = {"trials:carts:100:treated": 18_000, "conversions:carts:100:treated": 1_170,
        "trials:carts:100:holdout": 2_000, "conversions:carts:100:holdout": 100}  # fmt: skip
EARLY = {"trials:churn:100:treated": 900, "conversions:churn:100:treated": 45,
         "trials:churn:100:holdout": 100, "conversions:churn:100:holdout": 2}  # fmt: skip
OLDER = {"trials:carts:50:treated": 190_000, "conversions:carts:50:treated": 9_000,
         "trials:carts:50:holdout": 10_000, "conversions:carts:50:holdout": 600}  # fmt: skip


def store(*shards: dict[str, int]) -> MemoryStore:
    """A store whose shards counted that."""
    found = MemoryStore()
    for partition, counted in enumerate(shards):
        found.claim(partition, "t", schema=1, partitions=len(shards))
        found.apply(partition, "t", 1, batch(stats={name: str(n) for name, n in counted.items()}))
    return found


def shown(found: MemoryStore, holdout: float = 0.1) -> list[str]:
    out = io.StringIO()
    lift.show(Console(file=out, width=200), found, holdout, as_json=False)
    return out.getvalue().splitlines()


def as_json(found: MemoryStore, capsys: pytest.CaptureFixture[str], holdout: float = 0.1) -> Any:
    lift.show(Console(file=io.StringIO()), found, holdout, as_json=True)
    return json.loads(capsys.readouterr().out)


def test_all_shards_add_up_and_experiments_stand_apart() -> None:
    lines = shown(store(OPEN, OPEN | OLDER, EARLY))
    assert lines[0].split() == ["programme", "held", "out", "arm", "shoppers", "ordered", "rate"]
    assert lines[1].split() == ["carts", "10.0%", "treated", "36,000", "2,340", "6.50%"]
    assert lines[2].split() == ["holdout", "4,000", "200", "5.00%"]
    assert lines[3].startswith("  lift +30% (+")
    assert "; in points +1.50 (+0." in lines[3]
    assert lines[4] == "  Decided: more order with a message than without."
    assert lines[6].split() == ["carts", "5.0%", "treated", "190,000", "9,000", "4.74%"]
    assert lines[8].startswith("  lift −21% (−")
    assert lines[9] == "  Decided: fewer order with a message than without. Think about ending this programme."
    assert lines[11].split() == ["churn", "10.0%", "treated", "900", "45", "5.00%"]
    assert lines[13] == (
        "  Not enough yet: 3 more orders (3 of shoppers held out) before anything can be told, which takes about 1,500 "
        "more shoppers."
    )
    assert "may be looked at any time" in lines[-1]


def test_what_is_open_says_how_many_more() -> None:
    assert "  Not decided yet: about 11,000 more carts are needed, if the lift is +29%." in shown(store(OPEN))
    assert "  Ended undecided: another share is held out now." in shown(store(OPEN), 0.2)


def test_where_nothing_is_to_tell(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(MemoryStore()) == [lift.NOTHING]
    assert [line for line in shown(store({})) if "Nothing was counted yet." in line] == [
        "  Nothing was counted yet."
    ] * 2
    assert shown(store({}), 0) == ["Nobody is held out (KAIROS_HOLDOUT is 0): there is nothing to compare with."]
    empty = as_json(MemoryStore(), capsys)
    assert [(each["programme"], each["lift"]["verdict"]) for each in empty["experiments"]] == [
        ("carts", "early"),
        ("churn", "early"),
    ]
    assert as_json(MemoryStore(), capsys, 0) == {"holdout": 0, "experiments": []}


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(store(OPEN), capsys)
    carts = found["experiments"][0]
    assert (found["holdout"], carts["permille"], carts["running"]) == (0.1, 100, True)
    assert carts["arms"] == {
        "treated": {"begun": 18_000, "converted": 1_170},
        "holdout": {"begun": 2_000, "converted": 100},
    }
    assert carts["lift"]["relative"] == pytest.approx(0.3)
    assert carts["lift"]["trials_needed"] == 11_000


def test_the_command_says_where_it_looks(run: Run) -> None:
    result = run("lift")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no server: start `make demo` or set REDIS_URL" in result.stderr
    assert "held out" in run("lift", "--help").stdout


PERIODS = {"carts": 7 * DAY, "churn": 30 * DAY}


def bought(seed: int) -> dict[str, dict[str, int]]:
    """When each order of a shop was first reported to have happened, by shopper and order id."""
    found: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for span in ticks.spans(golden.SMALL[f"simulated-{seed}"](SETTINGS)):
        for _, role, user, value in span.rows:
            if role == ORDER and (call := json.loads(value))["event"] == "Order Completed":
                at = datetime.fromisoformat(call["timestamp"]).timestamp()
                found[user.decode()].setdefault(call["properties"]["order_id"], round(at * 1000))
    return found


def decided(outputs: MemoryOutputs) -> dict[tuple[str, str], list[tuple[int, str]]]:
    """By programme and shopper, when it was decided in which arm the shopper is, and in which."""
    found: defaultdict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for _, sent in outputs.messages:
        message = json.loads(sent.value)
        programme = {"cart-abandonments": "carts", "churn-alerts": "churn"}.get(sent.topic)
        if programme and (message["kind"] in ("triggered", "raised") or message["reason"] in ("holdout", "cap")):
            found[programme, message["user_id"]].append((message["as_of"], message["arm"]))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_shards_count_is_what_messages_and_orders_say(seed: int) -> None:
    """Counted again: where a shopper's arm is decided a trial begins, for the period of its programme, and the next one
    no sooner than its end; an order within it converts it."""
    held = MemoryStore()
    orders, found = bought(seed), Counter[str]()
    for (programme, user), times in decided(fold(held, seed)).items():
        until = 0
        for at, arm in sorted(times):
            if at >= until:
                until = at + PERIODS[programme]
                won = any(at < e <= until for e in orders[user].values())
                found.update({f"trials:{programme}:100:{arm}": 1, f"conversions:{programme}:100:{arm}": won})
    counts: Counter[str] = Counter()
    for stats in map(held.stats, range(held.partitions())):
        counts.update({name: int(n) for name, n in stats.items() if name.startswith(("trials:", "conversions:"))})
    assert +found == +counts
    assert found["trials:carts:100:holdout"] > 10
