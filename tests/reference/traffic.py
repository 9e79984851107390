"""What one shopper adds to the shop's minutes: visitors, visits and how far they came, orders and their money."""

from __future__ import annotations

from collections import Counter

from models.features import ShopSettings
from models.kernel.events import Added, Amended, Browsed, CartViewed, Ordered, Replaced
from models.kernel.settings import MINUTE
from tests.reference import lifecycle
from tests.reference.history import Own
from tests.reference.orders import Book, when

STAGES = ("viewed", "carted", "checkout", "bought")


class Traffic:
    """Counts by (minute, name) since they were last taken."""

    def __init__(self, settings: ShopSettings) -> None:
        self.settings = settings
        self.minutes: Counter[tuple[int, str]] = Counter()
        self.around: set[int] = set()  # minutes of which the shopper is a visitor
        self.reached: list[int] = []  # by each event of the history, 0 to 4
        self.sales: Counter[tuple[int, str]] = Counter()
        self.views: list[tuple[str, str, int]] = []  # what kind of thing, its name, when

    def take(self, history: list[Own], book: Book, *, ordered: bool) -> None:
        """The newest event of the history is folded; `ordered`: it is the first report of an order."""
        latest = history[-1]
        minute = latest.e // MINUTE
        if all(own.e < latest.e for own in history[:-1]):
            window = set(range(minute, minute + 5)) - self.around
            self.around |= window
            self.minutes.update((each, "visitors") for each in window)
        begins = [own is latest for own in lifecycle.arrivals(history, self.settings)][-1]
        self.minutes[minute, "visits"] += begins
        self.reached.append(stage(latest, ordered=ordered))
        visit = self.reached[self.first_of_visit(history) :]
        before = max(visit[:-1], default=0)
        self.minutes.update((minute, name) for name in STAGES[before : max(visit)])
        self.sell(book)
        match latest.event:
            case Browsed(category=category, product=product) if product:
                self.views.append(("products", product[:64], latest.e))
                self.views += [("categories", category[:64], latest.e)] if category else []

    def first_of_visit(self, history: list[Own]) -> int:
        """Where in the history the running visit began."""
        first = lifecycle.arrivals(history, self.settings)[-1]
        return next(i for i, own in enumerate(history) if own is first)

    def sell(self, book: Book) -> None:
        """Orders count in the minute of their first report, and so does whatever becomes known of their amounts."""
        sales: Counter[tuple[int, str]] = Counter()
        for order in book.reported:
            sales[when(order) // MINUTE, "orders"] += 1
            sales[when(order) // MINUTE, "revenue"] += order.amount or 0
        for key in sales.keys() | self.sales.keys():
            if sales[key] != self.sales[key]:
                self.minutes[key] += sales[key] - self.sales[key]
        self.sales = sales


def stage(own: Own, *, ordered: bool) -> int:
    """How far an event by itself says that a visit came."""
    match own.event:
        case Ordered() | Amended() if ordered:
            return 4
        case CartViewed(checkout=True):
            return 3
        case Added():
            return 2
        case Replaced(lines=lines) if lines:
            return 2
        case Browsed(product=product) if product:
            return 1
    return 0
