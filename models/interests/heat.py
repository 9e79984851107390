"""Which products and categories of the shop are looked at most, lately and over a day: in bounded room."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heapify, heappop, heappush, heapreplace
from math import exp2, log2
from typing import NamedTuple

import msgspec

from models.kernel.events import Browsed
from models.kernel.feature import Feature
from models.kernel.moment import Moment
from models.kernel.settings import DAY, HOUR

SHORT, LONG = HOUR, DAY
"""Half-lives (ms)."""
PRODUCTS, CATEGORIES = "heat:products", "heat:categories"
"""Names of the lists, and of their fields in ``:stats``."""
LONGEST = 64
"""Characters of a name that are kept: what is longer counts with all that begins so."""


class Heat(NamedTuple):
    """Views of a product or category, those before `as_of` (event time, ms) decayed to it: `short` with a half-life of
    an hour, `long` of a day.

    >>> Heat("mug", 2.0, 2.0, 0).at(DAY)
    Heat(name='mug', short=1.1920928955078125e-07, long=1.0, as_of=86400000)
    """

    name: str
    short: float
    long: float
    as_of: int

    def at(self, now: int) -> Heat:
        """The same decayed to a later time (ms)."""
        ago = now - self.as_of
        return Heat(self.name, self.short * exp2(-ago / SHORT), self.long * exp2(-ago / LONG), now)


_encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(list[Heat]).decode


def together(shards: Iterable[Heat]) -> tuple[Heat, ...]:
    """What several shards counted, each name once, all as of the newest time; by `long`, the most first.

    >>> together([Heat("mug", 1.0, 1.0, 0), Heat("cup", 4.0, 4.0, 0), Heat("mug", 1.0, 2.0, DAY)])
    (Heat(name='mug', short=1.0000000596046448, long=2.5, as_of=86400000), Heat(name='cup', ... long=2.0, ...))
    """
    found = list(shards)
    now, sums = max((heat.as_of for heat in found), default=0), dict[str, Heat]()
    for name, short, long, _ in (heat.at(now) for heat in found):
        before = sums.get(name, Heat(name, 0.0, 0.0, now))
        sums[name] = Heat(name, before.short + short, before.long + long, now)
    return tuple(sorted(sums.values(), key=lambda heat: (-heat.long, heat.name)))


class Hottest:
    """The names that are viewed most, by `long`. Implements `models.kernel.effects.Listed`.

    Where all places are taken a new name takes that of the least, with its `long`: that is then too large by no more
    than the least had, and whatever has more than its part of the decayed views is listed. `short` begins anew: it
    lacks what came before the name was listed, and is never too large. Source: Metwally, Agrawal, El Abbadi,
    "Efficient computation of frequent and top-k elements in data streams" (ICDT 2005), algorithm Space-Saving; decayed
    as by Cormode, Shkapenyuk, Srivastava, Xu, "Forward decay" (ICDE 2009).

    Parameters
    ----------
    places
        Names that are kept.
    """

    def __init__(self, places: int) -> None:
        self._places = places
        self._found: dict[str, Heat] = {}
        self._least: list[tuple[float, str]] = []  # a heap; ranks only rise, so that one of before is put right in it

    def restore(self, text: str) -> None:
        """Go on from what `encode` gave; "": from nothing."""
        self._found = {heat.name: heat for heat in (decode(text) if text else ())}
        self._least = [(_rank(heat), name) for name, heat in self._found.items()]
        heapify(self._least)

    def encode(self) -> str:
        """All names, as JSON.

        >>> hottest = Hottest(2)
        >>> for name in ("mug", "cup", "mug"): hottest.view(name, 0)
        >>> hottest.encode()
        '[["mug",2.0,2.0,0],["cup",1.0,1.0,0]]'
        """
        return _encode(list(self._found.values())).decode()

    def view(self, name: str, e: int) -> None:
        """One more view, at `e` (ms)."""
        before = self._found.get(name)
        if before is None:
            before = self._place(name, e)
        _, short, long, as_of = before
        if e >= as_of:
            ago = e - as_of
            self._found[name] = Heat(name, short * exp2(-ago / SHORT) + 1.0, long * exp2(-ago / LONG) + 1.0, e)
        else:
            late = as_of - e
            self._found[name] = Heat(name, short + exp2(-late / SHORT), long + exp2(-late / LONG), as_of)

    def _place(self, name: str, e: int) -> Heat:
        """Room for a new name: what it begins with before its first view at `e` (ms)."""
        began = Heat(name, 0.0, 0.0, e)
        if len(self._found) >= self._places:
            least = self._evicted()
            began = Heat(name, 0.0, least.long, least.as_of)
        heappush(self._least, (began.as_of / LONG if not began.long else _rank(began), name))
        return began

    def _evicted(self) -> Heat:
        """The name with the least `long`, which leaves."""
        heap, found = self._least, self._found
        while True:
            rank, name = heap[0]
            now = _rank(found[name])
            if rank == now:
                heappop(heap)
                return found.pop(name)
            heapreplace(heap, (now, name))


def _rank(heat: Heat) -> float:
    """By which names compare whenever they were viewed last: the logarithm of `long`, decayed to 1970."""
    return log2(heat.long) + heat.as_of / LONG


class ProductHeat(Feature):
    """A fact about the shop, not the shopper: views of products, and of the categories of those."""

    name = "product_heat"
    listens = (Browsed,)
    lists = {PRODUCTS: lambda: Hottest(64), CATEGORIES: lambda: Hottest(32)}  # noqa: RUF012

    def fold(self, m: Moment, event: Browsed) -> int:
        """A page; of a product or not."""
        if not event.product:
            return 0
        lists, listed = m.ctx.lists, m.ctx.effects.listed
        lists[PRODUCTS].view(event.product[:LONGEST], m.e)
        listed.add(PRODUCTS)
        if event.category:
            lists[CATEGORIES].view(event.category[:LONGEST], m.e)
            listed.add(CATEGORIES)
        return 0
