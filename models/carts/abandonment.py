"""The abandoned cart: a state machine of generations, in event time.

A generation is one attempt to be left: it is *armed* while its anchor (the newest operation) can still move, *fires*
when the cart was left alone for the delay, and is then *open* until an order covers it, its cart is found to have
been empty, or its window ends. A generation that fired may have one successor, for products it did not name.

    (nothing) --operation--> armed --left alone--> open --order after it--> recovered
                               |                     |--order before it---> cancelled
                               |                     |--empty before it---> cancelled: emptied
                               '--order, emptied--> (silence)   '--window's end--> expired
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from msgspec import Struct, field

from models.carts.basket import Basket
from models.carts.contents import Contents
from models.kernel.settings import DAY, MINUTE, Setting

Kind = Literal["triggered", "suppressed", "cancelled", "recovered", "expired"]


class CartSettings(Struct, frozen=True):
    """When a cart counts as left, who is reminded, and what ends it."""

    min_cart_value: Annotated[int, Setting("whole", "a cart below this value (minor units) triggers nothing")] = 0
    order_closes: Annotated[
        Literal["any", "same_cart"], Setting("choice", "whether an order closes carts with another id")
    ] = "any"
    cart_delay: Annotated[int, Setting("period", "how long after its last change a cart counts as abandoned")] = (
        30 * MINUTE
    )
    recovery_window: Annotated[int, Setting("period", "how long after a trigger an order counts as a recovery")] = (
        7 * DAY
    )
    anonymous_carts: Annotated[bool, Setting("flag", "whether carts of shoppers without userId trigger")] = False
    order_grace: Annotated[
        int, Setting("duration", "how long after an order a change of its cart or of its products counts as bought")
    ] = 5 * MINUTE


class OpenGeneration(Struct, array_like=True, gc=False):
    """A generation whose step fired (or was suppressed) at `at`, for a cart last changed at `anchor`.

    `products` holds 4-byte hashes of what was in the cart: ids of products, and their skus. (Of a successor that fired
    in version 0.2 it holds none.)
    """

    anchor: int
    at: int
    suppressed: bool
    successor: bool
    products: bytes

    def recovered_by(self, e: int, settings: CartSettings) -> bool:
        """Whether an order at `e` (ms) can be its recovery: within the window after it was said."""
        return not self.suppressed and self.at < e <= self.at + settings.recovery_window


class Cart(Struct, array_like=True, gc=False):
    """One cart of a shopper.

    `armed` is the anchor of the armed generation (0: none), `successor` whether that one follows an open one, `spent`
    the newest anchor that fired, `cleared` the newest order that cleared this cart alone (``order_closes=same_cart``).
    `not_before` is when the anchor was set (ms), where `cart_delay` had passed by then (0: it had not): nothing falls
    due in the past. `value` is what is in it is worth (minor units), -1 if it was written before that was kept.
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

    def step_due(self, settings: CartSettings) -> int:
        """When the armed generation's step is due (ms); 0 if none is armed."""
        return max(self.armed + settings.cart_delay, self.not_before) if self.armed else 0

    def arm(self, anchor: int, now: int, settings: CartSettings) -> None:
        """Let the step count from `anchor`, as of `now` (both ms)."""
        if anchor != self.armed:
            self.armed = anchor
            self.not_before = now if anchor + settings.cart_delay < now else 0

    def due(self, settings: CartSettings) -> int:
        """When something happens to this cart by itself (ms); 0 if nothing will."""
        dues = [generation.at + settings.recovery_window for generation in self.open]
        if self.armed:
            dues.append(self.step_due(settings))
        return min(dues, default=0)

    @property
    def changed(self) -> int:
        """When an open cart changed last, as far as that counts (ms)."""
        return self.basket.newest or self.open[-1].anchor

    @property
    def idle(self) -> bool:
        """Whether the cart holds nothing and waits for nothing: it can be dropped."""
        return not (self.open or self.armed or self.cleared or self.basket.ops or self.basket.base)


class Step(Struct, frozen=True, gc=False):
    """What happened to a generation: the kind of output, and what it says. `at` is when the step fired."""

    kind: Kind
    anchor: int
    at: int
    as_of: int
    reason: str
    contents: Contents | None = None
    order_at: int | None = None


def rearm(cart: Cart, e: int, now: int, settings: CartSettings, arm: bool = True) -> Iterator[Step]:
    """After an operation at `e` (or with `e` = 0 after an order): value it, move the anchor, disarm, and if `arm` arm.

    Yields a step for each open generation whose cart turns out to have been empty when it fired.
    """
    contents, newest = cart.basket.contents(), cart.basket.newest
    if e:
        yield from _emptied(cart, e, now)
    cart.value = contents.value()
    worth = contents.pieces > 0 and cart.value >= settings.min_cart_value
    if not worth or newest <= cart.spent:
        cart.armed = 0
    elif cart.armed:
        cart.arm(newest, now, settings)
    elif arm and _may_arm(cart, contents, e):
        cart.arm(newest, now, settings)
        cart.successor = bool(cart.open)


