"""What all calls of the wire format share, and those that belong to no role."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from msgspec import Raw, Struct

from models.decoding.limits import Terms
from models.decoding.rejections import NOT_SUPPORTED, WRONG_TYPE, Refused
from models.kernel import events
from models.kernel.circumstances import NULL
from models.kernel.events import CLICKSTREAM, Event


class Call(Struct, kw_only=True, rename="camel", gc=False):
    """A call of the Segment spec. Fields that are not listed are not looked at.

    Attributes
    ----------
    context
        Where, on what and by which way: not looked into here (see `models.kernel.circumstances`).
    role
        Rank of the event's role in the merge.
    ids
        Properties that are ids: at most 256 bytes each.
    needed
        The one of them that must not be missing ("" if none).
    """

    timestamp: datetime
    user_id: str | None = None
    anonymous_id: str | None = None
    message_id: str | None = None
    context: Raw = NULL

    role: ClassVar[int] = CLICKSTREAM
    ids: ClassVar[tuple[str, ...]] = ()
    needed: ClassVar[str] = ""

    def read(self, terms: Terms, e: int) -> Event:
        """What happened, at `e` (ms), in the domain's words.

        Raises
        ------
        Refused
            The message breaks the contract in what its types do not say.
        """
        raise NotImplementedError

    @classmethod
    def salvage(cls, order: str, cart: str) -> Event | None:
        """What is left to fold where the id is sound and the rest is not: an order of unknown value, else nothing."""
        return None


class Track(Call, kw_only=True, tag_field="event", gc=False):
    """A call whose `event` names it."""


class Tick(Call, kw_only=True, tag_field="type", tag="kairos.tick", gc=False):
    """No record with an earlier time follows. It is nobody's, whatever ids it carries."""

    event: str | None = None

    def __post_init__(self) -> None:
        self.user_id = self.anonymous_id = None

    def read(self, terms: Terms, e: int) -> Event:
        return events.Tick()


class UserErased(Track, kw_only=True, tag="User Erased", gc=False):
    """Reserved: refused until there is erasure, never applied silently."""

    def read(self, terms: Terms, e: int) -> Event:
        raise Refused(NOT_SUPPORTED, "User Erased: there is no erasure yet")


class Other(Call, kw_only=True, gc=False):
    """A call whose name is not in the contract."""

    event: str | None = None
    type: str | None = None

    def read(self, terms: Terms, e: int) -> Event:
        name = self.event or self.type
        if not name:
            raise Refused(WRONG_TYPE, "neither event nor type says what happened")
        return events.Unrecognised(terms.text(name))
