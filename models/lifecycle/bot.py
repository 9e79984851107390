"""`bot`: more events within a minute than a person makes."""

from __future__ import annotations

from models.kernel.feature import Feature, Tag
from models.kernel.moment import Moment
from models.kernel.shopper import BOT as FLAG

BOT = 9
"""The tag's key, stored in profiles."""


class Bot(Feature):
    """A rule. From then on the fold skips the shopper's clicks."""

    name = "bot"
    reads = ("burst",)
    ineligible = True
    tags = (Tag(BOT, "bot", "more than 600 events within a minute", "never, until forgotten"),)

    def evaluate(self, m: Moment) -> int:
        """Once a bot, always one."""
        if m.p.burst > m.ctx.settings.bot_rate and not m.p.flags & FLAG:
            m.p.flags |= FLAG
            m.enter(BOT, f"{m.p.burst} events within a minute")
        return 0

    def forget(self, m: Moment, reason: str) -> None:
        """A profile written before the tag was kept has the flag alone."""
        if m.p.flags & FLAG and not m.holds(BOT):
            m.p.tags = [*(m.p.tags or ()), BOT, m.p.last]
