"""The registry: one line a feature, in the order of telling.

The numbers are stored in every profile, as those of slots and dues: a feature keeps its own for good, a new one takes
the next, wherever its line stands. (What nearly every shopper has comes first: slots end with the last one touched.)
"""

from __future__ import annotations

from models.acting.consent import Consent
from models.acting.gate import Acting
from models.carts.abandoner import CartAbandoner
from models.carts.cart_events import Carts
from models.churn.ahead import ahead
from models.churn.alert import Churn
from models.churn.band import ChurnBand
from models.churn.examples import Examples
from models.churn.next_order_due import NextOrderDue
from models.churn.table import ModelTable
from models.churn.value_tier import ValueNextYear
from models.fold import Fold
from models.habits.habits import Habits
from models.habits.weekend_shopper import WeekendShopper
from models.interests.favourites import Interests
from models.interests.heat import ProductHeat
from models.interests.hesitating import Hesitating
from models.kernel.feature import Feature
from models.lifecycle.bot import Bot
from models.lifecycle.funnel import Funnel
from models.lifecycle.lifetime import Lifetime
from models.lifecycle.stage import Stage
from models.orders.discount_driven import DiscountDriven
from models.orders.order_events import Orders, buying, summary
from models.orders.refund_prone import RefundProne
from models.orders.second_order_due import SecondOrderDue
from models.orders.unusual_order import UnusualOrder
from models.rfm.scores import Scores
from models.rfm.segments import Segment
from models.rfm.table import CutsTable
from models.rfm.value import Value

FEATURES: dict[int, Feature] = {
    16: Bot(),
    6: Orders(),
    24: Consent(),
    25: Acting(),
    22: Funnel(),
    3: Stage(),
    7: Scores(),
    8: Segment(),
    10: Value(),
    18: Examples(),
    9: Churn(),
    19: ChurnBand(),
    20: NextOrderDue(),
    21: ValueNextYear(),
    11: SecondOrderDue(),
    12: UnusualOrder(),
    13: DiscountDriven(),
    14: RefundProne(),
    17: WeekendShopper(),
    5: Carts(),
    15: CartAbandoner(),
    4: Hesitating(),
    2: Interests(),
    23: ProductHeat(),
    1: Habits(),
}

DERIVED = {"order_summary": summary, "buying": buying, "ahead": ahead}
"""Facts worked out at most once a moment, by name."""

TABLES = (CutsTable(), ModelTable())
"""The kinds of tables they judge by: one line each."""

SHOPPERS = Fold(FEATURES, DERIVED, Lifetime(), TABLES)
"""The fold of shoppers."""

ShopSettings = SHOPPERS.settings
"""What the shop decides: the shared settings and those of every feature."""
