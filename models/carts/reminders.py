"""The reminders of a cart that was left: each step when it is due, held back, sent or suppressed.

A step that comes due waits while the shopper is about (`idle`) and through quiet hours. Where later ones came due
meanwhile, the newest takes its place. Then it is decided, once and for all (`models.acting.gate`).
"""

from __future__ import annotations

from collections.abc import Iterator

from models.acting import gate
from models.carts.cart import Cart, OpenGeneration, expires, latest_step
from models.carts.contents import Contents
from models.carts.generations import Stage, Step
from models.kernel.moment import Moment
from models.kernel.settings import HOUR, MINUTE
from models.kernel.shopper import IDENTIFIED

CARTS = "carts"
"""The programme's name."""
UNIDENTIFIED, STALE = "unidentified", "stale"
"""Why a reminder is suppressed, beside the gate's own reasons."""


def remind(m: Moment, cart: Cart, cleared: int) -> Iterator[Step]:
    """Let every step happen that is due now, the armed generation's first: it takes the place of those to come of the
    one it follows.

    Parameters
    ----------
    cleared
        When the newest order was that cleared the shopper's carts (event time, ms).
    """
    settings, now = m.ctx.settings, m.now
    stage: Stage = "checkout" if cart.checkout > max(cleared, cart.cleared) else "cart"
    if 0 < cart.step_due(settings) <= now:
        yield from _first(m, cart, stage)
    for generation in cart.open:
        if 0 < generation.step_due(settings) <= now:
            yield from _later(m, cart, generation, stage)


def _first(m: Moment, cart: Cart, stage: Stage) -> Iterator[Step]:
    """The armed generation's step is due. Of a cart that was left before Kairos was first started nothing is said, now
    or when it closes."""
    settings, now = m.ctx.settings, m.now
    if cart.armed + settings.cart_steps[0] < m.ctx.start:
        m.count("history_skipped")
        _fire(cart, now).next = 0
        return
    if until := _held_back(m, cart):
        cart.not_before = until
        return
    step = latest_step(cart.armed, now, settings)
    for followed in cart.open:
        followed.next = 0
    generation = _fire(cart, now)
    yield _decide(m, cart, generation, step, stage, cart.basket.contents())


def _fire(cart: Cart, now: int) -> OpenGeneration:
    """The armed generation is open from now on; nothing is said of it yet."""
    products = cart.basket.contents().hashes
    generation = OpenGeneration(cart.armed, now, True, cart.successor, products)
    cart.open.append(generation)
    cart.armed, cart.spent, cart.successor = 0, cart.armed, False
    return generation


def _later(m: Moment, cart: Cart, generation: OpenGeneration, stage: Stage) -> Iterator[Step]:
    """A later step of an open generation is due. Where nothing is left in the cart, there is nothing to say."""
    settings, now = m.ctx.settings, m.now
    if until := _held_back(m, cart):
        generation.not_before = until
        return
    step = latest_step(generation.anchor, now, settings)
    if cart.worth(settings):
        yield _decide(m, cart, generation, step, stage, cart.basket.contents())
    else:
        m.count("reminders_dropped")
        generation.pass_over(step, settings)


def _held_back(m: Moment, cart: Cart) -> int:
    """Until when a step must wait that is due (ms); 0: it need not."""
    settings, now = m.ctx.settings, m.now
    active: int = (m.p.last if settings.idle_on == "any" else cart.changed) + settings.idle
    if settings.idle and active > now:
        m.ctx.effects.hour("deferred:active", now)
        return active
    return gate.quiet(m, now)


def _decide(m: Moment, cart: Cart, generation: OpenGeneration, step: int, stage: Stage, contents: Contents) -> Step:
    """Send a step's reminder, or say why not."""
    settings, now, anchor = m.ctx.settings, m.now, generation.anchor
    decided = None if generation.suppressed else generation.arm
    answer = gate.ask(m, CARTS, now, settings.recovery_window, own=_own(m, anchor, step), arm=decided)
    generation.pass_over(step, settings)
    if generation.suppressed and not answer.refused:
        m.ctx.effects.hour("cart:reminded", now)
    if answer.said:
        generation.say(step, now, holdout=answer.arm == "holdout")
    sent = not answer.refused
    return Step(
        kind="triggered" if sent else "suppressed", anchor=anchor, as_of=now, arm=answer.arm, step=step, stage=stage,
        reason=_why(contents, settings.cart_steps[step - 1]) if sent else answer.refused, contents=contents,
        channels=answer.channels if sent else (), expires_at=expires(anchor, step, now, settings) if sent else None,
    )  # fmt: skip


def _own(m: Moment, anchor: int, step: int) -> str:
    """Why a cart's reminder would not be sent to anybody; "": no reason."""
    settings = m.ctx.settings
    if not (m.p.flags & IDENTIFIED or settings.anonymous_carts):
        return UNIDENTIFIED
    return STALE if m.now > anchor + settings.cart_steps[step - 1] + settings.reminder_valid else ""


def _why(contents: Contents, delay: int) -> str:
    count = contents.pieces
    span = f"{delay // HOUR} h" if delay >= 2 * HOUR and delay % HOUR == 0 else f"{delay // MINUTE} min"
    return f"{count} {'item' if count == 1 else 'items'} left for {span} without an order"
