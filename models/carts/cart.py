"""A shopper's cart as stored: what is in it, and the generations of it that reminders go out for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Struct, field

from models.carts.basket import Basket
from models.kernel.outputs import Arm
from models.kernel.settings import DAY, MINUTE, Setting


class CartSettings(Struct, frozen=True):
    """When a cart counts as left, who is reminded, and what ends it."""

    min_cart_value: Annotated[int, Setting("whole", "a cart below this value (minor units) triggers nothing")] = 0
    order_closes: Annotated[
        Literal["any", "same_cart"], Setting("choice", "whether an order closes carts with another id")
    ] = "any"
    cart_steps: Annotated[
        tuple[int, ...], Setting("steps", "how long after its last change each reminder of a cart is due, one to five")
    ] = (30 * MINUTE, DAY)
    idle: Annotated[int, Setting("duration", "nobody is reminded who was active within this time")] = 30 * MINUTE
    idle_on: Annotated[
        Literal["any", "cart"], Setting("choice", "activity for this: any event, or a change of the cart itself")
    ] = "any"
    reminder_valid: Annotated[
        int, Setting("period", "how long a reminder makes sense: it expires then, and later than this it is stale")
    ] = DAY
    recovery_window: Annotated[int, Setting("period", "how long after a trigger an order counts as a recovery")] = (
        7 * DAY
    )
    anonymous_carts: Annotated[bool, Setting("flag", "whether carts of shoppers without userId trigger")] = False
    order_grace: Annotated[
        int, Setting("duration", "how long after an order a change of its cart or of its products counts as bought")
    ] = 5 * MINUTE


def latest_step(anchor: int, now: int, settings: CartSettings) -> int:
    """The newest step, from 1 on, that is due at `now` for a cart last changed at `anchor` (both ms); 0: none is."""
    return sum(anchor + delay <= now for delay in settings.cart_steps)


def expires(anchor: int, step: int, at: int, settings: CartSettings) -> int:
    """Until when a reminder sent at `at` makes sense (ms): it is not the older for having waited, and the next one
    takes its place."""
    until = at + settings.reminder_valid
    return min(until, anchor + settings.cart_steps[step]) if step < len(settings.cart_steps) else until


class OpenGeneration(Struct, array_like=True, gc=False):
    """A generation one of whose steps was decided, for a cart last changed at `anchor`.

    Attributes
    ----------
    at
        When its first step was said: sent, or held out. As long as all were suppressed for other reasons (`suppressed`)
        when the first was decided.
    products
        4-byte hashes of what was in the cart at the first decision: ids of products, and their skus. (Of a successor
        that fired in version 0.2 it holds none.)
    holdout
        Whether the shopper is left alone, to compare with.
    next, not_before
        The next step that may come due (0: none), and until when it is held back (ms).
    told
        Pairs of a step that was said, and when (ms); empty where that is step 1 at `at` alone.
    """

    anchor: int
    at: int
    suppressed: bool
    successor: bool
    products: bytes
    holdout: bool = False
    next: int = 0
    not_before: int = 0
    told: list[int] = field(default_factory=list)

    @property
    def reminded(self) -> bool:
        """Whether a reminder went out."""
        return not (self.suppressed or self.holdout)

    @property
    def arm(self) -> Arm:
        """The group, where it is decided."""
        return "holdout" if self.holdout else "treated"

    def said(self) -> Iterator[tuple[int, int]]:
        """Each step that was said, and when (ms), in order."""
        if not self.suppressed:
            told = self.told or [1, self.at]
            yield from zip(told[::2], told[1::2], strict=True)

    def say(self, step: int, now: int, *, holdout: bool) -> None:
        """A step is said at `now` (ms)."""
        if self.suppressed:
            self.suppressed, self.at, self.holdout = False, now, holdout
            self.told = [] if step == 1 else [step, now]
        else:
            self.told = [*(self.told or [1, self.at]), step, now]

    def step_due(self, settings: CartSettings) -> int:
        """When its next step is due (ms); 0 if none is to come."""
        if not 0 < self.next <= len(settings.cart_steps):
            return 0
        return max(self.anchor + settings.cart_steps[self.next - 1], self.not_before)

    def pass_over(self, step: int, settings: CartSettings) -> None:
        """Steps up to this one are decided, or will never be."""
        self.next = step + 1 if step < len(settings.cart_steps) else 0
        self.not_before = 0

    def recovered_by(self, e: int, settings: CartSettings) -> bool:
        """Whether an order at `e` (ms) can be its recovery: within the window after it was said."""
        return not self.suppressed and self.at < e <= self.at + settings.recovery_window


class Cart(Struct, array_like=True, gc=False):
    """One cart of a shopper.

    Attributes
    ----------
    armed, successor
        The anchor of the armed generation (0: none), and whether that one follows an open one.
    spent
        The newest anchor that fired.
    cleared
        The newest order that cleared this cart alone (``order_closes=same_cart``).
    not_before
        Until when the armed generation's step is held back (ms), or when its anchor was set, where the first delay had
        passed by then: nothing falls due in the past. 0: neither.
    value
        What is in it is worth (minor units), -1 if it was written before that was kept.
    checkout
        The newest start of a checkout with it (ms).
    """

    id: str
    basket: Basket = field(default_factory=Basket)
    armed: int = 0
    successor: bool = False
    spent: int = 0
    cleared: int = 0
    open: list[OpenGeneration] = field(default_factory=list)
    not_before: int = 0
    value: int = -1
    checkout: int = 0

    def step_due(self, settings: CartSettings) -> int:
        """When the armed generation's step is due (ms); 0 if none is armed."""
        return max(self.armed + settings.cart_steps[0], self.not_before) if self.armed else 0

    def arm(self, anchor: int, now: int, settings: CartSettings) -> None:
        """Let the steps count from `anchor`, as of `now` (both ms)."""
        if anchor != self.armed:
            self.armed = anchor
            self.not_before = now if anchor + settings.cart_steps[0] < now else 0

    def due(self, settings: CartSettings) -> int:
        """When something happens to this cart by itself (ms); 0 if nothing will."""
        dues = [generation.at + settings.recovery_window for generation in self.open]
        dues += [due for generation in self.open if (due := generation.step_due(settings))]
        if self.armed:
            dues.append(self.step_due(settings))
        return min(dues, default=0)

    @property
    def changed(self) -> int:
        """When an open cart changed last, as far as that counts (ms)."""
        return self.basket.newest or self.open[-1].anchor

    @property
    def left(self) -> tuple[int, str]:
        """Since when a cart that is armed or open has been left (ms), and its id."""
        return min(filter(None, (self.armed, *(each.anchor for each in self.open)))), self.id

    @property
    def followed(self) -> bool:
        """Whether anything is known of the cart beside what cleared it."""
        return bool(self.open or self.armed or self.basket.ops or self.basket.base)

    @property
    def idle(self) -> bool:
        """Whether the cart holds nothing and waits for nothing: it can be dropped."""
        return not (self.followed or self.cleared)

    def worth(self, settings: CartSettings) -> bool:
        """Whether there is enough in it to remind of."""
        contents = self.basket.contents()
        return contents.pieces > 0 and contents.value() >= settings.min_cart_value
