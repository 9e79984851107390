"""From the command line to the shop, and how fast it goes."""

from __future__ import annotations

from typing import Literal, NamedTuple

from msgspec.structs import replace

from kairos.errors import UsageError
from kairos.simulate.pace import Due, by_rate, by_time
from kairos.simulate.settings import BUSY, CALIBRATED, START, SimulationSettings
from kairos.terminal.times import iso
from models.kernel.settings import DAY

PRESETS = {"calibrated": CALIBRATED, "busy": BUSY}
DAYS = 90.0
"""How long the shop is open if nothing says how long."""
LIVE_RATE = 10.0
"""Events a second of a live shop if neither a rate nor a number of shoppers is given."""
EARLIEST = 631_152_000_000
"""1990: events before it are not believed."""


class SimulateOptions(NamedTuple):
    """The command line, as it is. Moments in ms."""

    preset: Literal["calibrated", "busy"] = "calibrated"
    out: str | None = None
    days: float | None = None
    until: int | None = None
    start: int | None = None
    live: bool = False
    rate: float | None = None
    speed: float | None = None
    shoppers: int | None = None
    seed: int = 7
    drift: int | None = None
    duplicates: float = 0.0
    late: float = 0.0
    out_of_order: float = 0.0
    bad: float = 0.0
    json: bool = False

    @property
    def endless(self) -> bool:
        """Whether Ctrl-C is how it ends."""
        paced = self.live or self.rate is not None or self.speed is not None
        return paced and self.days is None and self.until is None


def shop(options: SimulateOptions, now: int) -> SimulationSettings:
    """The shop that is asked for, at `now` (ms). Raises UsageError for what does not go together."""
    _check(options)
    start = now if options.live else START if options.start is None else options.start
    settings = replace(
        PRESETS[options.preset],
        start=start,
        end=_end(options, start, now),
        seed=options.seed,
        drift=options.drift,
        duplicates=options.duplicates,
        late=options.late,
        out_of_order=options.out_of_order,
        bad=options.bad,
    )
    return _crowd(options, settings)


def due(options: SimulateOptions, start: int) -> Due | None:
    """When rows are due; None: as fast as possible."""
    if options.live:
        return by_time(start, 1.0)
    if options.speed is not None:
        return by_time(start, options.speed)
    return None if options.rate is None else by_rate(options.rate)


def _check(options: SimulateOptions) -> None:
    if options.live and (options.start is not None or options.speed is not None):
        raise UsageError("--live: the shop opens now, and time goes as it goes; leave out --start and --speed")
    if options.rate is not None and options.speed is not None:
        raise UsageError("--rate, --speed: each says how fast it goes; one of them")
    if options.live and options.rate is not None and options.shoppers is not None:
        raise UsageError("--rate, --shoppers: with --live each says how big the shop is; one of them")
    if options.days is not None and options.until is not None:
        raise UsageError("--days, --until: each says when it ends; one of them")
    if options.late + options.out_of_order > 1:
        raise UsageError("--late, --out-of-order: together more than all events")
    if options.start is not None and options.start < EARLIEST:
        raise UsageError("--start: events before 1990 are not believed")


def _end(options: SimulateOptions, start: int, now: int) -> int | None:
    """When the shop closes. Kafka gets no event ahead of its clock."""
    end = options.until
    if options.days is not None:
        end = start + int(options.days * DAY)
    elif end is None and not options.endless:
        end = start + int(DAYS * DAY)
    if end is not None and end <= start:
        raise UsageError(f"--until: the shop opens at {iso(start)}, and would close before")
    if options.out is None and not options.live:
        if start >= now or (end is not None and end > now):
            raise UsageError(
                f"--start, --days, --until: {iso(end or start)} lies ahead; into Kafka go events up to now, and "
                "--live goes on from there"
            )
        end = now if end is None else end
    return end


def _crowd(options: SimulateOptions, settings: SimulationSettings) -> SimulationSettings:
    """How many people come."""
    if options.shoppers is not None:
        within = settings.within if settings.end is None else settings.end - settings.start
        return replace(settings, shoppers=options.shoppers, within=within)
    if options.live:
        return replace(settings, rate=options.rate or LIVE_RATE)
    return settings
