"""The no-purchase path of the shopper at hand, worked out at most once a moment: three rules read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.churn.covariates import STEP
from models.churn.model import NAME, Model
from models.churn.rollout import path
from models.kernel.moment import Moment
from models.kernel.settings import DAY

if TYPE_CHECKING:
    from models.orders.buying import Buying

STEPS = 2
"""Steps beyond the horizon: so far ahead a risk is looked up. Who stays below that of alerts for so long is looked at
again at the next snapshot."""


def ahead(m: Moment) -> list[float] | None:
    """The cumulative hazard from now on, as long as nothing is bought (`models.churn.rollout.path`): to the horizon of
    risks and `STEPS` further. None: no buyer."""
    buying: Buying | None = m["buying"]
    if buying is None or not buying.occasions:
        return None
    model: Model = m.ctx.tables[NAME]
    horizon = m.ctx.settings.churn_horizon / DAY
    return path(buying, m.p.evaluated_at / DAY, horizon + STEPS * STEP, model.level, model.odds(horizon))
