"""The seam: a capability that this file alone brings is folded, stored, told, counted, shown and forgotten."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from msgspec import Struct

from kairos.config.variables import declared
from kairos.contract import tags as contract
from kairos.contract.outputs import schemas
from models.features import DERIVED, FEATURES, SHOPPERS, TABLES
from models.fold import Fold
from models.kernel.effects import Context
from models.kernel.events import CLICKSTREAM, Browsed, Event
from models.kernel.feature import Feature, Tag, View
from models.kernel.moment import Moment, slot
from models.kernel.outputs import Output, OutputTopic, TagChange
from models.kernel.record import DecodedRecord
from models.kernel.settings import DAY, Setting
from models.kernel.shopper import Profile
from models.lifecycle.lifetime import Lifetime
from models.profile import codec
from models.profile.describe import describe
from models.profile.public import public
from sinks.summary import merge

PAGE = Path(__file__).parents[2] / "docs" / "tags.md"
E0 = 1_700_000_000_000
WINDOW = 3 * DAY
TOY = 60
"""The tag's key."""
NEXT = max(FEATURES) + 1
"""The number a new feature gets."""


class State(Struct, array_like=True, gc=False):
    """How many pages, and when the newest was."""

    pages: int = 0
    newest: int = 0


class ToySettings(Struct, frozen=True):
    """How many pages."""

    bookworm_pages: Annotated[int, Setting("positive", "pages that make a bookworm")] = 5


