"""The reminders of a cart that was left, restated: when each is due, what holds it back, and what becomes of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from models.features import ShopSettings
from models.kernel.settings import HOUR, MINUTE
from tests.reference.acting import Acting
from tests.reference.cart_contents import Op, contents, value
from tests.reference.history import Own, Said, newest
from tests.topics import CART_ABANDONMENTS


@dataclass
class Generation:
    """One time a cart was left.

    `set` is when its anchor was set, or until when its next step is held back. `fired` is when its first step was
    decided; once a step was said, when that was (the design's f1). `told` has the steps that were said, and when:
    `sent` or, under `holdout`, not. Its next step is `next`, 0 if none is to come.
    """

    cart: str
    anchor: int
    set: int
    original: bool = True
    fired: int | None = None
    products: frozenset[str] = frozenset()  # what they were known by: ids, skus
    told: list[tuple[int, int]] = field(default_factory=list)
    arm: str = "treated"
    next: int = 1

    @property
    def silent(self) -> bool:
        """Nothing was said: it says nothing when it closes."""
        return self.fired is not None and not self.told

    @property
    def sent(self) -> bool:
        """Whether a reminder went out."""
        return bool(self.told) and self.arm == "treated"


class Reminders:
    """The reminders of one shopper."""

    def __init__(self, user: str, settings: ShopSettings, acting: Acting) -> None:
        self.user, self.settings, self.acting = user, settings, acting
        self.hours: Counter[tuple[int, str]] = Counter()
        self.dropped = 0

    def due(self, g: Generation) -> int | None:
        """When the next step is due: the delay after the anchor, or at once where the anchor came later than that, or
        as soon as nothing holds it back."""
        return max(g.anchor + self.settings.cart_steps[g.next - 1], g.set) if g.next else None

    def held_back(self, history: list[Own], g: Generation, ops: list[Op], now: int) -> bool:
        """Whether the step must wait: while the shopper is active, and through quiet hours."""
        active = newest(history) if self.settings.idle_on == "any" else ops[-1].e if ops else g.anchor
        until = active + self.settings.idle if self.settings.idle else 0
        if until > now:
            self.hours[now // HOUR, "deferred:active"] += 1
        else:
            until = self.acting.quiet(history, now)
        if until:
            g.set = until
        return bool(until)

    def step(self, g: Generation, now: int) -> int:
        """The newest step that is due; those before it are passed over, and it is decided now."""
        step = max(k for k, delay in enumerate(self.settings.cart_steps, 1) if g.anchor + delay <= now)
        g.next, g.set = step + 1 if step < len(self.settings.cart_steps) else 0, 0
        return step

    def decide(self, history: list[Own], g: Generation, step: int, ops: list[Op], stage: str, now: int) -> Said:
        """A step is decided: sent, or not for a reason that is said."""
        settings, due = self.settings, g.anchor + self.settings.cart_steps[step - 1]
        own = "stale" if now > due + settings.reminder_valid else ""
        if not settings.anonymous_carts and not any(one.identified for one in history):
            own = "unidentified"
        answer = self.acting.ask(history, "carts", now, own, g.arm if g.told else "")
        if answer.why in ("", "holdout"):
            if not (g.told or answer.why):
                self.hours[now // HOUR, "cart:reminded"] += 1
            g.fired = g.fired if g.told else now
            g.arm, g.told = answer.arm, [*g.told, (step, now)]
        kind = "suppressed" if answer.why else "triggered"
        if answer.why:
            self.hours[now // HOUR, f"suppressed:{answer.why}"] += 1
        said = Said(CART_ABANDONMENTS, kind, self.user, (g.cart, g.anchor, step), now, value=value(ops))
        lines = contents(ops).items()
        listed = sorted((product, variant, "" if sku == product else sku, n) for (product, variant, sku), n in lines)
        return said._replace(
            products=tuple(listed), arm=answer.arm, stage=stage, channels=answer.channels,
            expires=None if answer.why else self.expires(g, step, now),
            reason=answer.why or why(sum(n for _, n in lines), settings.cart_steps[step - 1] // MINUTE),
        )  # fmt: skip

    def expires(self, g: Generation, step: int, at: int) -> int:
        """Until when a step that was sent at `at` may be acted on."""
        following = [g.anchor + delay for delay in self.settings.cart_steps[step:]]
        return min([at + self.settings.reminder_valid, *following])


def why(pieces: int, minutes: int) -> str:
    """The reason of a reminder."""
    span = f"{minutes // 60} h" if minutes >= 120 and minutes % 60 == 0 else f"{minutes} min"
    return f"{pieces} item{'s' if pieces != 1 else ''} left for {span} without an order"
