"""Who is a label, and when: by hashes of the shopper's id, so that each day and each label is a fair sample."""

from __future__ import annotations

from hashlib import blake2b
from zlib import crc32

from models.churn.covariates import STEP
from models.kernel.settings import DAY

STEP_MS = round(STEP) * DAY


def phase(user: str) -> int:
    """When the buyer's snapshots are due: ms after the beginning of each 14 days since 1970."""
    return crc32(user.encode()) * STEP_MS >> 32


def step(user: str, at: int) -> int:
    """The number of the newest step of the buyer's that has begun at `at` (ms)."""
    return (at - phase(user)) // STEP_MS


def begins(user: str, number: int) -> int:
    """When a step of the buyer's begins (ms).

    >>> begins("u1", step("u1", begins("u1", 7))) == begins("u1", 7), step("u1", begins("u1", 7) - 1)
    (True, 6)
    """
    return phase(user) + number * STEP_MS


def in_turn(user: str, number: int, period: int) -> bool:
    """Whether a step of the buyer's is one in `period` steps: buyers take turns."""
    return (number + crc32(user.encode())) % period == 0


def stands_for(user: str, at: int, thinning: int) -> int:
    """How many buyers the label of a snapshot at `at` (ms) stands for, of 2^thinning one; 0: it is no label.

    >>> sum(stands_for(f"u{i}", 0, 3) for i in range(10_000)) // 100
    101
    """
    # Not a CRC: by one, which is linear, the same buyers of an id's length would stand for the others again and again.
    drawn = blake2b(user.encode(), digest_size=8, salt=(at // STEP_MS).to_bytes(8, signed=True)).digest()
    return 0 if int.from_bytes(drawn) & ((1 << thinning) - 1) else 1 << thinning
