"""The registry: one line a feature, in the order of telling.

The numbers are stored in every profile, as those of slots and dues: a feature keeps its own for good, a new one takes
the next, wherever its line stands.
"""

from __future__ import annotations

from models.carts.abandoner import CartAbandoner
from models.carts.operations import Carts
from models.churn.overdue import Overdue
from models.fold import Fold
from models.habits.habits import Habits
from models.interests.favourites import Interests
from models.interests.hesitating import Hesitating
from models.kernel.feature import Feature
from models.lifecycle.bot import Bot
from models.lifecycle.lifetime import Lifetime
from models.lifecycle.stage import Stage
from models.orders.discount import DiscountDriven
from models.orders.refund import RefundProne
from models.orders.reports import Orders, summary
from models.orders.second_order import SecondOrderDue
from models.orders.unusual import UnusualOrder
from models.rfm.scores import Scores
from models.rfm.segments import Segment
from models.rfm.value import Value

FEATURES: dict[int, Feature] = {
    1: Bot(),
    2: Orders(),
    3: Stage(),
    4: Scores(),
    5: Segment(),
    6: Value(),
    7: Overdue(),
    8: SecondOrderDue(),
    9: UnusualOrder(),
    10: DiscountDriven(),
    11: RefundProne(),
    12: Carts(),
    13: CartAbandoner(),
    14: Hesitating(),
    15: Interests(),
    16: Habits(),
}

DERIVED = {"order_summary": summary}
"""Facts worked out at most once a moment, by name."""

SHOPPERS = Fold(FEATURES, DERIVED, Lifetime())
"""The fold of shoppers."""
