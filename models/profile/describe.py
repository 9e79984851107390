"""A profile as plain JSON-able data: for people, dumps and tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.features import SHOPPERS
from models.fold import Fold
from models.kernel.feature import View
from models.kernel.moment import slot
from models.kernel.settings import SharedSettings
from models.kernel.shopper import ACTED, BOT, IDENTIFIED, Profile
from models.kernel.tags import name


def describe(p: Profile, vocab: Mapping[str, int], settings: SharedSettings, fold: Fold = SHOPPERS) -> dict[str, Any]:
    """What a profile says of its shopper, with names for numbers.

    How it is folded (when it is evaluated next, and was last) is left out: unlike what is known of the shopper, that
    depends on how the records of different topics came interleaved.

    Parameters
    ----------
    vocab
        The shard's vocabulary, name -> id.
    fold
        Whose features the profile is made of.

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
        "burst": p.burst,
        "clicks": p.recent_clicks.hex(),
        "acts": p.recent_acts.hex(),
        "tags": _tags(p, names, fold),
    }
    view = View(lambda feature: slot(p, fold.named[feature]), names, settings, p.last)
    for feature in fold.features:
        for field, value in feature.describe(slot(p, feature), view).items():
            if isinstance(value, dict) and field in data:
                data[field].update(value)
            else:
                data[field] = value
    return data


def _tags(p: Profile, names: Mapping[int, str], fold: Fold) -> dict[str, int]:
    """Tags held beside stage and segment, and since when."""
    pairs = zip((p.tags or [])[::2], (p.tags or [])[1::2], strict=True)
    return {tag: int(since) for tag, since in sorted((name(key, names, fold.tags), since) for key, since in pairs)}
