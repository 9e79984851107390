"""What is timed of the churn model is what it says, and what is told of it."""

from __future__ import annotations

import pytest

from bench.churn import full_buyer
from bench.churn.footprints import Everything, Footprint, parts
from bench.churn.operations import BATCHES, COMPUTED, COVARIATES, DECODED, IDLE, OFF, ON, PLAIN, batch, operations
from bench.churn.recording import CLICK, KEPT, LABEL, ORDER, Recorded, record
from bench.churn.results import Churn
from bench.churn.timing import timed
from bench.page import churn
from kairos.config.settings import load
from kairos.replay import ticks
from kairos.replay.local import Local
from models.churn.counts import Counts
from models.churn.model import Model
from models.profile import codec
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore

START = 1_709_510_400_000


@pytest.fixture(scope="module")
def recorded() -> Recorded:
    return record(12_000)


@pytest.mark.slow
def test_calls_are_folded_again_with_the_model_and_without(recorded: Recorded) -> None:
    made = operations(recorded)
    assert recorded.calls.keys() == {ORDER, CLICK, LABEL}
    for kind, calls in recorded.calls.items():
        assert 20 < len(calls) <= KEPT
        for name in [kind] if kind == LABEL else [f"{kind}, {ON}", f"{kind}, {OFF}"]:
            assert len(made[name].ready()) == len(calls)
    for name, labels in ((LABEL, 1), (f"{ORDER}, {ON}", 0), (f"{ORDER}, {OFF}", 0)):
        for call in made[name].ready():
            ctx = call.args[0]
            before = ctx.effects.counts["labels"]
            call()
            assert ctx.effects.counts["labels"] - before == labels
            assert bool(ctx.tables["model"].version) == (OFF not in name)


@pytest.mark.slow
def test_the_newest_model_is_made_again(recorded: Recorded) -> None:
    made = operations(recorded)
    full, idle = (Model.decode(bytes(made[name].ready()[0]())) for name in (COMPUTED, IDLE))  # type: ignore[arg-type]
    assert full.encode() == recorded.tables[max(recorded.tables)][1]
    assert Counts.decode(recorded.counts).sequence
    assert full.rival.labels > idle.rival.labels
    assert full.hazard == idle.hazard


@pytest.mark.slow
def test_times_are_of_one_thing_each(recorded: Recorded) -> None:
    made = operations(recorded)
    few = {name: made[name] for name in (PLAIN, batch(256))}
    assert [operation.things for operation in few.values()] == [1, 256]
    found = timed(few, 2)
    assert all(len(rounds) == 2 for rounds in found.values())
    assert max(found[batch(256)]) < min(found[PLAIN])


def test_every_fact_is_kept_of_the_buyer_with_everything() -> None:
    store = MemoryStore()
    engine = Local(load({}), 1, store, MemoryOutputs())
    engine.run(ticks.spans([full_buyer.rows(START)]))
    packed = dict(store.profiles(0))[full_buyer.WHO]
    assert packed is not None
    found = parts(packed)
    assert sum(found.values()) == len(packed)
    assert min(found.values()) > 0
    for name in (
        "orders",
        "carts",
        "interests",
        "habits",
        "hesitating",
        "examples",
        "next_order_due",
        "scores",
        "stage",
    ):
        assert found[name] > 4, name
    assert len(codec.decode(packed).tags or ()) // 2 >= 8


def measured(click: int, mean: float, full: int) -> Churn:
    names = [f"{kind}, {name}" for kind in (ORDER, CLICK) for name in (ON, OFF)]
    names += [LABEL, COVARIATES, PLAIN, *map(batch, BATCHES), COMPUTED, IDLE, DECODED]
    micros = {name: [40.0, 60.0, 50.0] if name.endswith(ON) else [20.0, 20.0, 20.0] for name in names}
    counted = {f"{CLICK}, {ON}": click, f"{CLICK}, {OFF}": 50_000}
    everything = Everything(14, 11, full - 300, 200, 100.0, {"orders": 388, "the rest": 90})
    return Churn(
        18, micros, counted, [1.5, 1.4, 1.6], [Footprint("a shop", 900, mean, 90, 800, 990, 1_100)], everything
    )


@pytest.mark.parametrize(("figures", "word"), [((51_000, 700.0, 1_200), "Met"), ((51_001, 700.1, 1_201), "Missed")])
def test_what_is_told(figures: tuple[int, float, int], word: str) -> None:
    page = "\n".join(churn.section(measured(*figures)))
    assert f"| {ORDER}, {ON} | 50.0 (40.0–60.0) |  | 2.50 × |" in page
    assert "18 labels of that day here" in page
    assert "1.5 (1.4–1.6) s of processor time" in page
    assert f"within 2%. {word}: 1.020 times." in page
    assert f"mean shopper of each shop. {word}: 700." in page
    assert f"buyer with everything. {word}: {figures[2]:,}." in page
    assert "| in the profile: orders | 388 |" in page
    assert churn.section(None) == []
