"""Whether a shopper may be written to, and what messages did: sentences of the story."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.words import Words
from dashboard.words.catalog import message

PROGRAMMES = {"carts": message("reminders of carts"), "churn": message("churn alerts")}
EVERY = ""
"""Stands for every channel."""


def reach(profile: Mapping[str, Any], as_of: int, words: Words) -> Iterator[str]:
    """What is known of it.

    Parameters
    ----------
    profile
        As `models.profile.describe` has it; of it ``consent``, ``zone``, ``asked_to_act`` (when) and ``trials``.
    as_of
        Now, in event time (ms).
    """
    yield from _consent(profile.get("consent") or {}, words)
    if zone := profile.get("zone"):
        yield words("Lives by the clock of {zone}.", zone=zone)
    if asked := profile.get("asked_to_act"):
        yield words.plural(
            "{n} message asked for something lately, {ago}.",
            "{n} messages asked for something lately, the last one {ago}.",
            len(asked),
            ago=words.ago(max(asked), as_of),
        )
    held = [name for name, trial in (profile.get("trials") or {}).items() if trial["arm"] == "holdout"]
    if held:
        names = [words(PROGRAMMES[name]) if name in PROGRAMMES else name for name in held]
        yield words("Is held out of {names}: gets none, to compare with.", names=words.listed(names))


def _consent(said: Mapping[str, Mapping[str, Any]], words: Words) -> Iterator[str]:
    """What the shopper said of being written to: of a channel where that is no older than what was said of all."""
    newest = said.get(EVERY, {}).get("since", 0)
    for channel, statement in sorted(said.items()):
        if statement["since"] < newest:
            continue
        day = words.day(statement["since"])
        if channel == EVERY:
            yes, no = words("Agreed to messages on {day}.", day=day), words("Refused all messages on {day}.", day=day)
        else:
            yes = words("Agreed to messages by {channel} on {day}.", channel=channel, day=day)
            no = words("Refused messages by {channel} on {day}.", channel=channel, day=day)
        yield yes if statement["allowed"] else no
