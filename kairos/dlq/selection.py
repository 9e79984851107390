"""Which dead letters a command is about."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from kairos.dlq.dead_letters import shopper
from kairos.errors import TopicError
from models.kernel.outputs import DeadLetter


class Selection(NamedTuple):
    """What is asked for; nothing means no restriction. Times in ms: since <= as_of < until. `limit`: the newest."""

    ids: Collection[str] = ()
    codes: Collection[str] = ()
    role: str | None = None
    shopper: str | None = None
    since: int | None = None
    until: int | None = None
    limit: int | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing restricts it."""
        return not self.ids and not self.codes and {*self[2:]} == {None}

    def has(self, letter: DeadLetter) -> bool:
        """Whether the letter is meant, but for the limit."""
        return (
            (not self.ids or letter.id in self.ids)
            and (not self.codes or letter.code in self.codes)
            and (self.role is None or letter.role == self.role)
            and (self.shopper is None or shopper(letter) == self.shopper)
            and (self.since is None or letter.as_of >= self.since)
            and (self.until is None or letter.as_of < self.until)
        )


class Selected(NamedTuple):
    """Letters in the order of their event time, and how many there are of each code, beyond the limit too."""

    dead_letters: list[DeadLetter]
    codes: Counter[str]


def select(dead_letters: Iterable[DeadLetter], selection: Selection) -> Selected:
    """Those that are asked for.

    Raises
    ------
    TopicError
        There is no letter of an id that is asked for.
    """
    codes: Counter[str] = Counter()
    missing = set(selection.ids)

    def meant() -> Iterable[DeadLetter]:
        for letter in dead_letters:
            missing.discard(letter.id)
            if selection.has(letter):
                codes[letter.code] += 1
                yield letter

    if selection.limit is None:
        found = sorted(meant(), key=_order)
    else:
        found = heapq.nlargest(selection.limit, meant(), key=_order)[::-1]
    if missing:
        raise TopicError(f"no dead letter {', '.join(sorted(missing))}: `kairos dlq list` shows those there are")
    return Selected(found, codes)


def _order(letter: DeadLetter) -> tuple[int, str, int, int]:
    return letter.as_of, letter.topic, letter.partition, letter.offset


def counted(codes: Counter[str]) -> str:
    """How many of each code, the most frequent first.

    >>> counted(Counter(misrouted=2, not_json=2, wrong_type=1_000))
    'wrong_type 1,000, misrouted 2, not_json 2'
    """
    return ", ".join(f"{code} {count:,}" for code, count in sorted(codes.items(), key=lambda item: (-item[1], item[0])))
