"""A profile as plain JSON-able data: for people, dumps and tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models import lifecycle
from models.abandonment import Cart
from models.habits import habits
from models.interest import LANDMARK, STEP
from models.learners.ew import EWStatistics
from models.profile import ACTED, BOT, IDENTIFIED, Buyer, Profile
from models.rfm import SEGMENTS
from models.settings import Settings
from models.tags.names import name
from models.views import WIDTH


def plain(p: Profile, vocab: Mapping[str, int], settings: Settings) -> dict[str, Any]:
    """Everything a profile says, with names for numbers.

    Parameters
    ----------
    vocab
        The shard's vocabulary, name -> id.

    Returns
    -------
    Times in ms, money in minor units; hashes as whole numbers. Interest is the decayed weight as of ``last``.
    """
    names = {number: name for name, number in vocab.items()}
    data: dict[str, Any] = {
        "first": p.first,
        "last": p.last,
        "events": p.events,
        "visits": p.visits,
        "identified": bool(p.flags & IDENTIFIED),
        "acted": bool(p.flags & ACTED),
        "bot": bool(p.flags & BOT),
        "stage": lifecycle.STAGES[p.stage],
        "stage_since": p.stage_since,
        "returned": p.returned,
        "cleared": p.cleared,
        "due": p.due,
        "judged": p.judged,
        "changes": p.changes,
        "burst": p.burst,
        "clicks": p.clicks.hex(),
        "acts": p.acts.hex(),
        "interest": _interest(p, names, settings),
        "tags": _tags(p, names),
        **_habits(p, names),
        "looked": p.looked,
        "views": [[p.views[i : i + 4].hex(), p.views[i + 4]] for i in range(0, len(p.views), WIDTH)],
        "left": p.left or [],
        "carts": {cart.id: _cart(cart) for cart in p.carts},
    }
    if p.buyer is not None:
        data["buyer"] = _buyer(p.buyer, settings)
    return data


def _interest(p: Profile, names: Mapping[int, str], settings: Settings) -> dict[str, float]:
    at = (p.last - LANDMARK) * STEP / settings.interest_half_life
    pairs = zip(p.interest[::2], p.interest[1::2], strict=True)
    weights = {names[c] if isinstance(c, int) else c: 2.0 ** ((int(w) - at) / STEP) for c, w in pairs}
    return {name: round(weight, 6) for name, weight in sorted(weights.items())}


def _tags(p: Profile, names: Mapping[int, str]) -> dict[str, int]:
    """Tags held beside stage and segment, and since when."""
    pairs = zip((p.tags or [])[::2], (p.tags or [])[1::2], strict=True)
    return {tag: int(since) for tag, since in sorted((name(key, names), since) for key, since in pairs)}


def _habits(p: Profile, names: Mapping[int, str]) -> dict[str, dict[str, int]]:
    """Visits by hour, device, channel."""
    found, visits = {}, habits(p.habits)
    for family, pairs in (("hours", visits.hours), ("devices", visits.devices), ("channels", visits.channels)):
        hours = family == "hours"
        named = [f"{k:02}" if hours else names[k] if isinstance(k, int) else k for k in pairs[::2]]
        found[family] = {kind: int(n) for kind, n in sorted(zip(named, pairs[1::2], strict=True))}
    return found


def _cart(cart: Cart) -> dict[str, Any]:
    contents, base = cart.basket.contents(), cart.basket.base
    return {
        "products": dict(sorted(contents.quantities.items())),
        "value": contents.value(),
        "pieces": contents.pieces,
        "products_cut": contents.cut.products,
        "operations": [[op.e, op.sign, op.product, op.quantity, op.price] for op in cart.basket.ops],
        "base": None if base is None else base.e,
        "armed": cart.armed,
        "successor": cart.successor,
        "spent": cart.spent,
        "open": [[g.anchor, g.at, g.suppressed, g.successor] for g in cart.open],
    }


def _buyer(buyer: Buyer, settings: Settings) -> dict[str, Any]:
    s, baskets = buyer.summary(settings), buyer.book.baskets(settings.fading)
    gap = EWStatistics.load(buyer.book.gaps(settings.fading).logs, settings.fading)
    basket = EWStatistics.load(baskets.logs, settings.fading)
    score, apart = baskets.score()
    return {
        "orders": s.orders,
        "valid": s.valid,
        "gross": s.gross,
        "net": s.net,
        "last": s.last,
        "frequency": s.frequency,
        "monetary": s.monetary,
        "occasions": s.gaps.occasions,
        "gap_days": s.gaps.mean,
        "gap_variance": s.gaps.variance,
        "log_gap": gap.predict_one(),
        "log_gap_variance": gap.variance,
        "log_basket": basket.predict_one(),
        "log_basket_variance": basket.variance,
        "basket_score": score,
        "basket_apart": apart,
        "ring": [[o.hash, o.e, o.amount, o.refunded, o.flags] for o in buyer.book.ring],
        "segment": SEGMENTS[buyer.segment],
        "segment_since": buyer.segment_since,
        "scores": buyer.scores,
        "alerted": buyer.alerted,
    }
