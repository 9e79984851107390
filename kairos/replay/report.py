"""What a replay came to: the object of ``--json``, and the same for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from kairos.terminal.lines import say
from models.features import SHOPPERS
from sinks.summary import FATES, TOLD, Summary

KINDS = {role: topic.kinds for role, topic in SHOPPERS.outputs.items()}
"""Kinds of each output; in the report those that never came are 0, so that it has the same shape every time."""
SELDOM = ("coerced", "ignored", "unknown_names")
"""Groups that are shown to people only where they count something."""
PAGE = ("carts", "alerts", "risks", "grid", "trials")
"""Groups that are shown as JSON only: people read them on the live page."""


def report(total: Summary, seconds: float) -> dict[str, Any]:
    """The object of ``--json``: all shards' counters, and how long it took in seconds.

    >>> from sinks.summary import merge
    >>> report(merge([{"out:user-tags:entered": "2"}]), 0.5)["outputs"]["user-tags"]
    {'entered': 2, 'exited': 0}
    """
    counted = {role: total.outputs.get(role, Counter()) for role in KINDS}
    outputs = {role: {kind: counted[role][kind] for kind in kinds} for role, kinds in KINDS.items()}
    return {**total.as_json(), "outputs": outputs, "seconds": round(seconds, 2)}


def unaccounted(sent: int, total: Summary) -> str:
    """What is wrong with the counts of a replay that read, or sent, so many events ("" if nothing): each must have
    been applied, or be a duplicate or a dead letter. More than that may have come from others.

    >>> from sinks.summary import merge
    >>> unaccounted(3, merge([{"events": "3", "applied": "2", "dead_letters": "1"}]))
    ''
    >>> unaccounted(3, merge([{"events": "2", "applied": "2"}]))
    'not accounted for: 1 of 3 events (applied 2, duplicates 0, dead letters 0)'
    """
    applied, duplicates, dead = (total.counts[name] for name in ("applied", "duplicates", "dead_letters"))
    missing = sent - min(applied + duplicates + dead, total.counts["events"])
    if missing <= 0:
        return ""
    outcomes = f"applied {applied:,}, duplicates {duplicates:,}, dead letters {dead:,}"
    return f"not accounted for: {missing:,} of {sent:,} events ({outcomes})"


def not_understood(total: Summary) -> str:
    """A line about events of names that are not known ("" if there are none): one of them may be a purchase.

    >>> from sinks.summary import merge
    >>> not_understood(merge([{"unknown_events": "3", "unknown_names": '[["Kauf",3]]'}]))
    '3 events have names that are not known: Kauf 3; is one a purchase or a cart? KAIROS_NAMES tells (docs/feeds.md)'
    """
    if not (count := total.counts["unknown_events"]):
        return ""
    listed = ", ".join(f"{name} {n:,}" for name, n in total.unknown_names.most_common(TOLD))
    told = "is one a purchase or a cart? KAIROS_NAMES tells (docs/feeds.md)"
    return f"{count:,} events have names that are not known: {listed}; {told}"


def show(console: Console, result: Mapping[str, Any]) -> None:
    """Print the report for people, one line a subject; of what seldom happens only what is not 0."""
    families = {"tags": _families(result["tags"])} if "tags" in result else {}
    for name, value in {**result, **families}.items():
        if name in PAGE:
            continue
        if isinstance(value, dict) and (value or name not in SELDOM):
            say(console, f"{name:<17}{_flat(value) or '-'}")
        elif value or name not in (*FATES, *SELDOM):
            say(console, f"{name:<17}{value:,}")


def _families(tags: Mapping[str, int]) -> dict[str, int]:
    """Holders by kind of tag: there are too many of `interest:...` for a line."""
    families: Counter[str] = Counter()
    for tag, n in tags.items():
        families[tag.partition(":")[0]] += n
    return dict(families)


def _flat(value: Mapping[str, Any]) -> str:
    parts = []
    for name, inner in value.items():
        shown = f"({flat})" if isinstance(inner, dict) and (flat := _flat(inner)) else inner
        if shown and not isinstance(shown, dict):
            parts.append(f"{name} {shown:,}" if isinstance(shown, int) else f"{name} {shown}")
    return ", ".join(parts)
