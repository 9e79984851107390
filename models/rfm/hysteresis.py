"""Hysteresis of the scores: what time and new tables may change of the scores that a buyer has.

Between own order events R only falls. F and M move by a table only where the buyer lies beyond a cut by a margin, and F
moves one way only. Segments are rectangles of the R-F grid, and a path that goes one way along both axes never comes
back into a rectangle it left: so no segment goes and comes back.
"""

from __future__ import annotations

from msgspec import Struct

from models.rfm.cuts import Cuts

ORDERS = 1
"""Margin of F: a cut must pass a buyer by one whole order."""
SPENDING = 1.1
"""Margin of M: by a tenth of the spending. That is the standard error of a fifth among 200 buyers, the fewest that make
a table, where the log of spending has a standard deviation of 1."""


class Scored(Struct, frozen=True, gc=False):
    """Scores from 1 to 5, and the way F went since the last own order event: -1, 0 or 1."""

    r: int
    f: int
    m: int
    way: int = 0

    @property
    def digits(self) -> int:
        """R, F and M as three digits."""
        return 100 * self.r + 10 * self.f + self.m


def afresh(cuts: Cuts, days: int, orders: int, monetary: float, last: int) -> Scored:
    """The scores at an own order event: those of the table.

    Parameters
    ----------
    days
        Calendar days since the newest valid order.
    orders
        Number of valid orders, at least one.
    monetary, last
        Minor units decayed to the newest valid order, and when that was (ms).

    >>> afresh(Cuts(), 14, 2, 2_600.0, 0)
    Scored(r=4, f=2, m=2, way=0)
    """
    return Scored(cuts.r(days), cuts.f(orders), cuts.m(monetary, last))


def held(had: Scored, cuts: Cuts, days: int, orders: int, monetary: float, last: int) -> Scored:
    """The scores where nothing happened but time and perhaps another table. Parameters as of `afresh`.

    >>> held(Scored(4, 2, 2), Cuts(), 13, 2, 5_400.0, 0), held(Scored(4, 2, 2), Cuts(), 30, 4, 5_500.0, 0)
    (Scored(r=4, f=2, m=2, way=0), Scored(r=3, f=3, m=3, way=1))
    """
    f = _between(had.f, cuts.f(orders - ORDERS), cuts.f(orders + ORDERS))
    way = (f > had.f) - (f < had.f)
    if way * had.way < 0:
        f, way = had.f, 0
    m = _between(had.m, cuts.m(monetary / SPENDING, last), cuts.m(monetary * SPENDING, last))
    return Scored(min(had.r, cuts.r(days)), f, m, way or had.way)


def _between(score: int, low: int, high: int) -> int:
    """The score, or the nearest of those that the margin allows."""
    return low if score < low else min(score, high)
