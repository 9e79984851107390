"""What the peers share: their configuration, the fold, and how they tell how far they are."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from bench.stream import CATEGORIES, SHOP
from models.decoding.decoder import Decoder
from models.features import SHOPPERS
from models.kernel.effects import Effects
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY
from models.kernel.shopper import Profile
from models.kernel.vocabulary import Vocabulary
from models.profile import codec
from sinks.outputs import Message

NEVER = 36_500 * DAY


class Config(Struct):
    """What a peer is told, as JSON on its command line. `outputs` names the topic of each role; `step` is how many
    of the `events` lie between two lines of progress; `names` is the vocabulary of the events' names."""

    brokers: list[str]
    redis: str
    group: str
    topics: list[str]
    outputs: dict[str, str]
    step: int
    events: int
    currency: str
    names: Sequence[str]


def config() -> Config:
    """This process's configuration."""
    return msgspec.json.decode(sys.argv[1], type=Config)


class Meter:
    """Prints the number of events done, once every `step` and at the last; whoever started us reads it."""

    def __init__(self, settings: Config) -> None:
        self._step, self._events = settings.step, settings.events
        self._due, self._done = min(self._step, self._events), 0

    def count(self, events: int = 1) -> None:
        """So many more are done: folded, stored, their outputs sent."""
        self._done += events
        if self._done >= self._due:
            self._due = min((self._done // self._step + 1) * self._step, self._events)
            print(self._done, flush=True)


class Fold:
    """Kairos' reader, fold and codec, on one shopper's packed profile.

    Without a watermark and without timers of a shard: what came due for a shopper is caught up with when their next
    event arrives, as a shard would have done before it. Nobody is forgotten, cuts are fixed, so that no table is looked
    at, and the vocabulary of names is given: there is nothing to store beside profiles.
    """

    def __init__(
        self, outputs: Mapping[str, str], currency: str = SHOP.currency, names: Sequence[str] = CATEGORIES
    ) -> None:
        shop = msgspec.structs.replace(SHOP, currency=currency, visitor_ttl=NEVER, buyer_ttl=NEVER, table_every=0)
        self.read = Decoder(shop).read
        self._topics = outputs
        self._encode = msgspec.json.Encoder().encode
        self.context = SHOPPERS.context(shop, vocabulary=Vocabulary({name: i for i, name in enumerate(names)}))

    def event(self, profile: Profile | None, reading: DecodedRecord) -> Profile | None:
        """Fold what was due, then one event, into its shopper's profile. What cannot be read is passed over."""
        if reading.event is None:
            return profile
        if profile is not None:
            self.until(reading.shopper, profile, reading.e)
        folded, _ = SHOPPERS.event(self.context, reading.shopper, profile, reading, 0)
        assert folded is not None, "only who would be forgotten at once is not kept"
        return folded

    def until(self, shopper: str, profile: Profile, at: int) -> None:
        """Fold what was due before `at` (ms)."""
        while 0 < profile.due < at:
            SHOPPERS.timer(self.context, shopper, profile, profile.due)

    def packed(self, packed: bytes | None, reading: DecodedRecord) -> bytes | None:
        """The same from stored bytes to bytes to store."""
        folded = self.event(codec.decode(packed) if packed else None, reading)
        return codec.encode(folded) if folded else None

    def outputs(self) -> list[Message]:
        """What was said since the last call, ready for the wire."""
        said, self.context.effects = self.context.effects.outputs, Effects()
        return [Message(self._topics[role], key, self._encode(output)) for role, key, output in said]


def key(shopper: str) -> str:
    """Where a peer keeps a shopper's profile."""
    return f"u:{shopper}"
