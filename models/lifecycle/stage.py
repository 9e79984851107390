"""The lifecycle stage of a shopper, by the last own event."""

from __future__ import annotations

from models.kernel.settings import DAY

STAGES = ("", "new", "active", "cooling", "lapsed", "returned")
"""Names of the stages; a profile stores the index. Append only."""

NONE, NEW, ACTIVE, COOLING, LAPSED, RETURNED = range(6)

NEW_FOR, COOLING_AFTER, LAPSED_AFTER, RETURNED_FOR = 7 * DAY, 30 * DAY, 90 * DAY, 30 * DAY


def stage(first: int, last: int, returned: int, now: int) -> int:
    """The stage at `now` of a shopper seen first at `first`, last at `last`, back at `returned` (0: never lapsed).

    >>> [STAGES[stage(0, 0, 0, days * DAY)] for days in (6, 7, 30, 90)]
    ['new', 'active', 'cooling', 'lapsed']
    >>> STAGES[stage(0, 99 * DAY, 99 * DAY, 100 * DAY)]
    'returned'
    """
    idle = now - last
    if idle >= LAPSED_AFTER:
        return LAPSED
    if idle >= COOLING_AFTER:
        return COOLING
    if returned and now - returned < RETURNED_FOR:
        return RETURNED
    return NEW if now - first < NEW_FOR else ACTIVE


def crossing(first: int, last: int, returned: int, after: int) -> int:
    """The first time later than `after` at which the stage may change by itself (ms); 0 if it will not.

    >>> crossing(0, 0, 0, 0) // DAY, crossing(0, 0, 0, 7 * DAY) // DAY, crossing(0, 0, 0, 90 * DAY)
    (7, 30, 0)
    """
    due = last + COOLING_AFTER if after < last + COOLING_AFTER else last + LAPSED_AFTER
    if due <= after:
        due = 0
    for other in (first + NEW_FOR, returned + RETURNED_FOR if returned else 0):
        if after < other and (other < due or not due):
            due = other
    return due
