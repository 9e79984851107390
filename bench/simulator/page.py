"""docs/simulator.md: the rates side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.simulator.measure import Rates
from bench.simulator.rates import HITS, PURCHASES, Rate

HEAD = """\
# The simulated shop beside real ones

`kairos simulate` lets a shop live that is made up. Its default preset, `calibrated`, takes its rates from real shops.

```
kairos simulate --out shop.jsonl.gz                        # 90 days of it, for `kairos replay`
kairos simulate --days 30 --duplicates 0.02 --late 0.01    # into Kafka, for `kairos worker --clock event`
kairos simulate --live --rate 50                           # into Kafka as time goes, for `kairos worker`
kairos simulate --drift 2024-05-01 --speed 3600 --out -    # an hour a second; from May on half as much is bought
```

The same seed gives the same events, on every Python. `python -m bench.simulator` writes this page. One test recomputes
the simulated figures on a smaller scale, another one the real figures from the data, where they are at hand.

## How fast

Without `--rate`, `--speed` or `--live` all events come at once. With `--rate 50` 50 are sent a second, whatever their
event time; with `--speed 60` event time runs 60 times as fast as time, and how many come is up to the shop and its
hour.

`--live` opens the shop now, and event time is the time. `--rate` (10 unless given) is then how many events happen and
are sent a second, from the first second on and at any hour: newcomers make up what those who are in the shop already
leave missing. They are many at first, and fewer as people come back. From 5 a second on each minute has that many
within 10 %; at 1 a second it is eight minutes in ten or more, since a single visit has up to a hundred events. After
some weeks the regulars of a busy shop make up to 6 % more than the rate at their busiest hour. Duplicates and bad
events are part of the rate; late ones count when they happen. `--live --shoppers 5000` lets a shop of so many people
have its day and night instead.

Where the machine or Kafka is too slow, it is said once how many events a second go out; event time then lags behind.
"""

VISITS = """\
## Visits, carts, orders

Real: the Google Merchandise Store, 2016-08-01 to 2016-10-31 (613,033 hits of 99,412 visitors, 1,427 orders). Simulated:
90 days, {shoppers:,} people. A visit ends with a pause of 30 minutes; a visitor is a cookie there, a device here.
"""

BUYERS = """\
## How buyers come back

Real: CDNOW, the 23,570 customers who first bought in the first quarter of 1997. Simulated: a shop of {weeks} weeks.
Both: those who can be followed for 26 weeks after their first purchase; one purchase a day counts. The simulated buyers
follow BG/NBD with the parameters of Fader, Hardie and Lee for CDNOW (Marketing Science 24, 2005). That model gives a
buyer one rate for good, whereas real buyers come back soon or not at all: hence the wide tolerance of the last line.
Online Retail, a wholesaler's shop, shows how far real shops differ; nothing is fitted to it.
"""

TAIL = """\
## Chosen, not measured

Time zones and the day's rhythm, devices and channels, tastes, coupons, refunds, cancellations, logins, and the faults
(`--duplicates`, `--late`, `--out-of-order`, `--bad`: none unless asked for). Time zones keep one offset all year. The
preset `busy`, of which the demo's shop is made, is far livelier than any real shop: it is there to be watched.
"""


def page(hits: Rates, bought: Rates, retail: Rates, shoppers: int, weeks: int) -> str:
    """The whole page, from the simulated rates, and those of Online Retail."""
    parts = [HEAD, VISITS.format(shoppers=shoppers), _table(HITS, hits, None)]
    parts += [BUYERS.format(weeks=weeks), _table(PURCHASES, bought, retail), TAIL]
    return "\n".join(parts)


def _table(rates: Sequence[Rate], simulated: Rates, other: Rates | None) -> str:
    return "\n".join(_lines(rates, simulated, other)) + "\n"


def _lines(rates: Sequence[Rate], simulated: Rates, other: Rates | None) -> Iterator[str]:
    yield "| rate | real | simulated | may differ by |" + (" Online Retail |" if other else "")
    yield "|---|---|---|---|" + ("---|" if other else "")
    for rate in rates:
        cells = [
            rate.what,
            shown(rate, rate.real),
            shown(rate, simulated[rate.key]),
            f"± {shown(rate, rate.tolerance)}",
        ]
        if not rate.holds(simulated[rate.key]):
            cells[2] = f"**{cells[2]}**"
        yield f"| {' | '.join(cells + ([shown(rate, other[rate.key])] if other else []))} |"


def shown(rate: Rate, value: float) -> str:
    """A figure as the page has it, as exact as the real one is shown.

    >>> shown(HITS[2], 0.513), shown(HITS[6], 1.5), shown(HITS[4], 19.0)
    ('51.3 %', '1.50 min', '19.0')
    """
    if rate.unit == "%":
        return f"{100 * value:.1f} %"
    return f"{value:.{1 if rate.real >= 9 else 2}f}{rate.unit}"
