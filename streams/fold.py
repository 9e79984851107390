"""What a shard folds with: the interface, and production's, the fold of shoppers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

from models.decoding.decoder import Decoder
from models.features import SHOPPERS
from models.kernel.effects import Context
from models.kernel.record import DecodedRecord
from models.kernel.settings import SharedSettings
from models.kernel.table import Table
from models.kernel.vocabulary import Vocabulary
from models.profile import codec
from models.profile.public import public


class Dated(Protocol):
    """What the engine itself reads of a profile."""

    due: int
    """When the profile's timer fires (event time, ms)."""


P = TypeVar("P", bound=Dated)


class Reads(Protocol):
    """Reads records."""

    def read(self, value: bytes | None, recorded: int) -> DecodedRecord:
        """What a record says. `recorded`: its own Kafka timestamp (ms). Whatever the bytes, nothing is raised."""
        ...


class Fold(Protocol[P]):
    """Events and timers into profiles. Deterministic, without I/O: what it changes is the profile and the context.

    A profile belongs to a key of the input, in production to a shopper.
    """

    @property
    def schema(self) -> int:
        """Layout of all that a shard stores by this fold; a shard written by a newer one is refused."""
        ...

    @property
    def tables(self) -> Sequence[Table]:
        """The kinds of tables it judges by."""
        ...

    def reader(self, settings: SharedSettings) -> Reads:
        """Reads the records of the inputs."""
        ...

    def context(self, settings: SharedSettings, *, vocabulary: Vocabulary) -> Context:
        """What all folds of one claim share."""
        ...

    def event(
        self, ctx: Context, user: str, p: P | None, reading: DecodedRecord, watermark: int
    ) -> tuple[P | None, str]:
        """Fold one event into a profile (None: of somebody unknown), which may be changed in place.

        Returns the profile (None: still unknown), and "applied" or "duplicate".
        """
        ...

    def timer(self, ctx: Context, user: str, p: P, now: int) -> P | None:
        """Fold a timer due at `now` (ms). None if the profile is forgotten; else its next due is later."""
        ...

    def acts(self, p: P, now: int) -> bool:
        """Whether the timer due at `now` (ms) asks somebody to act: under ``clock=wall`` it waits until the shard has
        caught up."""
        ...

    def decode(self, packed: bytes) -> P:
        """Unpack a profile."""
        ...

    def encode(self, p: P) -> bytes:
        """Pack a profile."""
        ...

    def public(self, p: P | None) -> Mapping[str, str | int] | None:
        """The few fields that dashboards read; None: none. Asked of whoever is in `Effects.changed`."""
        ...


class Shoppers:
    """The fold of shoppers (`models.features`), with what belongs to it."""

    schema = codec.SCHEMA
    tables: Sequence[Table] = SHOPPERS.tables
    reader = Decoder
    context = SHOPPERS.context
    event = SHOPPERS.event
    timer = SHOPPERS.timer
    acts = SHOPPERS.acts
    decode = staticmethod(codec.decode)
    encode = staticmethod(codec.encode)
    public = staticmethod(public)


PRODUCTION: Fold[Any] = Shoppers()
