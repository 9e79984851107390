"""An order whose money could not be read gets its amount from a corrected re-drive: once, and at its own time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from kairos.config.settings import Settings
from kairos.dlq.redriving import Redriven, corrected, plan
from kairos.replay.local import Local
from kairos.replay.row import Span
from kairos.terminal.times import now, stamp
from models.decoding.decoder import Decoder
from models.features import ShopSettings
from models.kernel.outputs import DEAD_LETTERS, DeadLetter
from models.kernel.settings import DAY, HOUR
from sinks.memory_outputs import MemoryOutputs
from sinks.memory_store import MemoryStore
from sinks.read_model import profile
from tests.kairos.dlq.dead_letters import AT

SETTINGS = Settings(shop=ShopSettings(table_every=0, misrouted="reject"))
READER = Decoder(SETTINGS.shop)
FACTS = ("orders", "valid", "gross", "net", "last", "frequency", "monetary", "occasions", "gap_days", "ring")


def order(number: int, at: int, revenue: object) -> bytes:
    properties = {"order_id": f"o{number}", "revenue": revenue}
    call = {"messageId": f"m{number}", "type": "track", "event": "Order Completed", "userId": "u1"}
    return msgspec.json.encode(call | {"timestamp": stamp(at), "properties": properties})


class Orders:
    """A shop in this process that is sent one shopper's orders."""

    def __init__(self) -> None:
        self.store, self.outputs = MemoryStore(), MemoryOutputs()
        self.engine = Local(SETTINGS, 4, self.store, self.outputs)
        self.now = AT

    def send(self, *values: bytes) -> None:
        self._pass([(None, 2, b"u1", value) for value in values])

    def redrive(self, records: list[Redriven]) -> None:
        for again in records:
            role, partition, key, value = again.placed(self.engine.route)
            self.engine.logs[SETTINGS.roles[role][0]][partition].append(now(), key, value)
        self._pass([])

    def _pass(self, rows: Any) -> None:
        """Time goes on, so that everything sent is folded."""
        self.now += 30 * DAY
        self.engine.feed(Span(rows, self.now))
        self.engine.turn()

    @property
    def dead_letters(self) -> list[DeadLetter]:
        said = [message for _, message in self.outputs.messages if message.topic == DEAD_LETTERS]
        return [msgspec.json.decode(message.value, type=DeadLetter) for message in said]

    @property
    def facts(self) -> dict[str, Any]:
        known = profile(self.store, "u1", SETTINGS.shop)
        assert known is not None
        return {name: known["buyer"][name] for name in FACTS}

    @property
    def counts(self) -> Counter[str]:
        names = ("applied", "duplicates", "dead_letters", "orders", "order_conflict", "revenue:USD")
        return Counter({name: sum(int(self.store.stats(p).get(name, 0)) for p in range(4)) for name in names})


def test_a_corrected_redrive_supplies_the_amount_once() -> None:
    shop, sound = Orders(), Orders()
    shop.send(order(1, AT + HOUR, "40,00"))
    sound.send(order(1, AT + HOUR, 40))
    for each in (shop, sound):
        each.send(order(2, AT + 20 * DAY, 7.5))
    [letter] = shop.dead_letters
    assert (letter.code, letter.user_id, letter.as_of) == ("wrong_type", "u1", AT + HOUR)
    assert (shop.facts["orders"], shop.facts["gross"]) == (2, 750)

    before = shop.counts
    shop.redrive(plan([letter], READER).records)
    assert shop.counts - before == {"dead_letters": 1}
    assert [again.copy for again in shop.dead_letters] == [0, 1]

    fixed = corrected(letter, order(1, AT + HOUR, 40), READER).records
    before = shop.counts
    shop.redrive(fixed)
    assert shop.counts - before == {"applied": 1, "revenue:USD": 4000}
    assert shop.facts == sound.facts  # decayed money too: at the order's own time, though it came three months late
    assert shop.counts["order_conflict"] == 0

    before = shop.counts
    shop.redrive(fixed)
    assert shop.counts - before == {"duplicates": 1}
    assert shop.facts == sound.facts


def test_a_misrouted_record_is_put_right() -> None:
    shop, value = Orders(), order(1, AT + HOUR, 40)
    right = shop.engine.route.partition(b"u1")
    shop.engine.logs["orders"][(right + 1) % 4].append(now(), b"u1", value)
    shop.send()
    [letter] = shop.dead_letters
    assert (letter.code, letter.partition, shop.counts["orders"]) == ("misrouted", (right + 1) % 4, 0)
    shop.redrive(plan([letter], READER).records)
    assert (shop.facts["gross"], len(shop.dead_letters)) == (4000, 1)
