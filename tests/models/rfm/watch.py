"""What scores may never do without an own order event."""

from __future__ import annotations

import pytest

from models.features import SHOPPERS
from models.kernel.events import Amended, Cancelled, Ordered, Refunded
from models.kernel.moment import Moment
from models.rfm.scores import Scores
from tests.reference.rfm import GRID

OWN = (Ordered, Amended, Refunded, Cancelled)


class Watch:
    """Sees every buyer's scores, and fails where R rises or a segment comes back without an own order event.

    Attributes
    ----------
    moved
        How often a segment changed without an own order event; `most`: at most of one buyer between two of them.
    """

    def __init__(self) -> None:
        self.r: dict[str, int] = {}
        self.been: dict[str, list[str]] = {}
        self.moved = self.most = 0

    def sees(self, user: str, event: object, scores: int) -> None:
        """A buyer's three digits (0: no valid order) after an event, or None for a timer."""
        r, f = scores // 100, scores // 10 % 10
        segment = GRID[r][f - 1] if scores else ""
        if isinstance(event, OWN) or not scores:
            self.been[user] = [segment]
        else:
            assert r <= self.r[user], f"R of {user} rose"
            if segment != self.been[user][-1]:
                assert segment not in self.been[user], f"{user} is {segment} again: {self.been[user]}"
                self.been[user].append(segment)
                self.moved += 1
                self.most = max(self.most, len(self.been[user]) - 1)
        self.r[user] = r

    def follows(self, monkeypatch: pytest.MonkeyPatch) -> Watch:
        """See every evaluation of scores by the fold of shoppers."""
        rules = SHOPPERS._rules
        (place,) = (place for place, (_, evaluate) in rules.items() if isinstance(evaluate.__self__, Scores))
        number, evaluate = rules[place]
        feature = evaluate.__self__

        def watched(m: Moment) -> int:
            due, state = evaluate(m), m.own(feature)
            if state is not None:
                self.sees(m.user, m.record and m.record.event, state.scores)
            return due

        monkeypatch.setitem(rules, place, (number, watched))
        return self
