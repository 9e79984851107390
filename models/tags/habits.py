"""The three families of habits, judged where a visit begins: by the shopper's counts and the shop's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from models.effects import Context
from models.habits import habits
from models.learners.beta import BetaCounts
from models.profile import Profile
from models.tags.habit import CHANNELS, DEVICES, HOURS, LEAST, Family, judge, reason, shares
from models.tags.names import Key, key, subjects
from models.tags.telling import enter, leave


def renew(ctx: Context, user: str, p: Profile, now: int) -> None:
    """Bring the tags of habits up to `now` (ms), after a visit that began then was counted."""
    visits = habits(p.habits)
    for family, pairs in ((HOURS, visits.hours), (DEVICES, visits.devices), (CHANNELS, visits.channels)):
        counts = BetaCounts(family.strength, len(pairs), pairs)
        held = next(iter(subjects(p.tags, family.key)), None)
        if held is None and all(n < LEAST for _, n in counts):
            continue
        judged = judge(family, counts, held, _priors(ctx, family, pairs[::2]))
        if judged.kind == held:
            continue
        why = reason(judged, counts.total)
        if held is not None:
            leave(ctx, user, p, key(family.key, held), now, why)
        if judged.kind is not None:
            enter(ctx, user, p, key(family.key, judged.kind), now, why)


def _priors(ctx: Context, family: Family, counted: Iterable[Key]) -> dict[Key, float]:
    """Shares of the shop's visits, where the table in force has them: of all hours, or of the kinds counted."""
    cuts, ids = ctx.cuts, ctx.vocabulary.ids
    shop: Mapping[Key, int]
    if family is HOURS:
        shop = dict(enumerate(cuts.hours))
        kinds: Iterable[Key] = shop if any(cuts.hours) else sorted(counted, key=int)
    else:
        shop = {ids.get(name, name): n for name, n in (cuts.devices if family is DEVICES else cuts.channels).items()}
        kinds = counted
    return shares(shop, kinds) if any(shop.values()) else dict.fromkeys(kinds, family.prior)
