"""What is known of one shopper in the end: the reference's account and the engine's, in one shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.features import SHOPPERS, ShopSettings
from models.kernel.events import CLICKSTREAM
from models.kernel.moment import slot
from models.orders.order import AWAITED, CANCELLED, UNKNOWN
from models.profile import codec
from models.profile.describe import describe
from sinks.memory_store import MemoryStore
from tests.reference import lifecycle
from tests.reference.acting import statements, zone
from tests.reference.cart_contents import carts, cleared, contents, surviving
from tests.reference.compare import line
from tests.reference.gaps import gap, occasions
from tests.reference.habits import HABITS, counts
from tests.reference.history import Own
from tests.reference.interest import interest
from tests.reference.shopper import Shopper
from tests.reference.views import views
from tests.reference.world import World

Facts = dict[str, Any]
HABITUAL = ("hours", "weekdays", "devices", "channels", "looked", "views", "left")


def facts_of_reference(world: World) -> dict[str, Facts]:
    """Every live shopper."""
    return {user: shopper_facts(shopper, world.settings) for user, shopper in world.shoppers.items()}


def shopper_facts(shopper: Shopper, settings: ShopSettings) -> Facts:
    """One shopper of the reference: facts, then verdicts."""
    history = shopper.history
    return {
        "first": lifecycle.oldest(history),
        "last": lifecycle.newest(history),
        "events": len(history),
        "visits": len(lifecycle.arrivals(history, settings)),
        "identified": any(own.identified for own in history),
        "acted": any(own.role != CLICKSTREAM for own in history),
        "cleared": cleared(history, settings),
        "returned": lifecycle.returned(history) or 0,
        "interest": interest(history, settings),
        "contents": {
            cart: sorted((product, variant, "" if sku == product else sku, n) for (product, variant, sku), n in held)
            for cart in carts(history)
            if (held := contents(surviving(history, cart, settings)).items())
        },
        **buyer_facts(shopper, settings),
        **habit_facts(history, settings),
        "left": sorted(shopper.carts.abandoned)[-2:],
        "generations": sorted(
            (g.cart, g.anchor, g.fired or 0, g.original, g.silent, g.arm, g.told) for g in shopper.carts.open
        ),
        **acting_facts(shopper, settings),
        "bot": "bot" in shopper.tags,
        "tags": dict(sorted(shopper.tags.items())),
        "scores": shopper.scores,
        "alerted": shopper.alert or 0,
    }


def acting_facts(shopper: Shopper, settings: ShopSettings) -> Facts:
    """What was allowed and sent, and where a shopper of the reference is."""
    acting, most = shopper.acting, settings.message_cap
    return {
        "consent": {channel: {"allowed": yes, "since": e} for channel, (e, yes) in statements(shopper.history).items()},
        "zone": zone(shopper.history, "") or None,
        "asked_to_act": sorted(acting.sent)[-most:] if most else [],
        "trials": {name: (one.arm, one.begun, one.converted) for name, one in acting.trials.items()},
    }


def buyer_facts(shopper: Shopper, settings: ShopSettings) -> Facts:
    """The orders of a shopper of the reference."""
    book = shopper.book
    frequency, monetary = book.decayed(settings.half_life)
    mean, variance = gap(book, settings)
    return {
        "orders": sorted(
            (o.e, UNKNOWN if o.amount is None else o.amount, o.refunded, o.cancelled, o.valid) for o in book.reported
        ),
        "valid": len(book.valid),
        "gross": book.gross,
        "net": book.net,
        "frequency": frequency,
        "monetary": monetary,
        "occasions": len(occasions(book)),
        "gap": mean,
        "variance": variance,
    }


def habit_facts(history: list[Own], settings: ShopSettings) -> Facts:
    """Visits by hour, weekday, device and channel, and the products viewed lately."""
    visits = {name: dict(counts(habit, history, settings)) for name, habit in zip(HABITUAL, HABITS, strict=False)}
    seen = views(history)
    viewed = [[f"{product:08x}", n] for product, n in seen.products]
    return {**visits, "looked": seen.looked, "views": viewed}


def facts_of_engine(store: MemoryStore, partition: int, settings: ShopSettings) -> dict[str, Facts]:
    """Every shopper of one shard of the store."""
    vocab = store.vocab(partition)
    return {user: decoded(packed, vocab, settings) for user, packed in store.profiles(partition)}


def decoded(packed: bytes, vocab: Mapping[str, int], settings: ShopSettings) -> Facts:
    """One profile in the reference's shape."""
    profile = codec.decode(packed)
    p = describe(profile, vocab, settings)
    buyer = p.get("buyer")
    book = slot(profile, SHOPPERS.named["orders"])
    names = ("first", "last", "events", "visits", "identified", "acted", "cleared", "returned", "interest", *HABITUAL)
    return {
        **{name: p[name] for name in names},
        "contents": {
            name: sorted(map(line, cart["products"])) for name, cart in sorted(p["carts"].items()) if cart["products"]
        },
        "orders": sorted(
            (o.e, o.amount, o.returned, bool(o.flags & CANCELLED), o.valid)
            for o in (book.ring if book is not None else ())
            if not o.flags & AWAITED
        ),
        "valid": buyer["valid"] if buyer else 0,
        "gross": buyer["gross"] if buyer else 0,
        "net": buyer["net"] if buyer else 0,
        "frequency": buyer["frequency"] if buyer else 0.0,
        "monetary": buyer["monetary"] if buyer else 0.0,
        "occasions": buyer["occasions"] if buyer else 0,
        "gap": buyer["gap_days"] if buyer else 0.0,
        "variance": buyer["gap_variance"] if buyer else 0.0,
        "generations": sorted(
            generation for name, cart in p["carts"].items() for generation in generations(name, cart)
        ),
        "consent": p.get("consent", {}),
        "zone": p.get("zone"),
        "asked_to_act": p.get("asked_to_act", []),
        "trials": {name: (one["arm"], one["begun"], one["converted"]) for name, one in p.get("trials", {}).items()},
        "bot": p["bot"],
        "tags": dict(sorted(tags(p).items())),
        "scores": buyer["scores"] if buyer else 0,
        "alerted": buyer["alerted"] if buyer else 0,
    }


