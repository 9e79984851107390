"""`churn:high|medium|low`: how a repeat buyer's risk stands beside that of all repeat buyers."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from models.churn.crossing import expected_gap
from models.churn.model import NAME, Model
from models.churn.reasons import silence
from models.churn.rollout import risks_along
from models.churn.shares import tier
from models.kernel.feature import Feature, Tag
from models.kernel.moment import Moment
from models.kernel.settings import DAY

if TYPE_CHECKING:
    from models.orders.buying import Buying

HIGH, MEDIUM, LOW = 11, 12, 13
"""The tags' keys, stored in profiles."""
BANDS = (HIGH, MEDIUM, LOW)
ENDS = "with another band; no repeat order left"


class ChurnBand(Feature):
    """A rule about orders, snapshots and alerts; it says nothing before the shop's riskiest are known."""

    name = "churn_band"
    reads = ("orders", "scored", "alerted")
    tabled = NAME
    tags = (
        Tag(HIGH, "churn:high", "a repeat buyer of the riskiest tenth, whose own usual gap is over", ENDS),
        Tag(MEDIUM, "churn:medium", "a repeat buyer of the riskiest three tenths", ENDS),
        Tag(LOW, "churn:low", "any other repeat buyer", ENDS),
    )

    def evaluate(self, m: Moment) -> int:
        """The band by the model in force. It is looked at with orders, every 14 days, and when an alert is raised."""
        buying: Buying | None = m["buying"]
        model: Model = m.ctx.tables[NAME]
        held = next((tag for tag in BANDS if m.holds(tag)), None)
        days, horizon = m.p.evaluated_at / DAY, m.ctx.settings.churn_horizon / DAY
        if buying is None or buying.repeats < 1:
            if held is not None:
                m.leave(held, "no repeat order left", model.judged_by(horizon))
            return 0
        if not model.alerts:
            return 0
        gone = risks_along(m["ahead"], horizon, 1)[0]
        new = band(gone, held, model)
        if new == HIGH and days < buying.last + expected_gap(buying, model.level):
            new = MEDIUM
        if new == held:
            return 0
        reason = f"{gone:.0%} sure not to order within {horizon:.0f} d: {silence(buying, days, model)}"
        m.swap(held, new, reason, model.judged_by(horizon))
        return 0


def band(gone: float, held: int | None, model: Model) -> int:
    """The band of a risk, where another one may be held: by cumulative hazards, of which less is riskier."""
    hazard = -log(gone)
    within = [-log(cut) / hazard if cut <= 1 else 0.0 for cut in (model.alert, model.watch)]
    return BANDS[tier(within, None if held is None else BANDS.index(held))]