class Finished(Output, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A book was read."""

    kind: Literal["finished", "begun"]
    pages: int = 0


FINISHED = OutputTopic(
    "books", Finished, "where books go", "BOOKS",
    needed={"finished": ["pages"]}, fields={"pages": {"description": "How many."}},
)  # fmt: skip


class Bookworm(Feature):
    """`bookworm`: five pages without a product, none of them more than three days after the one before."""

    name = "bookworm"
    keeps = State
    listens = (Browsed,)
    raises = ("pages",)
    reads = ("pages",)
    tags = (Tag(TOY, "bookworm", "five pages", "three days without one"),)
    outputs = (FINISHED,)
    settings = ToySettings
    counters = {"pages_read": "Pages without a product"}  # noqa: RUF012

    def fold(self, m: Moment, event: Browsed) -> int:
        if event.product:
            return 0
        state = m.ensure(self)
        state.pages = state.pages + 1 if m.e < state.newest + WINDOW else 1
        state.newest = m.e
        m.count("pages_read")
        return self.signals["pages"] if state.pages >= m.ctx.settings.bookworm_pages else 0

    def evaluate(self, m: Moment) -> int:
        state = m.own(self)
        if state is None:
            return 0
        until = state.newest + WINDOW
        holds = state.pages >= m.ctx.settings.bookworm_pages and m.now < until
        if m.turn(TOY, holds, lambda: f"{state.pages} pages") and holds:
            m.emit(FINISHED.role, Finished(id="", kind="finished", user_id=m.user, as_of=m.now, reason="", pages=5))
        return until if holds else 0

    def describe(self, state: State | None, view: View) -> dict[str, Any]:
        return {"pages": state.pages if state else 0}

    def shown(self, state: State | None) -> bool:
        return state is not None and state.pages >= 5

    def public(self, state: State | None) -> dict[str, str | int]:
        return {"pages": state.pages if state else 0}


FOLD = Fold(FEATURES | {NEXT: Bookworm()}, DERIVED, Lifetime(), TABLES)


def record(event: Event, e: int, message: int) -> DecodedRecord:
    return DecodedRecord(e, "u", event, CLICKSTREAM, message, True)


def told(ctx: Context) -> list[tuple[str, str, int, str]]:
    """Changes of the toy's tag: kind, tag, days since `E0`, reason."""
    changes = [said.output for said in ctx.effects.outputs if isinstance(said.output, TagChange)]
    return [(c.kind, c.tag, (c.as_of - E0) // DAY, c.reason) for c in changes if c.tag == "bookworm"]


def reads(ctx: Context, pages: int) -> Profile:
    p: Profile | None = None
    for number in range(pages):
        p, _ = FOLD.event(ctx, "u", p, record(Browsed(), E0 + number, number), 0)
        assert p is not None
        p = codec.decode(codec.encode(p))  # as between two batches
    assert p is not None
    return p


def test_it_is_folded_stored_and_told() -> None:
    ctx = FOLD.context(FOLD.settings())
    p = reads(ctx, 4)
    assert told(ctx) == []
    p, _ = FOLD.event(ctx, "u", p, record(Browsed(), E0 + 4, 4), 0)
    assert p is not None
    assert told(ctx) == [("entered", "bookworm", 0, "5 pages")]
    assert slot(codec.decode(codec.encode(p)), FOLD.named["bookworm"]) == State(5, E0 + 4)
    assert p.due == p.dues[NEXT] == E0 + 4 + WINDOW


def test_it_ends_by_its_own_timer_and_by_being_forgotten() -> None:
    ctx = FOLD.context(FOLD.settings())
    p = reads(ctx, 5)
    left = FOLD.timer(ctx, "u", p, p.due)
    assert left is not None
    assert told(ctx)[1:] == [("exited", "bookworm", 3, "5 pages")]
    ctx = FOLD.context(FOLD.settings(visitor_ttl=DAY))
    alive: Profile | None = reads(ctx, 5)
    while alive is not None:
        alive = FOLD.timer(ctx, "u", alive, alive.due)
    assert told(ctx)[1:] == [("exited", "bookworm", 1, "expired: not seen for 1 d")]
    assert ctx.effects.counts["bookworm"] == 0


def test_it_is_counted_shown_and_documented() -> None:
    ctx = FOLD.context(FOLD.settings())
    p = reads(ctx, 5)
    assert (ctx.effects.counts["bookworm"], ctx.effects.counts["pages_read"]) == (1, 5)
    assert merge([{"bookworm": "3", "pages_read": "9"}], FOLD).tags == {"bookworm": 3}
    assert FOLD.counters["pages_read"] == "Pages without a product"
    described = describe(p, {}, FOLD.settings(), FOLD)
    assert (described["pages"], described["tags"]) == (5, {"bookworm": E0 + 4})
    assert (public(p, FOLD) or {})["pages"] == 5
    assert "| `bookworm` | five pages | three days without one |" in contract.page(PAGE.read_text("utf-8"), FOLD)
    assert contract.names(FOLD)[-1] == "bookworm"


def test_its_settings_and_outputs_are_read_sent_and_documented() -> None:
    ctx = FOLD.context(FOLD.settings(bookworm_pages=3))
    reads(ctx, 2)
    assert not told(ctx)
    reads(ctx, 3)
    assert told(ctx)
    assert ctx.effects.counts["out:books:finished"] == 1
    assert (list(FOLD.outputs)[-2:], FOLD.outputs["books"].kinds) == (["books", "dead-letters"], ("finished", "begun"))
    pages, *_ = (v for v in declared(FOLD.settings, "shop") if v.target == "shop.bookworm_pages")
    assert (pages.name, pages.key, pages.parse("3"), pages.doc) == (
        "KAIROS_BOOKWORM_PAGES", "shop.bookworm_pages", 3, "pages that make a bookworm",
    )  # fmt: skip
    schema = schemas("#/{name}", FOLD)["Finished"]
    assert schema["properties"]["pages"]["description"] == "How many."
    assert schema["allOf"][0]["then"] == {"required": ["pages"]}
    assert FOLD.outputs["books"].variable == "KAIROS_TOPIC_BOOKS"


def calls(fold: Fold) -> int:
    """Python calls of one more click of a known shopper, of which nothing follows."""
    ctx, p = fold.context(fold.settings()), None
    for number in range(6):
        p, _ = fold.event(ctx, "u", p, record(Browsed("shoes", 2, f"p{number}"), E0 + number, number), 0)
    count = 0

    def profile(frame: Any, what: str, arg: Any) -> None:
        nonlocal count
        count += what == "call"

    last, act = record(Browsed("shoes", 2, "p9"), E0 + 9, 9), fold.event
    sys.setprofile(profile)
    try:
        act(ctx, "u", p, last, 0)
    finally:
        sys.setprofile(None)
    return count


def test_a_feature_adds_no_call_to_events_it_does_not_listen_to() -> None:
    class Deaf(Bookworm):
        listens, outputs, settings = (), (), None

    plain = calls(SHOPPERS)
    for features in ({NEXT: Deaf()}, {NEXT + n: named(Deaf, n) for n in range(100)}):
        assert calls(Fold(FEATURES | features, DERIVED, Lifetime(), TABLES)) == plain
    assert calls(FOLD) == plain + 1  # it listens, and that is all
    assert plain <= 19


def named(kind: type[Feature], number: int) -> Feature:
    """One more of a kind, under a name of its own."""
    return type(
        f"{kind.__name__}{number}", (kind,), {"name": f"deaf-{number}", "raises": (), "reads": ("orders",), "tags": ()}
    )()


def test_numbers_that_profiles_store_are_never_given_again() -> None:
    """Append only: a number that changes its meaning makes nonsense of every stored profile."""
    assert {number: feature.name for number, feature in FEATURES.items()} == {
        1: "habits", 2: "interests", 3: "stage", 4: "hesitating", 5: "carts", 6: "orders", 7: "scores", 8: "segment",
        9: "churn", 10: "value", 11: "second_order_due", 12: "unusual_order", 13: "discount_driven", 14: "refund_prone",
        15: "cart_abandoner", 16: "bot", 17: "weekend_shopper", 18: "examples", 19: "churn_band", 20: "next_order_due",
        21: "value_next_year", 22: "funnel", 23: "product_heat", 24: "consent", 25: "acting",
    }  # fmt: skip
    assert dict(sorted(SHOPPERS.tags.items())) == {
        0: "value:low", 1: "value:medium", 2: "value:high", 3: "second_order_due", 4: "unusual_order",
        5: "discount_driven", 6: "refund_prone", 7: "cart_abandoner", 8: "hesitating", 9: "bot", 10: "weekend_shopper",
        11: "churn:high", 12: "churn:medium", 13: "churn:low", 14: "next_order_due",
        15: "value_next_year:high", 16: "value_next_year:medium", 17: "value_next_year:low",
    }  # fmt: skip
    families = {
        tag.name: tag.key for feature in SHOPPERS.features for tag in feature.tags if tag.family and tag.key > 0
    }
    assert families == {
        "active_hour:<hour>": 64, "active_weekday:<day>": 88, "interest:<category>": 4_096, "device:<type>": 8_192,
        "channel:<medium>": 12_288,
    }  # fmt: skip


def test_signals_are_raised_by_one_feature_and_read_by_name() -> None:
    with pytest.raises(ValueError, match="the same signal"):
        Fold(FEATURES | {NEXT: Bookworm(), NEXT + 1: Bookworm()}, DERIVED, Lifetime(), TABLES)
    with pytest.raises(ValueError, match=r"features have the same name: \['stage'\]"):
        Fold(FEATURES | {NEXT: type("Twin", (Bookworm,), {"name": "stage"})()}, DERIVED, Lifetime(), TABLES)
    with pytest.raises(ValueError, match=r"tags have the same key: \[9\]"):
        Fold(FEATURES | {NEXT: type("Twin", (Bookworm,), {"tags": FEATURES[16].tags})()}, DERIVED, Lifetime(), TABLES)
    for twice, what in (
        ("settings", "two settings have the same name: 'min_cart_value'"),
        ("outputs", "two outputs have"),
    ):
        twin = type("Twin", (Bookworm,), {twice: getattr(FEATURES[5], twice)})
        with pytest.raises(ValueError, match=what):
            Fold(FEATURES | {NEXT: twin()}, DERIVED, Lifetime(), TABLES)
    with pytest.raises(ValueError, match="no feature raises the signal 'pages'"):
        Fold(FEATURES | {NEXT: type("Lost", (Bookworm,), {"raises": ()})()}, DERIVED, Lifetime(), TABLES)
