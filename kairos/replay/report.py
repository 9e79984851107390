"""What a replay came to: the object of ``--json``, and the same for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from models.outputs import CART_ABANDONMENTS, CHURN_ALERTS, DEAD_LETTERS, USER_TAGS
from sinks.summary import Summary

KINDS = {
    USER_TAGS: ("entered", "exited"),
    CHURN_ALERTS: ("raised", "cleared"),
    CART_ABANDONMENTS: ("triggered", "suppressed", "cancelled", "recovered", "expired"),
    DEAD_LETTERS: ("dead_letter",),
}
"""Kinds of each output; in the report those that never came are 0, so that it has the same shape every time."""


def report(summary: Summary, seconds: float) -> dict[str, Any]:
    """The object of ``--json``: all shards' counters, and how long it took in seconds.

    >>> from sinks.summary import merge
    >>> report(merge([{"out:user-tags:entered": "2"}]), 0.5)["outputs"]["user-tags"]
    {'entered': 2, 'exited': 0}
    """
    counted = {role: summary.outputs.get(role, Counter()) for role in KINDS}
    outputs = {role: {kind: counted[role][kind] for kind in kinds} for role, kinds in KINDS.items()}
    return {**summary.as_json(), "outputs": outputs, "seconds": round(seconds, 2)}


def show(console: Console, result: Mapping[str, Any]) -> None:
    """Print the report for people: what is not 0, one line a subject."""
    for name, value in result.items():
        if isinstance(value, dict):
            console.print(f"{name:<17}{_flat(value) or '-'}", highlight=False, markup=False, soft_wrap=True)
        else:
            console.print(f"{name:<17}{value:,}", highlight=False, markup=False)


def _flat(value: Mapping[str, Any]) -> str:
    parts = []
    for name, inner in value.items():
        shown = f"({flat})" if isinstance(inner, dict) and (flat := _flat(inner)) else inner
        if shown and not isinstance(shown, dict):
            parts.append(f"{name} {shown:,}" if isinstance(shown, int) else f"{name} {shown}")
    return ", ".join(parts)
