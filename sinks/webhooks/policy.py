"""What an answer means, and when to try again. By Standard Webhooks 1.0.0: only 2xx is success, redirects are not
followed, 410 is the end of an endpoint, `Retry-After` slows it down.
"""

from __future__ import annotations

from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Literal, NamedTuple

from models.kernel.settings import DAY, HOUR, SECOND

Verdict = Literal["taken", "again", "refused", "gone"]
"""`again`: the endpoint was not able to take it; `refused`: it says that it never takes such a message."""

SHORTEST, GROWTH, LONGEST = 5 * SECOND, 4, DAY
"""Between two attempts: at least, how the most grows with each, and the most ever (ms)."""
PATIENCE = DAY
"""How long a message that does not expire is tried (ms), from its first attempt on."""
REFUSALS = 3
"""Answers that say "never" before it is believed: who is just being set up corrects that within seconds."""
SLOWEST = HOUR
"""A `Retry-After` that asks for more (ms) is taken as this."""
BUSY = (429, 502, 503, 504)
"""Answers whose `Retry-After` holds for the whole endpoint."""
PASSING = (408, 409, 425, 429)
"""Answers of the 400s that may be another one next time."""


class Answer(NamedTuple):
    """How an attempt ended: `status` 0 is no answer; `exposed`, whether the endpoint may have taken the message all the
    same; `took` and `retry_after` in ms."""

    status: int
    took: int = 0
    why: str = ""
    exposed: bool = False
    retry_after: int | None = None


def verdict(answer: Answer) -> Verdict:
    """What an answer means.

    >>> [verdict(Answer(status)) for status in (204, 0, 503, 301, 422, 429, 410)]
    ['taken', 'again', 'again', 'refused', 'refused', 'again', 'gone']
    """
    status = answer.status
    if 200 <= status < 300:
        return "taken"
    if status == 410:
        return "gone"
    return "refused" if 300 <= status < 500 and status not in PASSING else "again"


def wait(attempts: int, left: int, uniform: Callable[[float, float], float]) -> int:
    """How long after an attempt that failed the next one is made, in ms: anything from `SHORTEST` to a most that grows
    fourfold with each, so that messages which failed together do not come back together (full jitter).

    Parameters
    ----------
    attempts
        How many were made; 1 or more.
    left
        How long it may still be tried (ms): the most is nine tenths of that, so that there is time for an attempt.
    uniform
        As `random.Random.uniform`.

    >>> [wait(n, DAY, lambda low, high: high) // SECOND for n in (1, 2, 3, 8)], wait(9, 7_000, lambda low, high: high)
    ([10, 25, 85, 77760], 6300)
    """
    most = min(SHORTEST + SHORTEST * GROWTH ** (min(attempts, 20) - 1), LONGEST, left * 9 // 10)
    return round(uniform(SHORTEST, max(SHORTEST, most)))


def retry_after(header: str | None, now: int) -> int | None:
    """How long an answer asks to wait, in ms, at most `SLOWEST`; None if it does not say so.

    Parameters
    ----------
    header
        ``Retry-After``: seconds, or a date.
    now
        Wall time, ms.

    >>> retry_after("120", 0), retry_after("Thu, 01 Jan 1970 00:00:07 GMT", 2_000), retry_after("soon", 0)
    (120000, 5000, None)
    """
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return min(int(header.strip()[:9]) * SECOND, SLOWEST)
    try:
        at = parsedate_to_datetime(header).timestamp()
    except (ValueError, OverflowError):
        return None
    return max(0, min(round(at * 1000) - now, SLOWEST))
