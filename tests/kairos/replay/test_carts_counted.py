"""The counter of carts that are waited for is what the profiles hold, while they fill, close and expire."""

from __future__ import annotations

from pathlib import Path

from kairos.config.settings import load
from kairos.replay import ticks
from kairos.replay.local import Local
from kairos.replay.segment import Segment
from models.features import SHOPPERS
from models.kernel.moment import slot
from models.kernel.settings import DAY
from models.profile import codec
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.read_model import summary
from tests.kairos.shops import write


def held(store: MemoryStore) -> int:
    """Carts that are armed or have an open generation, over all profiles."""
    packed = (value for shard in range(store.partitions()) for _, value in store.profiles(shard))
    states = (slot(codec.decode(value), SHOPPERS.named["carts"]) for value in packed)
    return sum(bool(cart.armed) or len(cart.open) > 0 for state in states if state is not None for cart in state.carts)


def test_carts_are_counted_while_something_is_to_be_heard_of_them(tmp_path: Path) -> None:
    settings, store = load({}), MemoryStore()
    engine = Local(settings, 2, store, MemoryOutputs())
    spans = list(ticks.spans(Segment([write(tmp_path, hours=30)], settings.shop)))
    seen = set()
    for span in spans:
        engine.feed(span)
        engine.turn()
        assert summary(store).counts["carts"] == held(store)
        seen.add(held(store))
    assert len(seen) > 10
    assert spans[-1].tick is not None
    for span in ticks.spans([], until=spans[-1].tick + 8 * DAY):  # beyond the window of recovery
        engine.feed(span)
    engine.finish()
    assert (summary(store).counts["carts"], held(store)) == (0, 0)