def _may_arm(cart: Cart, contents: Contents, e: int) -> bool:
    if not cart.open:
        return True
    original = cart.open[0]
    if len(cart.open) > 1 or original.successor or e <= original.anchor:
        return False
    return contents.beyond(original.products)


def _emptied(cart: Cart, e: int, now: int) -> Iterator[Step]:
    base = cart.basket.base
    for generation in [g for g in cart.open if e <= g.at]:
        forgotten = base is not None and base.e > generation.at  # what was in the cart then is not known any more
        if not forgotten and not cart.basket.contents(generation.at).pieces:
            cart.open.remove(generation)
            if not generation.suppressed:
                yield Step("cancelled", generation.anchor, generation.at, now, "emptied: nothing was in the cart then")


def on_order(cart: Cart, e: int, now: int, answered: OpenGeneration | None, settings: CartSettings) -> Iterator[Step]:
    """An order at `e`, whose goods the basket holds no more, closes every generation it covers (``e`` >= anchor).

    `answered` is the one generation, of this cart or another, whose recovery it is.
    """
    generations = len(cart.open) + bool(cart.armed)
    if cart.armed and e >= cart.armed:
        cart.armed = 0
    for generation in [g for g in cart.open if e >= g.anchor]:
        cart.open.remove(generation)
        if not generation.suppressed:
            yield _closed(generation, e, now, generation is answered, settings)
    yield from _emptied(cart, e, now)
    if not cart.open:
        cart.successor = False
    closed = len(cart.open) + bool(cart.armed) < generations
    yield from rearm(cart, 0, now, settings, arm=closed)


def _closed(generation: OpenGeneration, e: int, now: int, answered: bool, settings: CartSettings) -> Step:
    anchor, at = generation.anchor, generation.at
    if e <= at:
        return Step("cancelled", anchor, at, now, "ordered before the trigger", order_at=e)
    if e > at + settings.recovery_window:
        return Step("expired", anchor, at, at + settings.recovery_window, "no order within the window")
    if answered:
        return Step("recovered", anchor, at, now, "ordered after the trigger", order_at=e)
    return Step("cancelled", anchor, at, now, "ordered: the order is the recovery of another reminder", order_at=e)


def history(cart: Cart, now: int, start: int, settings: CartSettings) -> bool:
    """Whether a step that is due at `now` counts from a cart left before Kairos was first started (`start`; in ms)."""
    return 0 < cart.step_due(settings) <= now and cart.armed + settings.cart_delay < start


def on_timer(cart: Cart, now: int, start: int, identified: bool, settings: CartSettings) -> Iterator[Step]:
    """Let everything happen that is due at `now`: steps first, then windows that end.

    Nothing is said of a generation that was left before `start` (ms), now or when it closes.
    """
    if history(cart, now, start, settings):
        _record_fired(cart, now, suppressed=True)
    elif cart.armed and cart.step_due(settings) <= now:
        yield _send_or_suppress(cart, now, identified, settings)
    for generation in [g for g in cart.open if g.at + settings.recovery_window <= now]:
        cart.open.remove(generation)
        if not generation.suppressed:
            yield Step("expired", generation.anchor, generation.at, now, "no order within the window")


def give_up(cart: Cart, now: int) -> Iterator[Step]:
    """The cart is no longer followed: whatever was said of it ends at `now` (ms)."""
    for generation in cart.open:
        if not generation.suppressed:
            yield Step("expired", generation.anchor, generation.at, now, "given up: too many carts are open")
    cart.open, cart.armed = [], 0


def ended(cart: Cart, now: int, settings: CartSettings) -> list[int]:
    """When those generations fired whose window is over at `now` (ms): `on_timer` will close them."""
    return [generation.at for generation in cart.open if generation.at + settings.recovery_window <= now]


def missed(cart: Cart, e: int, settings: CartSettings) -> list[int]:
    """When those generations fired whose window was over before an order at `e` (ms): `on_order` will close them."""
    return [g.at for g in cart.open if g.anchor <= e and e > g.at + settings.recovery_window]


def _send_or_suppress(cart: Cart, now: int, identified: bool, settings: CartSettings) -> Step:
    anchor, suppressed = cart.armed, not (identified or settings.anonymous_carts)
    contents = _record_fired(cart, now, suppressed=suppressed)
    if suppressed:
        return Step("suppressed", anchor, now, now, "unidentified", contents)
    return Step("triggered", anchor, now, now, _why(contents, settings), contents)


def _record_fired(cart: Cart, now: int, *, suppressed: bool) -> Contents:
    """The armed generation fires at `now`; returns what is in the cart."""
    contents = cart.basket.contents()
    cart.open.append(OpenGeneration(cart.armed, now, suppressed, cart.successor, contents.hashes))
    cart.armed, cart.spent, cart.successor = 0, cart.armed, False
    return contents


def _why(contents: Contents, settings: CartSettings) -> str:
    minutes = settings.cart_delay // 60_000
    count = contents.pieces
    return f"{count} {'item' if count == 1 else 'items'} left for {minutes} min without an order"