def generations(name: str, cart: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """The open generations of a stored cart: (cart, anchor, fired, original, silent, arm, steps said)."""
    found: list[tuple[object, ...]] = [
        (name, anchor, at, not successor, silent, arm, told)
        for anchor, at, silent, successor, arm, told in cart["open"]
    ]
    return found + ([(name, cart["armed"], 0, not cart["successor"], False, "treated", [])] if cart["armed"] else [])


def tags(p: Mapping[str, Any]) -> dict[str, int]:
    """The tags of a stored profile and since when they are held."""
    found: dict[str, int] = dict(p["tags"])
    if p["stage"]:
        found[f"stage:{p['stage']}"] = p["stage_since"]
    buyer = p.get("buyer")
    if buyer and buyer["segment"]:
        found[f"segment:{buyer['segment']}"] = buyer["segment_since"]
    return found


FLOATS = {"frequency": 1e-9, "monetary": 1e-9, "gap": 1e-9, "variance": 1e-6}


def differences(ours: dict[str, Facts], theirs: dict[str, Facts]) -> list[str]:
    """What differs between two accounts, in words; floats within rounding, interest within its stored steps."""
    found = [f"{user}: only in one account" for user in ours.keys() ^ theirs.keys()]
    for user in ours.keys() & theirs.keys():
        for name, mine in ours[user].items():
            other = theirs[user][name]
            if not same(name, mine, other):
                found.append(f"{user}: {name}: {mine} != {other}")
    return found


def same(name: str, mine: Any, other: Any) -> bool:
    """Whether two values of a fact are equal, or as good as equal."""
    if name == "interest":
        # Below a thousandth of one click nothing is promised: weights are stored in steps of 1/256 of a doubling.
        kept = {c for c in mine.keys() | other.keys() if max(mine.get(c, 0), other.get(c, 0)) > 1e-3}
        return all(abs(mine.get(c, 0) - other.get(c, 0)) <= 0.02 * mine.get(c, 0) + 1e-4 for c in kept)
    if name in FLOATS:
        return bool(abs(mine - other) <= FLOATS[name] * max(1.0, abs(mine)))
    return bool(mine == other)
