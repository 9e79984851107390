"""The three families of habits, judged where a visit begins: by the shopper's counts and the shop's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from models.habits.families import CHANNELS, DEVICES, HOURS, LEAST, Family, judge, reason, shares
from models.habits.visits import habits
from models.kernel.effects import Context
from models.kernel.shopper import Profile
from models.kernel.tags import Key, first, key
from models.kernel.telling import enter, leave
from models.learners.beta import BetaCounts


def renew(ctx: Context, user: str, p: Profile, now: int) -> None:
    """Bring the tags of habits up to `now` (ms), after a visit that began then was counted."""
    visits = habits(p.habits)
    for family, pairs in ((HOURS, visits.hours), (DEVICES, visits.devices), (CHANNELS, visits.channels)):
        held = first(p.tags, family.key)
        if _stays(ctx, family, pairs, held):
            continue
        counts = BetaCounts(family.strength, len(pairs), pairs)
        judged = judge(family, counts, held, _priors(ctx, family, pairs[::2]))
        if judged.kind == held:
            continue
        why = reason(judged, counts.total)
        if held is not None:
            leave(ctx, user, p, key(family.key, held), now, why)
        if judged.kind is not None:
            enter(ctx, user, p, key(family.key, judged.kind), now, why)


def _stays(ctx: Context, family: Family, pairs: list[Key], held: Key | None) -> bool:
    """Whether `judge` cannot but leave all as it is: the kind held suffices to stay, and no other one to enter.

    True for nearly every visit, and far cheaper than all means.
    """
    counts: list[int] = pairs[1::2]  # type: ignore[assignment]
    strength, enter, total = family.strength, family.enter, sum(counts) + family.strength
    if held is None:
        most = max(counts, default=0)
        if most < LEAST or (most + strength * _greatest(ctx, family)) / total < enter:
            return True
    for kind, n in zip(pairs[::2], counts, strict=True):
        if kind == held:
            if (n + strength * _share(ctx, family, kind)) / total < family.stay:
                return False
        elif n >= LEAST and (n + strength * _share(ctx, family, kind)) / total >= enter:
            return False
    return True


def _greatest(ctx: Context, family: Family) -> float:
    """No kind's share of the shop's visits is greater."""
    if family is not HOURS:
        return 1.0
    effects = ctx.effects
    if not effects.busiest:
        hours = ctx.cuts.hours
        effects.busiest = max(hours) / sum(hours) if any(hours) else family.prior
    return effects.busiest


def _shop(ctx: Context, family: Family) -> Mapping[Key, int]:
    """The shop's visits by kind, as the table in force has them."""
    if family is HOURS:
        return dict(enumerate(ctx.cuts.hours))
    ids, cuts = ctx.vocabulary.ids, ctx.cuts
    return {ids.get(name, name): n for name, n in (cuts.devices if family is DEVICES else cuts.channels).items()}


def _share(ctx: Context, family: Family, kind: Key) -> float:
    """A kind's share of the shop's visits, where the table in force has them."""
    if family is HOURS and isinstance(kind, int):  # nearly always: not worth a dictionary
        total = sum(ctx.cuts.hours)
        return ctx.cuts.hours[kind] / total if total else family.prior
    shop = _shop(ctx, family)
    return shares(shop, (kind,))[kind] if any(shop.values()) else family.prior


def _priors(ctx: Context, family: Family, counted: Iterable[Key]) -> dict[Key, float]:
    """Shares of the shop's visits, where the table in force has them: of all hours, or of the kinds counted."""
    shop = _shop(ctx, family)
    if not any(shop.values()):
        return dict.fromkeys(sorted(counted, key=int) if family is HOURS else counted, family.prior)
    return shares(shop, shop if family is HOURS else counted)
