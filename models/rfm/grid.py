"""The R-F grid: how many buyers are in each cell, and what they spent."""

from __future__ import annotations

from typing import Protocol

from models.kernel.moment import Moment
from models.kernel.shopper import GRID


class Buyer(Protocol):
    """What is known of a buyer's scores (`models.rfm.scores.State`)."""

    scores: int
    net: int


class Grid:
    """Where the shard counts a buyer, before something happens.

    A profile that was written before there was a grid is counted nowhere, which its flag says; it is from the next
    time on that its scores are looked at.
    """

    def __init__(self, m: Moment, buyer: Buyer | None) -> None:
        there = buyer is not None and m.p.flags & GRID
        self.cell, self.net = (buyer.scores // 10, buyer.net) if buyer is not None and there else (0, 0)

    def move(self, m: Moment, buyer: Buyer | None) -> None:
        """Count the buyer where the scores are now, with all that was spent; None, or without a score: nowhere."""
        cell, net = (buyer.scores // 10, buyer.net) if buyer is not None and buyer.scores else (0, 0)
        if (cell, net) == (self.cell, self.net):
            return
        if self.cell:
            m.count(f"rf:{self.cell}", -1)
            m.count(f"rf_value:{self.cell}", -self.net)
        if cell:
            m.count(f"rf:{cell}")
            m.count(f"rf_value:{cell}", net)
        m.p.flags = m.p.flags | GRID if cell else m.p.flags & ~GRID
