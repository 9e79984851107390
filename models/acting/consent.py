"""By which channels a shopper may be reached: what was allowed or refused last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct, field

from models.acting.settings import ConsentSettings
from models.kernel.feature import Feature, View
from models.kernel.moment import Moment

EVERY = ""
"""The channel that stands for all of them."""
CHANNELS = 8
"""Channels beside it of which a shopper's word is kept."""


class State(Struct, array_like=True, gc=False):
    """Three for each channel: its name, whether it is allowed, since when (event time, ms)."""

    said: list[str | bool | int] = field(default_factory=list)

    def take(self, channel: str, allowed: bool, e: int) -> None:
        """Take a statement of time `e` (ms), unless a newer one is known."""
        said = self.said
        for at in range(0, len(said), 3):
            if said[at] == channel:
                if e >= said[at + 2]:  # type: ignore[operator]
                    said[at + 1 : at + 3] = allowed, e
                return
        if channel == EVERY or sum(1 for _ in self.statements() if _[0] != EVERY) < CHANNELS:
            said += (channel, allowed, e)

    def statements(self) -> Iterator[tuple[str, bool, int]]:
        """Channel, whether it is allowed, since when (ms)."""
        found: Any = self.said
        return zip(found[::3], found[1::3], found[2::3], strict=True)


class Consent(Feature):
    """A fact about what the shopper allows."""

    name = "consent"
    keeps = State
    raises = ("consent_withdrawn",)
    reads = ("consent",)
    ineligible = True
    settings = ConsentSettings

    def evaluate(self, m: Moment) -> int:
        """Take what the event states; say so if a channel may no longer be used."""
        record = m.record
        if record is None or not record.consent:
            return 0
        state, settings = m.ensure(self), m.ctx.settings
        before = allowed(state, settings.channels, granted=settings.consent_default == "granted")
        for channel, yes in record.consent:
            state.take(channel, yes, m.e)
        if set(before).difference(permitted(m)):
            m.raised |= self.signals["consent_withdrawn"]
        return 0

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        """What was said of each channel, "" for all of them."""
        if state is None:
            return {}
        return {"consent": {channel: {"allowed": yes, "since": e} for channel, yes, e in sorted(state.statements())}}


def permitted(m: Moment) -> tuple[str, ...]:
    """The shop's channels by which the shopper may be reached now."""
    settings = m.ctx.settings
    return allowed(m.state("consent"), settings.channels, granted=settings.consent_default == "granted")


def allowed(state: State | None, channels: Sequence[str], *, granted: bool) -> tuple[str, ...]:
    """Those of the channels of which the newer word, that about the channel or that about all, allows it.

    Parameters
    ----------
    channels
        As the shop spells them: what is said of them is kept in lower case.
    granted
        What holds where nothing was said.

    >>> state = State(["", False, 5, "sms", True, 5, "push", True, 4])
    >>> allowed(state, ("email", "SMS", "push"), granted=True), allowed(None, ("email",), granted=True)
    (('SMS',), ('email',))
    """
    if state is None:
        return tuple(channels) if granted else ()
    said = {channel: (e, yes) for channel, yes, e in state.statements()}
    nothing = (-1, granted)
    every = said.get(EVERY, nothing)
    found = []
    for channel in channels:
        own = said.get(channel.casefold(), nothing)
        if (own if own[0] >= every[0] else every)[1]:
            found.append(channel)
    return tuple(found)
