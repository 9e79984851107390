"""How much is measured: everything that costs time."""

from __future__ import annotations

from msgspec import Struct

from bench.sources import WHOLE


class Sizes(Struct, frozen=True):
    """The sizes of a session.

    Attributes
    ----------
    rounds, events, slow
        CPU an event: runs of each worker; first events of the stream; a history's last ones, for the stock agent.
    history
        First events of the real history; None: all.
    rates, seconds
        Live: events a second, and how long each.
    backlog, hot, hot_seconds, many_seconds
        Load: events of the backlog; of the hot shopper, within so many seconds; seconds at each rate with many
        partitions.
    states, kills
        Recovery: numbers of profiles, and how often a worker is killed at each.
    shops, visits, repeats
        Scale: numbers of shoppers; how many of them come, once each; runs of each.
    churn, churn_rounds
        The churn model: events of the simulated shop, and how often every operation is timed.
    timers, steps
        Idle: numbers of timers, and how many steps are timed.
    carts
        Due timers: numbers of open carts in a shard.
    sending
        Messages to endpoints: seconds of each run.
    watched, viewers, watching
        The live page: shoppers in Redis, numbers of viewers, seconds of each window.
    """

    rounds: int = 3
    events: int = WHOLE
    slow: int = 20_000
    history: int | None = None
    rates: tuple[int, ...] = (0, 50, 200, 1_000, 5_000)
    seconds: tuple[int, ...] = (20, 20, 60, 40, 20)
    backlog: int = 2_000_000
    hot: int = 50_000
    hot_seconds: int = 40
    many_seconds: int = 20
    states: tuple[int, ...] = (1_000, 20_000, 200_000)
    kills: int = 2
    shops: tuple[int, ...] = (100_000, 2_000_000)
    visits: int = 100_000
    repeats: int = 2
    churn: int = 40_000
    churn_rounds: int = 15
    timers: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    steps: int = 1_500
    carts: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    sending: int = 60
    watched: int = 1_000_000
    viewers: tuple[int, ...] = (0, 1, 100)
    watching: int = 30


QUICK = Sizes(
    rounds=1,
    events=40_000,
    slow=2_000,
    history=40_000,
    rates=(0, 200, 1_000),
    seconds=(6, 8, 8),
    backlog=40_000,
    hot=5_000,
    hot_seconds=5,
    many_seconds=5,
    states=(1_000, 5_000),
    kills=1,
    shops=(5_000, 20_000),
    visits=5_000,
    repeats=1,
    churn=20_000,
    churn_rounds=3,
    timers=(1_000, 10_000),
    steps=200,
    carts=(10_000, 20_000),
    sending=10,
    watched=20_000,
    viewers=(0, 1, 100),
    watching=8,
)
"""For developers: enough to see a large change, too little to state."""
