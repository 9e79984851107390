"""A goal, in one sentence."""

from __future__ import annotations


def said(goal: str, reached: bool, shown: str) -> str:
    """What was wanted, and what came of it.

    >>> said("at most 2 ms", False, "3 ms")
    'Goal: at most 2 ms. Missed: 3 ms.'
    """
    return f"Goal: {goal}. {'Met' if reached else 'Missed'}: {shown}."
