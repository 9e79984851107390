"""Who predicts whether buyers order, and how their stored predictions of the same matured labels did.

    hazard             the shop's own hazard, learned from its labels (`models.churn.posterior`)
    prior              the same with the weights that other shops taught: what a shop begins with
    river              a classifier of River, or the shop's own (`models.churn.rival`)
    mbg_nbd            the closed form of the literature (`models.churn.mbg_nbd`)
    recency_frequency  the baseline: the share of buyers of the same recency and frequency (`models.churn.baseline`)

They predict an order within 14 days, and by its path within 30 and 90.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from struct import Struct as Packing
from typing import TypeAlias
from zlib import compress, decompress

import msgspec

from models.churn.track_record import TrackRecord
from models.kernel.boundaries import boundary

HAZARD, PRIOR, RIVER, MBG_NBD, BASELINE = CONTESTANTS = ("hazard", "prior", "river", "mbg_nbd", "recency_frequency")
HORIZONS = (14, 30, 90)
"""Days within which an order is predicted; the first is a step of the hazard."""
GRAIN = (1 << 16) - 2
"""Stored predictions are in parts of this."""
SILENT = (1 << 16) - 1
"""In place of the prediction of who knows nothing yet."""

_packing = Packing(f"<{len(CONTESTANTS)}H")
Records: TypeAlias = list[TrackRecord]
"""The track records of all contestants, in their order."""
Scores: TypeAlias = dict[int, Records]
"""By horizon (days), where labels have matured."""
Days: TypeAlias = tuple[tuple[int, Scores], ...]
"""The scores that each day added: date as a number (20161001), and scores."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Days).decode


def pack(predictions: Iterable[float | None]) -> bytes:
    """The contestants' predictions as stored, 10 bytes; None: knows nothing.

    >>> unpack(pack([0.25, 0.5, None, 1.0, 0.0]))
    (16384, 32767, 65535, 65534, 0)
    """
    return _packing.pack(*(SILENT if p is None else round(p * GRAIN) for p in predictions))


def unpack(packed: bytes) -> tuple[int, ...]:
    """The contestants' predictions, in parts of `GRAIN`, or `SILENT`."""
    return _packing.unpack(packed)


def score(scores: Scores, horizon: int, predicted: Sequence[int], ordered: bool) -> None:
    """Score the stored predictions of one label by what happened."""
    for record, p in zip(scores.setdefault(horizon, _nobody()), predicted, strict=True):
        if p != SILENT:
            record.score(p / GRAIN, ordered)


def plus(scores: Mapping[int, Records], other: Mapping[int, Records], sign: int = 1) -> Scores:
    """The sum of two scores; with `sign` -1 what the first have more than the other."""
    return {
        horizon: [
            mine.plus(theirs, sign)
            for mine, theirs in zip(scores.get(horizon, _nobody()), other.get(horizon, _nobody()), strict=True)
        ]
        for horizon in HORIZONS
        if horizon in scores or horizon in other
    }


def _nobody() -> Records:
    return [TrackRecord() for _ in CONTESTANTS]


def record(scores: Mapping[int, Records], horizon: int, name: str) -> TrackRecord:
    """The track record of a contestant; an empty one without labels."""
    return scores[horizon][CONTESTANTS.index(name)] if horizon in scores else TrackRecord()


def encode(days: Days) -> bytes:
    """Pack the days: each table has all of them, and every table is kept."""
    return compress(_encode(days))


def decode(packed: bytes) -> Days:
    """Unpack days; none of no bytes."""
    return _decode(decompress(packed)) if packed else ()


def extended(days: Days, since: int, date: int, new: Scores) -> Days:
    """The days with a further one, if it has labels; without those up to `since` (ms)."""
    kept = days if not days or boundary(days[0][0]) > since else tuple(day for day in days if boundary(day[0]) > since)
    added = any(records[0].labels for records in new.values())
    return (*kept, (date, new)) if added else kept


def without(days: Days, name: str) -> Days:
    """The days as if a contestant had never predicted: another one begins in its place."""
    at = CONTESTANTS.index(name)
    return tuple(
        (date, {horizon: [*all_[:at], TrackRecord(), *all_[at + 1 :]] for horizon, all_ in scores.items()})
        for date, scores in days
    )


def summed(days: Days, horizon: int, name: str) -> TrackRecord:
    """The track record of a contestant over all days."""
    found = TrackRecord()
    for _, scores in days:
        found = found.plus(record(scores, horizon, name))
    return found
