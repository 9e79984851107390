"""The abandoned cart: its generations, from arming to closing (section 4 of the design)."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from models.features import ShopSettings
from models.kernel.events import Amended, Ordered, Replaced
from models.kernel.settings import HOUR
from tests.reference.acting import Acting
from tests.reference.cart_contents import Op, closes, contents, effective, orders, surviving, value
from tests.reference.history import Own, Said
from tests.reference.reminders import Generation, Reminders
from tests.topics import CART_ABANDONMENTS


class Carts:
    """The generations of one shopper; contents are always computed from the shopper's whole history."""

    def __init__(self, user: str, settings: ShopSettings, acting: Acting) -> None:
        self.user, self.settings = user, settings
        self.reminders = Reminders(user, settings, acting)
        self.open: list[Generation] = []
        self.fired_anchors: dict[str, set[int]] = defaultdict(set)
        self.said: list[Said] = []
        self.hours = self.reminders.hours
        self.checkouts: dict[str, int] = {}
        self.before: list[Own] = []  # the history until what happens now
        self.closed_unfired = 0
        self.abandoned: list[int] = []  # when each generation fired whose window ended without an order

    def of(self, cart: str) -> list[Generation]:
        return [g for g in self.open if g.cart == cart]

    def due(self) -> list[tuple[int, str, Generation]]:
        """What the open generations wait for. Of what is due at once the cart that was left first goes first, and in a
        cart a successor's reminder before those of the one it follows."""
        left = {g.cart: min(one.anchor for one in self.of(g.cart)) for g in self.open}
        inline = sorted(self.open, key=lambda g: (left[g.cart], g.cart, g.fired is not None))
        steps = [(due, "step", g) for g in inline if (due := self.reminders.due(g)) is not None]
        ends = [(g.fired + self.settings.recovery_window, "end", g) for g in inline if g.fired is not None]
        return steps + ends

    # -- what happens ------------------------------------------------------------------------------------------

    def changed(self, history: list[Own], cart: str, now: int) -> None:
        """An operation was added at the end of the history."""
        self.before = history[:-1]
        if not self.of(cart) and not self.surviving(history[:-1], cart):
            self.checkouts.pop(cart, None)  # of another cart than this one, which begins
        ops, latest = self.surviving(history, cart), history[-1]
        if all(op.change is not latest.event for op in effective(ops)):
            return  # an order cleared it, or a snapshot replaced it, before it came
        for g in self.of(cart):
            if g.fired is None and g.anchor != ops[-1].e:
                g.anchor, g.set = ops[-1].e, now
        self.close_empty(history, cart, latest.e, now)
        self.arm_successor(history, cart, latest.e, now)
        if not self.of(cart):
            self.arm(history, cart, now)

    def ordered(self, history: list[Own], order: Ordered | Amended, e: int, now: int) -> None:
        """A new order of time `e` was added to the history: it clears the carts that it closes."""
        self.before = history[:-1]
        closing = [cart for cart in sorted({g.cart for g in self.open}) if closes(order, cart, self.settings)]
        recovery = self.recovery(order, e, closing)
        for cart in closing:
            before = self.of(cart)
            for g in before:
                if e >= g.anchor:
                    self.cover(g, e, now, g is recovery)
            self.close_empty(history, cart, e, now)
            left = self.of(cart)
            for g in left:
                self.move_back(history, g, now)
            left = self.of(cart)
            if not left and before:
                self.arm(history, cart, now)
            if all(g.fired is None for g in left):
                for g in left:
                    g.original = True  # what it followed is over: it is the cart's new generation

    def recovery(self, order: Ordered | Amended, e: int, closing: list[str]) -> Generation | None:
        """The one reminder that the order answers: by what it names, else by its cart, else the last."""
        answers = [
            g
            for g in self.open
            if g.cart in closing and not g.silent and g.fired and g.fired < e <= g.fired + self.settings.recovery_window
        ]
        bought = {(line.product, line.sku) for line in order.lines}
        return max(
            answers,
            default=None,
            key=lambda g: (
                sum(bool({product, sku or product} & g.products) for product, sku in bought),
                g.cart == order.cart,
                g.fired,
                g.anchor,
                g.cart,
            ),
        )

    def move_back(self, history: list[Own], g: Generation, now: int) -> None:
        """What a generation counted from may be the echo of an order that came after it."""
        if g.fired is None:
            newest = self.surviving(history, g.cart)[-1].e
            if newest <= max(self.fired_anchors[g.cart], default=0):
                self.close(g, "", now)
            elif newest != g.anchor:
                g.anchor, g.set = newest, now

    def checked_out(self, history: list[Own], cart: str) -> None:
        """A checkout was started: the newest event of the history. It counts for a cart that is followed."""
        if self.of(cart) or self.surviving(history, cart):
            self.checkouts[cart] = max(self.checkouts.get(cart, 0), history[-1].e)

    def stage(self, history: list[Own], cart: str) -> str:
        """How far the shopper came since the newest order that closes the cart."""
        ordered = max((e for e, order in orders(history) if closes(order, cart, self.settings)), default=0)
        return "checkout" if self.checkouts.get(cart, 0) > ordered else "cart"

    def step(self, history: list[Own], g: Generation, now: int, start: int) -> bool:
        """A step is due. True if the first was so before `start`: then nothing is said of it, now or later."""
        ops, begins = self.surviving(history, g.cart), g.fired is None
        if begins and g.anchor + self.settings.cart_steps[0] < start:
            self.fire(g, ops, now)
            g.next = 0
            return True
        if self.reminders.held_back(history, g, ops, now):
            return False
        step = self.reminders.step(g, now)
        if begins:
            self.fire(g, ops, now)
        elif not self.worth_it(history, g.cart):
            self.reminders.dropped += 1
            return False
        said = self.reminders.decide(history, g, step, ops, self.stage(history, g.cart), now)
        self.said.append(said)
        self.count(said.kind, now, value(ops))
        return False

    def fire(self, g: Generation, ops: list[Op], now: int) -> None:
        """The first step is decided: the generation moves no more, and none that it follows says anything more."""
        for other in self.of(g.cart):
            if other is not g:
                other.next = 0
        known = {known_by for product, _, sku in contents(ops) for known_by in (product, sku or product)}
        g.fired, g.products = now, frozenset(known)
        self.fired_anchors[g.cart].add(g.anchor)

    def withdraw(self, history: list[Own], now: int) -> None:
        """The shopper may no longer be reached as before: what may still be acted on is taken back."""
        self.before = history
        for g in self.open.copy():
            live = [step for step, at in g.told if g.sent and self.reminders.expires(g, step, at) > now]
            if live:
                self.close(g, "cancelled", now, retracts=live, reason="consent withdrawn")

    def expire(self, g: Generation, due: int) -> None:
        """The recovery window ends."""
        assert g.fired is not None
        self.abandoned.append(g.fired)
        self.close(g, "expired", due)

    # -- how -----------------------------------------------------------------------------------------------------

    def surviving(self, history: list[Own], cart: str, until: float = math.inf) -> list[Op]:
        return surviving(history, cart, self.settings, until=until)

    def worth_it(self, history: list[Own], cart: str) -> bool:
        ops = self.surviving(history, cart)
        return bool(contents(ops)) and value(ops) >= self.settings.min_cart_value

    def arm(self, history: list[Own], cart: str, now: int) -> None:
        if self.worth_it(history, cart):
            anchor = self.surviving(history, cart)[-1].e
            if anchor > max(self.fired_anchors[cart], default=0):
                self.open.append(Generation(cart, anchor, now))

    def arm_successor(self, history: list[Own], cart: str, e: int, now: int) -> None:
        """A product that was not there when the step fired: a new generation, one at a time."""
        match self.of(cart):
            case [Generation(original=True, fired=int()) as g] if e > g.anchor and self.worth_it(history, cart):
                ops = self.surviving(history, cart)
                if any(not {product, sku or product} & g.products for product, _, sku in contents(ops)):
                    self.open.append(Generation(cart, ops[-1].e, now, original=False))

    def close_empty(self, history: list[Own], cart: str, e: int, now: int) -> None:
        """Something of time `e` may show that there was nothing in the cart."""
        for g in self.of(cart):
            if g.fired is None and not self.worth_it(history, cart):
                self.close(g, "", now)
            elif g.fired is not None and e <= g.fired and self.was_empty(history, g, g.fired):
                self.close(g, "cancelled", now, retracts=[step for step, _ in g.told])

    def was_empty(self, history: list[Own], g: Generation, fired: int) -> bool:
        """Whether the cart turns out to have been empty when the step fired, unless a newer snapshot hides it."""
        replaced = effective(self.surviving(history, g.cart))[:1]
        hidden = any(isinstance(op.change, Replaced) and op.e > fired for op in replaced)
        return not hidden and not contents(self.surviving(history, g.cart, until=fired))

    def cover(self, g: Generation, e: int, now: int, recovery: bool) -> None:
        if g.fired is not None and e > g.fired + self.settings.recovery_window:
            self.expire(g, g.fired + self.settings.recovery_window)  # its end had to wait (clock=wall)
            return
        kind = "" if g.fired is None else "recovered" if recovery else "cancelled"
        after = [step for step, at in g.told if kind == "cancelled" or at > e]
        self.close(g, kind, now, retracts=after, order_at=e)

    def close(
        self,
        g: Generation,
        kind: str,
        as_of: int,
        *,
        retracts: Iterable[int] = (),
        order_at: int | None = None,
        reason: str = "",
    ) -> None:
        self.open.remove(g)
        if g.fired is None:
            self.closed_unfired += 1
        elif not g.silent:
            taken_back = tuple((g.cart, g.anchor, step) for step in retracts)
            answered = [step for step, at in g.told if order_at is not None and at <= order_at]
            about = (g.cart, g.anchor, answered[-1] if kind == "recovered" else 0)
            said = Said(CART_ABANDONMENTS, kind, self.user, about, as_of, taken_back, order_at=order_at)
            self.said.append(said._replace(arm=g.arm, reason=reason))
            if g.arm == "holdout":
                self.hours[as_of // HOUR, f"held_out:{kind}"] += 1
            else:
                self.count(kind, as_of, value(self.surviving(self.before, g.cart)))

    # -- what is counted -----------------------------------------------------------------------------------------

    def count(self, kind: str, as_of: int, worth: int) -> None:
        """A message about a cart, and what is in it; at an end what was in it until then."""
        self.hours[as_of // HOUR, f"cart:{kind}"] += 1
        self.hours[as_of // HOUR, f"cart_value:{kind}"] += worth

    def levels(self, history: list[Own]) -> Counter[str]:
        """What there is of carts that are armed, or reminded of and without an end yet."""
        found: Counter[str] = Counter()
        for cart in {g.cart for g in self.open}:
            worth = value(self.surviving(history, cart))
            reminded = any(g.sent for g in self.of(cart))
            found.update({"carts": 1, "carts_value": worth})
            found.update({"carts_reminded": reminded, "carts_reminded_value": reminded * worth})
        return found

    def listed(self, history: list[Own]) -> list[tuple[int, str, str, int, int, int]]:
        """The open carts: value, whose, cart, pieces, last change, newest reminder."""
        found = []
        for cart in {g.cart for g in self.open}:
            ops = self.surviving(history, cart)
            changed = ops[-1].e if ops else self.of(cart)[-1].anchor
            reminded = max((at for g in self.of(cart) if g.sent for _, at in g.told), default=0)
            found.append((value(ops), self.user, cart, sum(contents(ops).values()), changed, reminded))
        return found

    def changed_at(self, history: list[Own]) -> Counter[tuple[int, str]]:
        """The open carts by the hour of their last change that counts."""
        found: Counter[tuple[int, str]] = Counter()
        for cart in {g.cart for g in self.open}:
            ops = self.surviving(history, cart)
            found[(ops[-1].e if ops else self.of(cart)[-1].anchor) // HOUR, "carts_at"] += 1
        return found
