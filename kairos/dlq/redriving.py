"""What a re-drive writes: the records of dead letters, each to the input and the partition where it belongs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kairos.dlq.dead_letters import truncated
from kairos.dlq.returning import returns
from kairos.replay.kafka import Placed
from kairos.replay.route import Route
from models.decoding.decoder import Decoder
from models.kernel.events import ROLES, Tick
from models.kernel.outputs import DeadLetter

NOW = -1


class Redriven(NamedTuple):
    """A record to be written again; `shopper` is whose it is ("" if it does not say)."""

    letter: DeadLetter
    key: bytes | None
    value: bytes | None
    shopper: str

    @property
    def role(self) -> int:
        """Rank of the role of the topic it came from."""
        return ROLES.index(self.letter.role)

    def placed(self, route: Route) -> Placed:
        """Its place: the shopper's partition, whatever the key; else the key's; else the one it came from."""
        leads = self.shopper.encode() or self.key
        partition = route.partition(leads) if leads else self.letter.partition % route.partitions
        return self.role, partition, self.key, self.value


class RedrivePlan(NamedTuple):
    """What goes out, what cannot (the letter holds but a part of it, or a tick), how many of each code would be refused
    again by the settings as they are, and what goes out to endpoints."""

    records: list[Redriven]
    left_out: list[DeadLetter]
    refused: Counter[str]
    returned: list[DeadLetter]

    @property
    def size(self) -> int:
        """How many go out."""
        return len(self.records) + len(self.returned)


def plan(dead_letters: Iterable[DeadLetter], reader: Decoder) -> RedrivePlan:
    """How to re-drive dead letters as they came."""
    found = RedrivePlan([], [], Counter(), [])
    for letter in dead_letters:
        if returns(letter):
            (found.left_out if truncated(letter) else found.returned).append(letter)
            continue
        reading = reader.read(letter.value, NOW)
        if truncated(letter) or type(reading.event) is Tick:
            found.left_out.append(letter)
            continue
        found.records.append(Redriven(letter, letter.key, letter.value, reading.shopper))
        if reading.rejected is not None:
            found.refused[reading.rejected.code] += 1
    return found


def corrected(letter: DeadLetter, value: bytes, reader: Decoder) -> RedrivePlan:
    """How to re-drive a letter with another value, which reads; its key is the shopper's."""
    shopper = reader.read(value, NOW).shopper
    return RedrivePlan([Redriven(letter, shopper.encode(), value, shopper)], [], Counter(), [])


def roles(records: Iterable[Redriven]) -> Iterator[tuple[str, int]]:
    """How many go to each role's input."""
    counts = Counter(record.letter.role for record in records)
    yield from ((role, counts[role]) for role in ROLES if counts[role])
