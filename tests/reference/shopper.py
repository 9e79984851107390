"""One shopper: which of its events count, and what follows from them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from models.features import ShopSettings
from models.kernel import zones
from models.kernel.events import (
    CLICKSTREAM,
    Added,
    Amended,
    Cancelled,
    CartViewed,
    Event,
    Ordered,
    Refunded,
    Removed,
    Replaced,
)
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY, HOUR, MINUTE
from tests.reference import gaps, habits, lifecycle, rfm, tags, unusual
from tests.reference.acting import Acting, permitted
from tests.reference.call_context import FIELDS, read_context
from tests.reference.carts import Carts, Generation
from tests.reference.history import Own, Said, Score, newest
from tests.reference.orders import Book, book, discounts, nameless, refund_name, when
from tests.reference.places import Places
from tests.reference.traffic import Traffic
from tests.topics import CHURN_ALERTS, USER_TAGS

KINDS = ("expiry", "churn", "step", "end", "r", "stage", "tags")
"""Timers of the same ms fire in this order."""
STANDS = 30 * DAY
"""How long an alert may be acted on."""
ACTING = {KINDS.index(kind) for kind in ("step", "end", "churn")}


class Timer(NamedTuple):
    """Something that happens at `due`."""

    due: int
    kind: int
    act: Callable[[int], None]


class Shopper:
    """Everything about one shopper."""

    def __init__(self, user: str, settings: ShopSettings) -> None:
        self.user, self.settings = user, settings
        self.history: list[Own] = []
        self.book = Book()
        self.gross = 0  # what the shard counts of it already
        self.acting = Acting(user, settings)
        self.carts = Carts(user, settings, self.acting)
        self.clicks: deque[int] = deque(maxlen=16)
        self.messages: deque[int] = deque(maxlen=64)
        self.tags: dict[str, int] = {}  # since when each is held
        self.alert: int | None = None  # the last order's e the raised alert names
        self.silent = False  # the alert was history, suppressed or taken back: none stands
        self.raised = 0  # when the newest was raised
        self.held: int | None = None  # the last order's e for which an alert had to wait
        self.places = Places()
        self.scores = 0
        self.judged = 0  # verdicts do not go back in time, not even for a timer that had to wait
        self.start = 0  # what fell due before is history, and not said
        self.overdue: int | None = None
        self.said: list[Said] = []
        self.counts: Counter[str] = Counter()
        self.traffic = Traffic(settings)
        self.hours: Counter[tuple[int, str]] = Counter()
        self.open_carts = 0  # what the shard counts of it already

    # -- an event ------------------------------------------------------------------------------------------------

    def offer(self, reading: DecodedRecord, now: int) -> str:
        """Take an event that was not rejected; return its outcome."""
        assert reading.event is not None
        if "bot" in self.tags and reading.role == CLICKSTREAM:
            self.counts["bot_skipped"] += 1
            return "applied"
        if self.duplicate(reading, reading.event):
            return "duplicate"
        ring = self.ring(reading)
        if ring is not None:
            if self.history and reading.e > newest(self.history) + DAY:
                self.clicks.clear()
                self.messages.clear()
            ring.append(reading.message)
        self.apply(reading, now)
        return "applied"

    def salvage(self, reading: DecodedRecord, now: int) -> None:
        """Take what is left of a rejected order: it is an order of unknown value, unless it is known already."""
        event = reading.event
        assert isinstance(event, Ordered | Amended)
        if not self.book.known(event.order or nameless(reading.message)):
            self.apply(reading, now)

    def ring(self, reading: DecodedRecord) -> deque[int] | None:
        """Where the message is remembered; orders and refunds are known by their own ids."""
        if isinstance(reading.event, Ordered | Refunded):
            return None
        return self.clicks if reading.role == CLICKSTREAM else self.messages

    def duplicate(self, reading: DecodedRecord, event: Event) -> bool:
        if isinstance(event, Refunded):
            return refund_name(event, reading.e) in self.book.refunds
        if isinstance(event, Ordered):
            if self.book.known(nameless(reading.message)):
                return False
            if not self.book.known(event.order):
                return False
            known = self.book.orders[event.order]
            if known.amount is None:
                return event.amount is None
            if event.stated and known.stated not in (None, event.amount):
                self.counts["order_conflict"] += 1
            return True
        ring = self.ring(reading)
        fresh = bool(self.history) and reading.e > newest(self.history) + DAY
        return ring is not None and not fresh and reading.message in ring

    def apply(self, reading: DecodedRecord, now: int) -> None:
        event = reading.event
        assert event is not None
        reported, kinds = len(self.book.reported), discounts(self.book)
        before = permitted(self.history, self.settings)
        self.history.append(own(reading, event, now))
        withdrawn = bool({*before} - {*permitted(self.history, self.settings)})
        if reading.role != CLICKSTREAM:
            self.book = book(self.history)
        self.count_visit()
        self.count_minute(now)
        if isinstance(event, Added | Removed | Replaced):
            self.carts.changed(self.history, event.cart, now)
        if isinstance(event, CartViewed) and event.checkout:
            self.carts.checked_out(self.history, event.cart)
        self.traffic.take(self.history, self.book, ordered=len(self.book.reported) > reported)
        self.counts["orders"] += len(self.book.reported) - reported
        for name, n in discounts(self.book).items():
            self.counts[name] += n - kinds[name]
        if len(self.book.reported) > reported:
            assert isinstance(event, Ordered | Amended)
            self.acting.ordered(reading.e)
            self.carts.ordered(self.history, event, reading.e, now)
        if withdrawn:
            self.carts.withdraw(self.history, now)
        self.count_carts(now)
        self.judge(now)
        self.clear_alert(now)
        if withdrawn:
            self.withdraw_alert(now)
        if withdrawn or isinstance(event, Ordered | Amended | Refunded | Cancelled):
            self.plan_alert(now)

    def plan_alert(self, now: int) -> None:
        """When the buyer is overdue by the orders known now: not before they are known."""
        due = gaps.overdue_at(self.book, self.settings)
        self.overdue = None if due is None else max(due, now, self.judged)

    def count_minute(self, now: int) -> None:
        """Too many events in the minute of the newest one: no person."""
        minute = newest(self.history) // MINUTE
        if sum(own.e // MINUTE == minute for own in self.history) > self.settings.bot_rate and "bot" not in self.tags:
            self.enter("bot", now)

    def count_carts(self, now: int) -> None:
        """The shop counts how many carts are open, and in which hour that changed."""
        carts = len({g.cart for g in self.carts.open})
        if carts != self.open_carts:
            self.hours[now // HOUR, "carts"] += carts - self.open_carts
        self.open_carts = carts

    def count_visit(self) -> None:
        """The shop counts the visit that the newest event begins, by its hour, weekday, device and channel."""
        for habit in habits.HABITS:
            before, after = (habits.counts(habit, h, self.settings) for h in (self.history[:-1], self.history))
            name = habit.family.removeprefix("active_")
            self.counts.update({f"visits:{name}{kind}": n for kind, n in (after - before).items()})

    # -- verdicts ------------------------------------------------------------------------------------------------

    def known(self) -> tags.Known:
        return tags.Known(self.history, self.book, self.carts.abandoned, self.settings)

    def judge(self, now: int) -> None:
        """Bring all tags up to `now`, or to when they were judged last if that is later."""
        self.judged = now = max(now, self.judged)
        r, f, m = rfm.scores(self.book, now, self.settings) or (0, 0, 0)
        self.scores = 100 * r + 10 * f + m
        before = tags.members("segment:", self.tags)
        for kind, tag in tags.changes(self.known(), self.tags, now):
            (self.enter if kind == "entered" else self.leave)(tag, now)
        self.count_move(before, tags.members("segment:", self.tags), now)

    def count_move(self, before: list[str], after: list[str], now: int) -> None:
        """The shop counts who goes from one segment to another, comes or leaves."""
        if before != after:
            self.hours[now // HOUR, f"moved:{''.join(before)}>{''.join(after)}"] += 1

    def enter(self, tag: str, now: int) -> None:
        self.tags[tag] = now
        found = unusual.surprise(self.book) if tag == "unusual_order" else None
        self.tell("entered", tag, now, score=Score(round(found.score, 4)) if found else None)

    def leave(self, tag: str, now: int, *, forgotten: bool = False) -> None:
        self.tell("exited", tag, now, forgotten=forgotten)
        del self.tags[tag]

    def tell(self, kind: str, tag: str, now: int, *, score: Score | None = None, forgotten: bool = False) -> None:
        table = "cuts/0" if tag.startswith(tags.TABLED) else None
        said = Said(USER_TAGS, kind, self.user, tag, now, since=self.tags[tag], table=table)
        self.said.append(said._replace(score=score, forgotten=forgotten))

    def clear_alert(self, now: int) -> None:
        """Whoever ordered after the order the alert counts from is back; so is (for us) whoever has none left."""
        last = when(self.book.valid[-1]) if self.book.valid else 0
        if self.alert is not None and (not last or last > self.alert):
            if not self.silent:
                self.said.append(Said(CHURN_ALERTS, "cleared", self.user, last, max(now, self.judged), (self.alert,)))
            self.alert = None

    def withdraw_alert(self, now: int) -> None:
        """An alert that may still be acted on is taken back."""
        now = max(now, self.judged)
        if self.alert is not None and not self.silent and now < self.raised + STANDS:
            about, reason = when(self.book.valid[-1]), "consent withdrawn"
            self.said.append(Said(CHURN_ALERTS, "cleared", self.user, about, now, (self.alert,), reason=reason))
            self.silent = True

    # -- timers --------------------------------------------------------------------------------------------------

    def timers(self) -> list[Timer]:
        """All that is due some day."""
        found = [
            (self.ends(), "expiry", self.expire),
            (rfm.crossing(self.book, self.judged, self.settings), "r", self.judge),
            (lifecycle.stage_crossing(self.history, self.judged), "stage", self.judge),
            (tags.next_change(self.known(), self.tags, self.judged), "tags", self.judge),
        ]
        if self.alert is None:
            found.append((self.overdue, "churn", self.raise_alert))
        for due, kind, g in self.carts.due():
            found.append((due, kind, partial(self.cart_timer, g, kind)))
        return [Timer(due, KINDS.index(kind), act) for due, kind, act in found if due is not None]

    def ends(self) -> int:
        """When the shopper is forgotten."""
        return max(lifecycle.expires_at(self.history, self.book, self.settings), self.judged + 1)

    def acts(self, due: int) -> bool:
        """Whether a timer is due by then that asks somebody to act."""
        return any(timer.due <= due and timer.kind in ACTING for timer in self.timers())

    def catch_up(self, now: int) -> None:
        """What had to wait happens now: all that was due by then."""
        while due := [timer for timer in self.timers() if timer.due <= now]:
            min(due, key=lambda timer: timer.kind).act(now)

    def earliest(self) -> Timer:
        return min(self.timers(), key=lambda timer: (timer.due, timer.kind))

    def cart_timer(self, g: Generation, kind: str, now: int) -> None:
        """A step or a window. Tags are judged when all of this instant are through."""
        self.carts.before = self.history
        if kind == "step":
            self.counts["history_skipped"] += self.carts.step(self.history, g, now, self.start)
        else:
            self.carts.expire(g, now)
        self.count_carts(now)
        if all(due > now for due, _, _ in self.carts.due()):
            self.judge(now)

    def raise_alert(self, now: int) -> None:
        due, last, now = gaps.overdue_at(self.book, self.settings), when(self.book.valid[-1]), max(now, self.judged)
        assert due is not None
        waited, self.overdue = self.held == last, None
        if waited and due < now - 28 * DAY:
            return
        if due < self.start:
            self.alert, self.silent = last, True
            self.counts["history_skipped"] += 1
        elif until := self.acting.quiet(self.history, now):
            self.overdue = until
        elif self.places.take(zones.day(now, self.settings.time_zone)):
            self.decide_alert(last, now)
        else:
            self.held, self.overdue = last, now + DAY
            self.counts["churn_held"] += not waited

    def decide_alert(self, last: int, now: int) -> None:
        """An alert is raised, or it is said why not."""
        why, arm, channels = self.acting.ask(self.history, "churn", now)
        self.alert, self.silent = last, bool(why)
        said = Said(CHURN_ALERTS, "suppressed" if why else "raised", self.user, last, now, arm=arm, channels=channels)
        self.said.append(said._replace(reason=why, expires=None if why else now + STANDS))
        self.hours[now // HOUR, f"alert_suppressed:{why}" if why else "alerts"] += 1
        self.raised = self.raised if why else now

    def expire(self, now: int) -> None:
        """The end: tags are exited, what is open closes silently."""
        self.carts.open.clear()
        self.count_carts(now)
        self.count_move(tags.members("segment:", self.tags), [], max(now, self.judged))
        order = {"stage": 0, "segment": 1}
        for tag in sorted(self.tags, key=lambda tag: (order.get(tag.split(":")[0], 2), tag)):
            self.leave(tag, max(now, self.judged), forgotten=True)
        self.history.clear()


def own(reading: DecodedRecord, event: Event, now: int) -> Own:
    """What a reading adds to the shopper's history."""
    told = read_context({name: bytes(getattr(reading.context, name)) for name in FIELDS})
    return Own(reading.e, now, event, reading.role, reading.message, reading.identified, *told, reading.consent)
