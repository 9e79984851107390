"""The fold by rules of the tests' own: who is asked, when, and what is due next."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.features import ShopSettings
from models.fold import Fold
from models.kernel.effects import Context
from models.kernel.events import CLICKSTREAM, Browsed
from models.kernel.feature import Feature
from models.kernel.moment import Moment
from models.kernel.record import DecodedRecord
from models.kernel.shopper import Profile
from models.lifecycle.lifetime import Lifetime
from tests.models.shopper import E0

Due = Callable[[int], int]
"""The next due as of some time; all in ms since `E0`, 0: none."""


class Rule(Feature):
    """A rule that writes down when it was asked (ms since `E0`)."""

    def __init__(
        self, reads: str, due: Due = lambda now: 0, raises: str = "", *, ineligible: bool = True, acting: bool = False
    ) -> None:
        super().__init__()
        self.asked: list[int] = []
        self.name = f"rule-{id(self)}"
        self.reads, self.raises, self.ineligible, self.acting = (
            (reads,),
            (raises,) if raises else (),
            ineligible,
            acting,
        )
        self.due = due

    def evaluate(self, m: Moment) -> int:
        self.asked.append(m.now - E0)
        for signal in self.raises:
            m.raised |= self.signals[signal]
        due = self.due(m.now - E0)
        return E0 + due if due else 0


class Visitors(Lifetime):
    """Of a fold that knows no orders."""

    def ends(self, m: Moment) -> int:
        return m.p.last + m.ctx.settings.visitor_ttl


class Clicking:
    """A shopper of a fold of these rules, in this order, who clicks now and then (ms since `E0`)."""

    def __init__(self, *rules: Rule) -> None:
        self.fold = Fold(dict(enumerate(rules, 1)), {}, Visitors())
        self.ctx = Context(ShopSettings())
        self.p: Profile | None = None

    def clicks(self, *times: int) -> Profile:
        for e in times:
            reading = DecodedRecord(E0 + e, "u", Browsed(), CLICKSTREAM, e)
            self.p, _ = self.fold.event(self.ctx, "u", self.p, reading, 0)
        assert self.p is not None
        return self.p


def every(pause: int) -> Due:
    return lambda now: now + pause


def test_what_a_rule_raises_is_read_at_once_by_those_after_it() -> None:
    before, telling, after = Rule("told"), Rule("created", raises="told"), Rule("told")
    Clicking(before, telling, after).clicks(0)
    assert (before.asked, telling.asked, after.asked) == ([], [0], [0])


def test_a_stranger_is_told_nothing() -> None:
    deaf, hearing, about_anybody = (
        Rule("created", ineligible=False),
        Rule("eligible", ineligible=False),
        Rule("created"),
    )
    shopper = Clicking(deaf, hearing, about_anybody)
    shopper.clicks(0)
    assert (deaf.asked, hearing.asked, about_anybody.asked) == ([], [], [0])
    shopper.clicks(7, 9)
    assert (deaf.asked, hearing.asked, about_anybody.asked) == ([], [7], [0])


@given(st.lists(st.integers(1, 50), min_size=1, max_size=5))
def test_a_timer_asks_those_whose_due_has_come(pauses: list[int]) -> None:
    rules = [Rule("created", every(pause)) for pause in pauses]
    shopper = Clicking(*rules)
    p = shopper.clicks(0)
    while p.due <= E0 + 200:
        left = shopper.fold.timer(shopper.ctx, "u", p, p.due)
        assert left is p
    assert [rule.asked for rule in rules] == [list(range(0, 201, pause)) for pause in pauses]


def test_at_an_event_what_was_due_is_said_but_for_what_asks_somebody_to_act() -> None:
    state, acting = Rule("created", every(10)), Rule("created", every(10), acting=True)
    shopper = Clicking(state, acting)
    p = shopper.clicks(0, 9, 12, 13)
    assert (state.asked, acting.asked) == ([0, 12], [0])
    assert p.due == E0 + 10
    assert [shopper.fold.acts(p, E0 + now) for now in (9, 10)] == [False, True]
    shopper.fold.timer(shopper.ctx, "u", p, p.due)
    assert (state.asked, acting.asked, p.due) == ([0, 12], [0, 10], E0 + 20)


def test_a_due_in_the_past_is_refused_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """In production, that is: in tests it is an error (tests/conftest.py)."""
    monkeypatch.undo()
    shopper = Clicking(Rule("created", every(-1_000_000)), Rule("created", every(1)))
    p = shopper.clicks(0)
    assert (p.due, shopper.ctx.effects.counts["dues_refused"]) == (E0, 1)


def test_a_rule_that_does_not_come_to_rest_is_an_error() -> None:
    shopper = Clicking(Rule("created", lambda now: 10))
    p = shopper.clicks(0)
    with pytest.raises(RuntimeError, match="does not come to rest"):
        shopper.fold.timer(shopper.ctx, "u", p, p.due)
