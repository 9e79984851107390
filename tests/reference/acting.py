"""Who may be written to, when and how often, restated: consent, quiet hours, the holdout and its trials, the cap."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from models.features import ShopSettings
from models.kernel.events import Added, Amended, CartViewed, Ordered, Removed, Replaced
from models.kernel.settings import DAY, HOUR, MINUTE
from tests.reference.history import Own

PLACED = Added | Removed | Replaced | CartViewed | Ordered | Amended
"""Events that say where the shopper is."""
ZONES = frozenset(available_timezones())
CHANNELS = 8
"""Channels of which a shopper's word is kept, beside that about all of them."""


class Answer(NamedTuple):
    """Why a message is not sent ("": it is), the shopper's arm, the channels that may be used."""

    why: str
    arm: str
    channels: tuple[str, ...]


@dataclass
class Trial:
    """An experiment with one shopper: since when, until when, which arm, the holdout's share when it began."""

    begun: int
    until: int
    arm: str
    permille: int
    converted: bool = False


def statements(history: list[Own]) -> dict[str, tuple[int, bool]]:
    """The newest word about each channel, "" for all of them: when, and whether it is allowed."""
    said: dict[str, tuple[int, bool]] = {}
    for own in history:
        for channel, allowed in own.consent:
            known = len([name for name in said if name]) < CHANNELS or channel in ("", *said)
            if known and own.e >= said.get(channel, (own.e, True))[0]:
                said[channel] = own.e, allowed
    return said


def permitted(history: list[Own], settings: ShopSettings) -> tuple[str, ...]:
    """The channels that may be used by what was said in the history."""
    said = statements(history)
    unsaid = (-1, settings.consent_default == "granted")
    every = said.get("", unsaid)
    newer = {
        channel: max(said.get(channel.casefold(), unsaid), every, key=lambda one: one[0])
        for channel in settings.channels
    }
    return tuple(channel for channel in settings.channels if newer[channel][1])


def zone(history: list[Own], default: str) -> str:
    """Where the shopper is: by the newest event of a cart or an order, as long as none of any kind was newer."""
    found, newest = default, 0
    for own in history:
        newest = max(newest, own.e)
        if isinstance(own.event, PLACED) and own.e == newest and own.zone in ZONES:
            found = own.zone
    return found


def shown(at: int, zone: str) -> int:
    """What clocks show at an instant, as ms since they showed the beginning of 1970."""
    offset = datetime.fromtimestamp(at // 1_000, UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return at + round(offset.total_seconds() * 1_000)


@cache
def first(time: int, zone: str) -> int:
    """The first instant at which clocks show a time or, where they skip it, a later one."""
    hours = [time + hour * HOUR for hour in range(-16, 17)]
    for begin, end in pairwise(hours):
        change = _change(begin, end, zone)
        for a, b in ((begin, change), (change, end)):
            at = max(a, time - (shown(a, zone) - a))
            if at < b:
                return at
    raise AssertionError(f"clocks in {zone} never show {time}")


def _change(begin: int, end: int, zone: str) -> int:
    """When clocks are put forward or back within an hour; its end if they are not."""
    if shown(begin, zone) - begin == shown(end, zone) - end:
        return end
    low, high = begin, end
    while high - low > 1:
        middle = (low + high) // 2
        same = shown(middle, zone) - middle == shown(begin, zone) - begin
        low, high = (middle, high) if same else (low, middle)
    return high


def quiet_until(now: int, quiet: tuple[int, ...], zone: str) -> int:
    """The end of the quiet hours that `now` lies in; 0 if it lies in none."""
    if not quiet:
        return 0
    begins, ends = quiet
    today = shown(now, zone) // DAY
    for day in (today - 1, today, today + 1):
        since = first(day * DAY + begins * MINUTE, zone)
        until = first((day + (ends < begins)) * DAY + ends * MINUTE, zone)
        if since <= now < until:
            return until
    return 0


class Acting:
    """What one shopper was sent, and the trials."""

    def __init__(self, user: str, settings: ShopSettings) -> None:
        self.user, self.settings = user, settings
        self.sent: list[int] = []
        self.trials: dict[str, Trial] = {}
        self.counts: Counter[str] = Counter()
        self.hours: Counter[tuple[int, str]] = Counter()

    def arm(self, programme: str) -> str:
        """The shopper's, for good."""
        drawn = int(blake2b(f"{programme}\0{self.user}".encode(), digest_size=8).hexdigest(), 16)
        return "holdout" if drawn < self.settings.holdout * 2**64 else "treated"

    def quiet(self, history: list[Own], now: int) -> int:
        """Until when nobody is disturbed; 0: not now."""
        until = quiet_until(now, self.settings.quiet_hours, zone(history, self.settings.time_zone))
        if until:
            self.hours[now // HOUR, "deferred:quiet"] += 1
        return until

    def ask(self, history: list[Own], programme: str, now: int, own: str = "", arm: str = "") -> Answer:
        """Whether a message goes out. `own`: why not, whatever the arm; `arm`: where it is decided already."""
        arm, channels = arm or self.arm(programme), permitted(history, self.settings)
        if not channels:
            return Answer("consent", arm, ())
        if own:
            return Answer(own, arm, ())
        self.begin(programme, arm, now)
        if arm == "holdout":
            return Answer("holdout", arm, ())
        most = self.settings.message_cap
        if most and sum(at > now - self.settings.message_cap_window for at in self.sent) >= most:
            return Answer("cap", arm, ())
        self.sent.append(now)
        return Answer("", arm, channels)

    def begin(self, programme: str, arm: str, now: int) -> None:
        """A trial begins, if there is an experiment and no trial is running."""
        running, permille = self.trials.get(programme), round(1_000 * self.settings.holdout)
        if self.settings.holdout and (running is None or now >= running.until):
            period = self.settings.recovery_window if programme == "carts" else 30 * DAY
            self.trials[programme] = Trial(now, now + period, arm, permille)
            self.counts[f"trials:{programme}:{permille}:{arm}"] += 1

    def ordered(self, e: int) -> None:
        """A new order: the trials that it falls into are won."""
        for programme, trial in self.trials.items():
            if trial.begun < e <= trial.until and not trial.converted:
                trial.converted = True
                self.counts[f"conversions:{programme}:{trial.permille}:{trial.arm}"] += 1
