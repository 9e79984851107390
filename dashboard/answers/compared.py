"""A number, beside what it was at the same time yesterday and a week ago."""

from __future__ import annotations

from msgspec import Struct


class Compared(Struct, frozen=True):
    """One number.

    Attributes
    ----------
    value
        Now, or today so far; None: there is nothing to divide by yet.
    yesterday, last_week
        The same, one and seven days ago at this time of day; None: the shop was not watched then.
    """

    value: float | None
    yesterday: float | None = None
    last_week: float | None = None

    def change(self, before: float | None) -> float | None:
        """By which share of `before` the value is above it (below: negative); None where that says nothing.

        >>> Compared(12, 10, 0).change(10), Compared(12, 10, 0).change(0)
        (0.2, None)
        """
        if self.value is None or not before:
            return None
        return (self.value - before) / before

    def per(self, other: Compared) -> Compared:
        """Each of its numbers divided by the other's; None where there is nothing to divide by.

        >>> Compared(10, 6, None).per(Compared(4, 0, 2))
        Compared(value=2.5, yesterday=None, last_week=None)
        """
        return Compared(
            *(
                None if mine is None or not theirs else mine / theirs
                for mine, theirs in zip(
                    (self.value, self.yesterday, self.last_week),
                    (other.value, other.yesterday, other.last_week),
                    strict=True,
                )
            )
        )
