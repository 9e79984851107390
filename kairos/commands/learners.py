"""`kairos learners`: what is learned of whom, how much of a profile it takes, and how long a step takes here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from timeit import Timer

import msgspec
from msgspec import Struct
from rich.console import Console

from kairos.terminal.lines import say, say_json
from models.profile.learners import LEARNERS, Listed

RUNS, SECONDS = 5, 0.005
"""Runs of which the fastest counts, and how long one is to take at least."""
NOTE = (
    "state: packed, after eight observations. step: load the state, learn one observation, dump the state; the fastest "
    f"of {RUNS} runs on this machine, now"
)


class Measured(Struct, frozen=True, kw_only=True):
    """One learner.

    Attributes
    ----------
    name, learns, river, kept
        As in the registry (`models.profile.learners.Listed`).
    learner
        The class, by its dotted name.
    bytes
        Size of its packed state after a typical sequence; 0 where none is kept.
    microseconds
        A step from that state: load, learn one, dump.
    """

    name: str
    learner: str
    learns: str
    river: Sequence[str]
    kept: str
    bytes: int
    microseconds: float


def measured(listed: Listed) -> Measured:
    """A learner, its state's size, and its step's time here and now."""
    learner = listed.typical()
    state = learner.dump()
    return Measured(
        name=listed.name,
        learner=f"{type(learner).__module__}.{type(learner).__qualname__}",
        learns=listed.learns,
        river=listed.river,
        kept=listed.kept,
        bytes=len(msgspec.msgpack.encode(state)) if listed.kept else 0,
        microseconds=round(_seconds(listed, state) * 1e6, 2),
    )


def _seconds(listed: Listed, state: Sequence[int | float | str]) -> float:
    step, load = listed.steps[-1], listed.load

    def once() -> None:
        learner = load(list(state))
        learner.learn_one(*step)
        learner.dump()

    timer = Timer(once)
    once_took = max(timer.timeit(3) / 3, 1e-7)
    number = max(1, round(SECONDS / once_took))
    return min(timer.repeat(RUNS, number)) / number


def show(console: Console, *, as_json: bool) -> None:
    """Measure every learner and print it, one a line; for people, or as JSON objects."""
    found = map(measured, LEARNERS)
    if as_json:
        for one in found:
            say_json(msgspec.json.encode(one))
        return
    for line in lines(list(found)):
        say(console, line)


def lines(found: Sequence[Measured]) -> Iterator[str]:
    """Learners in words, and what the numbers mean."""
    width = max(len(one.name) for one in found)
    yield f"{'learner':<{width}} {'state':>8} {'step':>11}  learns"
    for one in found:
        state = f"{one.bytes:,} B" if one.kept else "none"
        yield f"{one.name:<{width}} {state:>8} {one.microseconds:>8.1f} µs  {one.learns}; as {', '.join(one.river)}"
    yield ""
    for kept in dict.fromkeys(one.kept for one in found):
        names = ", ".join(one.name for one in found if one.kept == kept)
        yield f"{names}: {f'kept {kept}' if kept else 'no state, worked out from the orders'}"
    yield NOTE
