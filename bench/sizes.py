"""How much is measured: everything that costs time."""

from __future__ import annotations

from msgspec import Struct


class Sizes(Struct, frozen=True):
    """The sizes of a session.

    Attributes
    ----------
    rounds, events, slow
        Throughput: runs of each worker; events of the stream; its last ones, for the stock agent.
    backlog, rates, seconds
        Latency: events from which saturation is found; events a second, beside half of saturation; how long each.
    states, kills
        Recovery: numbers of profiles, and how often a worker is killed at each.
    shops, visits, repeats
        Scale: numbers of shoppers; how many of them come, once each; runs of each.
    timers, steps
        Idle: numbers of timers, and how many steps are timed.
    """

    rounds: int = 3
    events: int = 600_000
    slow: int = 20_000
    backlog: int = 150_000
    rates: tuple[int, ...] = (200, 1_000)
    seconds: tuple[int, ...] = (40, 30, 20)
    states: tuple[int, ...] = (1_000, 20_000, 200_000)
    kills: int = 2
    shops: tuple[int, ...] = (100_000, 2_000_000)
    visits: int = 100_000
    repeats: int = 2
    timers: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    steps: int = 1_500


QUICK = Sizes(
    rounds=1,
    events=40_000,
    slow=2_000,
    backlog=20_000,
    rates=(100, 300),
    seconds=(4, 4, 4),
    states=(1_000, 5_000),
    kills=1,
    shops=(5_000, 20_000),
    visits=5_000,
    repeats=1,
    timers=(1_000, 10_000),
    steps=200,
)
"""Only to see that everything runs: its figures mean nothing."""
