"""Consent: what a message says of the channels by which the shopper may be reached.

It may stand in several places: `context.consent` of any call (Segment's consent management, OneTrust), traits
(`unsubscribed` and their kind), the events Consent Updated, Unsubscribed and Subscribed. Nothing in them makes a record
bad: what cannot be read is left out and counted. Where a message contradicts itself about a channel, the refusal holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from msgspec import Raw
from msgspec.json import Decoder

from models.decoding import coercion
from models.decoding.fields import FIELDS, IGNORED
from models.decoding.findings import Findings
from models.decoding.names import normalised
from models.decoding.properties import LONGEST, fields_of, raw_object
from models.decoding.segment_calls import Call
from models.decoding.segment_consent import ConsentUpdated, Identify, Subscribed, Unsubscribed
from models.kernel.call_context import NULL, CallContext

EVERY = ""
"""Stands for every channel."""
EMAIL = "email"
REMEMBERED, SHORT = 1 << 10, 1 << 10
"""Parts of messages of which it is remembered what they say, and how many bytes such a part has at most."""


class Stated(NamedTuple):
    """What a message says: pairs of a channel and whether it is allowed, by channel; and the notes of reading it."""

    consent: tuple[tuple[str, bool], ...] = ()
    notes: tuple[str, ...] = ()


NOTHING = Stated()


def _meanings() -> dict[str, tuple[str, bool]]:
    found = dict.fromkeys(("subscribed", "accepts_marketing", "buyer_accepts_marketing"), (EVERY, True))
    found |= {"marketing_opt_in": (EVERY, True), "marketing_opt_out": (EVERY, False)}
    found |= {"unsubscribed": (EVERY, False), "unsubscribe": (EVERY, False)}
    for channel in (EMAIL, "sms", "push"):
        found |= {f"{channel}_{name}": (channel, True) for name in ("subscribed", "opt_in")}
        found |= {f"{channel}_{name}": (channel, False) for name in ("unsubscribed", "unsubscribe", "opt_out")}
    return found


TRAITS = _meanings()
"""By the name of a trait: which channel it is about, and which of its values allows it."""
PREFERENCES = "categoryPreferences"
UPDATED = ("channel", "granted", "channels", "consent", PREFERENCES)
"""The properties of Consent Updated that are looked at."""


_any = Decoder().decode


def _compared(names: Iterable[str]) -> Mapping[str, str]:
    return {normalised(name): name for name in names}


LOOKED_AT = {"traits": _compared(TRAITS), "consent": _compared([PREFERENCES]), "properties": _compared(UPDATED)}
"""The fields of each part of a message that are looked at, by how their names are compared."""


class ConsentReader:
    """Reader of what messages say of consent.

    Parameters
    ----------
    categories
        Those of `categoryPreferences` that are about messages; compared as names of events are.

    Examples
    --------
    >>> from datetime import datetime
    >>> from models.kernel.call_context import call_context
    >>> context = call_context(Raw(b'{"consent":{"categoryPreferences":{"Ads":1}}}'))
    >>> ConsentReader(["ads"]).read(context, Unsubscribed(timestamp=datetime(2026, 5, 4)))
    Stated(consent=(('', True), ('email', False)), notes=('coerced:consent:flag',))
    """

    def __init__(self, categories: Iterable[str]) -> None:
        self._categories = frozenset(map(normalised, categories))
        self._remembered = lru_cache(REMEMBERED)(self._examined)

    def read(self, context: CallContext, call: Call | None = None) -> Stated:
        """What a call's `context` says, and the call itself (None: nothing). Nothing is raised, whatever they hold."""
        parts = [self._part("consent", context.consent), self._part("traits", context.traits)]
        match call:
            case Identify():
                parts.append(self._part("traits", call.traits))
            case ConsentUpdated():
                parts.append(self._part("properties", call.properties))
            case Subscribed() | Unsubscribed():
                parts.append(Stated(((EMAIL, isinstance(call, Subscribed)),)))
        pairs = (pair for part in parts for pair in part.consent)
        return Stated(_settled(pairs), tuple(dict.fromkeys(note for part in parts for note in part.notes)))

    def _part(self, name: str, raw: Raw) -> Stated:
        """What one part of a call says, which is `consent`, `traits`, or the `properties` of Consent Updated."""
        if raw == NULL:
            return NOTHING
        part = bytes(raw)
        return self._remembered(name, part) if len(part) <= SHORT else self._examined(name, part)

    def _examined(self, name: str, part: bytes) -> Stated:
        findings = Findings()
        fields = fields_of(raw_object(findings, name, Raw(part), IGNORED), LOOKED_AT[name])
        said = _traits(findings, fields) if name == "traits" else self._updated(findings, fields)
        return Stated(_settled(said), tuple(findings.notes))

    def _updated(self, findings: Findings, fields: Mapping[str, Raw]) -> Iterator[tuple[str, bool]]:
        """What Consent Updated says in its properties, or `context.consent`, which has one of these fields."""
        granted = _flag(findings, "granted", fields.get("granted", NULL))
        channel = _channel(findings, fields.get("channel", NULL))
        if granted is not None and channel is not None:
            yield channel, granted
        for name, raw in raw_object(findings, "channels", fields.get("channels", NULL), IGNORED).items():
            allowed = _flag(findings, "channels", raw)
            if allowed is not None and (channel := _named(name)):
                yield channel, allowed
        if "consent" in fields:
            inner = raw_object(findings, "consent", fields["consent"], IGNORED)
            yield from self._preferences(findings, fields_of(inner, LOOKED_AT["consent"]))
        yield from self._preferences(findings, fields)

    def _preferences(self, findings: Findings, fields: Mapping[str, Raw]) -> Iterator[tuple[str, bool]]:
        """Consent by purpose: every channel is allowed where none of the categories that count is refused."""
        preferences = raw_object(findings, "consent", fields.get(PREFERENCES, NULL), IGNORED)
        counting = [raw for name, raw in preferences.items() if self._counts(name)]
        flags = [flag for raw in counting if (flag := _flag(findings, "consent", raw)) is not None]
        if flags:
            yield EVERY, all(flags)

    def _counts(self, category: str) -> bool:
        return len(category) <= LONGEST and normalised(category) in self._categories


def _traits(findings: Findings, fields: Mapping[str, Raw]) -> Iterator[tuple[str, bool]]:
    for name, raw in fields.items():
        if (flag := _flag(findings, "traits", raw)) is not None:
            channel, allowing = TRAITS[name]
            yield channel, flag is allowing


def _flag(findings: Findings, name: str, raw: Raw) -> bool | None:
    """True or false; None where neither is said, or it cannot be read."""
    return findings.value(name, raw, FIELDS[name])  # type: ignore[no-any-return]


def _channel(findings: Findings, raw: Raw) -> str | None:
    """The channel that is named, EVERY where none is; None: it cannot be read."""
    try:
        found, how = coercion.text(_any(raw))
    except ValueError as error:
        findings.raised(error, "channel", IGNORED)
        return None
    findings.coerced("channel", how)
    return _named(found or EVERY)


def _named(channel: str) -> str:
    """A channel's name as it is kept."""
    return channel[:LONGEST].strip().casefold()


def _settled(said: Iterable[tuple[str, bool]]) -> tuple[tuple[str, bool], ...]:
    """One pair a channel: of several a refusal holds."""
    found: dict[str, bool] = {}
    for channel, allowed in said:
        found[channel] = allowed and found.get(channel, True)
    return tuple(sorted(found.items()))
