"""`value:high|medium|low`: what a buyer is worth, by the monetary score."""

from __future__ import annotations

from models.kernel.feature import Feature, Tag
from models.kernel.moment import Moment
from models.rfm.cuts import NAME

LOW, MEDIUM, HIGH = 0, 1, 2
"""The tags' keys, stored in profiles."""
TIERS = (LOW, LOW, LOW, MEDIUM, MEDIUM, HIGH)
"""By monetary score, 1..5."""


class Value(Feature):
    """A rule about the monetary score."""

    name = "value"
    reads = ("scores",)
    tabled = NAME
    tags = (
        Tag(HIGH, "value:high", "monetary score 5", "with another tier; no valid order left"),
        Tag(MEDIUM, "value:medium", "monetary score 3 or 4", "with another tier; no valid order left"),
        Tag(LOW, "value:low", "monetary score 1 or 2", "with another tier; no valid order left"),
    )

    def evaluate(self, m: Moment) -> int:
        """The tier by the table in force; it needs a valid order."""
        scores, cuts = m.state("scores"), m.ctx.tables[NAME]
        if scores is None:
            return 0
        held = next((tag for tag in (LOW, MEDIUM, HIGH) if m.holds(tag)), None)
        if not scores.orders:
            if held is not None:
                m.leave(held, "no valid order left", cuts.name)
            return 0
        score = scores.scores % 10
        new = TIERS[score]
        if new == held:
            return 0
        reason = f"M {score}: spent {round(scores.monetary)} in {m.ctx.settings.currency} minor units, decayed"
        m.swap(held, new, reason, cuts.name)
        return 0
