"""``MODELS.md``, whole."""

from __future__ import annotations

from collections.abc import Iterator

from bench.models.data_sets import DATA_SETS
from bench.models.measures import Interval
from bench.models.results import Alerts, Found, Horizon, Results, Told
from bench.page.tables import table

HEAD = """\
# Models

The churn model beside recency and the closed forms of the literature, on real shops. Written by `make bench-models`;
the numbers: [models/results.json](models/results.json).

Every row of a data set goes through the engine, as `kairos replay --local` runs it, up to the *cut*; what any model has
learned, it has learned before. The truth is read from the raw files by other code (`bench/models/purchases.py`): who
has a buying occasion in the days from the cut on. All buyers before the cut are scored. The engine starts at the
shipped prior that was fitted without this data set.

- *Who judges* is what the engine acts upon at the cut, by that horizon: one of those that follow. *Hazard* is the churn
  model: the table that the shards judge by at the cut, asked about the profiles in the store. *Prior alone* is the same
  with the weights that other shops taught, without the labels of this one. *River rival* is the classifier of River
  that learns the same labels beside it; *MBG/NBD, live* what the engine fits to its sample, and *recency × frequency*
  its baseline.
- *Recency alone* is a logistic hazard of the days since the last occasion, fitted on every period of 14 days before the
  cut. *BG/NBD*, *MBG/NBD* and *Pareto/NBD* are fitted by maximum likelihood; their P(order) is exact,
  1 − L(x, tx, T + h) / L(x, tx, T).
- *AUC* is the chance that who ordered was given more than who did not. *Log loss* and *Brier* are the errors of the
  probabilities themselves: less is better. *ECE* is the mean distance of probability and share, in ten bins of equally
  many buyers; chance adds to it, and to that of a resample more than to the figure itself.
- Intervals are 95 %, by a bootstrap over shoppers; differences are taken in pairs, on the same resamples, to the closed
  form of the lowest log loss. Below 0 the model has less log loss than that one. One cut a data set: what the season
  does is in no interval."""
PICTURE = """\
## Reliability

Each point is a tenth of the buyers, by their probability: what was predicted, and the share who ordered, with its 95 %
interval. On the dashed line they are the same.

![Predicted against observed shares](models.svg)"""
ALERTS = """\
The threshold is the risk that the top share of repeat buyers exceeds; *gap* also asks that the buyer is past the own
expected gap. Precision: who of them has no occasion in the next {days} days, as {base} of {buyers:,} repeat buyers have
none. Recall: how many of those are among them. *Early* alerts come within three days of an order."""
TOLD = """\
What the engine said over the whole history, by the model that the alert names. An alert is right if no order
follows in the next {days} days; *early* ones came within three days of an order."""
CURVE = """\
Log loss (AUC) of all buyers so far, each fortnight from the first days on. The closed forms are fitted anew at each
day, with a light penalty for young shops."""


def markdown(found: Results) -> str:
    """The page."""
    rows = [
        [
            each.name,
            each.made.commit,
            each.made.date,
            f"`{each.made.command}`",
            each.made.machine,
            f"{each.seconds:,.0f} s",
        ]
        for each in found.sets.values()
    ]
    parts = [HEAD, table(("data set", "commit", "date", "command", "machine", "took"), rows), PICTURE]
    for each in found.sets.values():
        parts += section(each)
    return "\n\n".join(parts) + "\n"


def section(found: Found) -> Iterator[str]:
    """One data set."""
    yield f"## {found.name}"
    yield f"{DATA_SETS[found.name].about}. The holdout begins with day {found.cut}."
    for horizon in found.horizons:
        yield f"### {horizon.days} days"
        yield f"{horizon.base:.1%} of {horizon.buyers:,} buyers order. The best closed form is {horizon.best}."
        yield scores(horizon)
    yield "### Fits"
    yield fits(found)
    if found.alerts is not None:
        yield "### Alerts by share"
        yield ALERTS.format(days=found.alerts.days, base=f"{found.alerts.gone:.1%}", buyers=found.alerts.buyers)
        yield shares(found.alerts)
    if found.told:
        yield "### Alerts that were told"
        yield TOLD.format(days=found.told[0].days)
        yield told(found.told)
    if found.curve:
        yield "### Learning curve"
        yield CURVE
        yield from curves(found)


def scores(horizon: Horizon) -> str:
    """The models at one horizon."""
    head = ("model", "AUC", "log loss", "Brier", "ECE", "Δ AUC", "Δ log loss", "Δ Brier", "Δ ECE")
    rows = []
    for score in horizon.scores:
        cells = [shown(score.measures[name]) for name in score.measures]
        changes = [shown(score.differences[name], sign="+") for name in score.differences]
        rows.append([score.name, *cells, *(changes or [""] * len(cells))])
    return table(head, rows)


def shown(interval: Interval, sign: str = "") -> str:
    """A figure and its interval.

    >>> shown(Interval(0.38021, 0.37, 0.391)), shown(Interval(-0.0075, -0.0094, 0.00001), "+")
    ('.3802 [.3700, .3910]', '−.0075 [−.0094, +.0000]')
    """
    value, low, high = (f"{round(number, 4) + 0.0:{sign}.4f}".replace("0.", ".", 1) for number in interval)
    return f"{value} [{low}, {high}]".replace("-", "−")


def fits(found: Found) -> str:
    """The closed forms' parameters."""
    rows = [
        [
            fit.name,
            ", ".join(f"{symbol} {value:,.3f}" for symbol, value in fit.parameters.items()),
            f"{fit.log_likelihood:,.1f}",
            fit.degenerate or "",
        ]
        for fit in found.fits
    ]
    return table(("model", "parameters", "log likelihood", "degenerate"), rows)


def shares(found: Alerts) -> str:
    """Alerts by share, alone and past the own gap."""
    rows = [
        [
            f"{row.share:.0%}{', gap' if row.overdue else ''}",
            f"{row.threshold:.3f}",
            f"{row.alerts:,}",
            "" if row.precision is None else f"{row.precision:.3f}",
            f"{row.recall:.3f}",
            f"{row.early:,}",
        ]
        for row in found.shares
    ]
    return table(("share", "risk from", "alerts", "precision", "recall", "early"), rows)


def told(found: list[Told]) -> str:
    """The engine's own alerts."""
    rows = [
        [
            f"`{row.model}`",
            f"{row.raised:,}",
            f"{row.judged:,}",
            "" if row.precision is None else f"{row.precision:.3f}",
            f"{row.early:,}",
            f"{row.least:,.1f} d",
        ]
        for row in found
    ]
    return table(("model", "raised", "of these judged", "precision", "early", "soonest after an order"), rows)


def curves(found: Found) -> Iterator[str]:
    """The learning curve, a table for each horizon; the least log loss of a day is bold."""
    for days in found.curve[0].base:
        names = list(dict.fromkeys(name for point in found.curve for name in point.models[days]))
        rows = []
        for point in found.curve:
            told = point.models[days]
            least = min(loss for loss, _ in told.values())
            cells = [_cell(*told[name], least) if name in told else "" for name in names]
            rows.append([str(point.day), f"{point.buyers:,}", f"{point.base[days]:.3f}", *cells])
        yield f"{days} days:"
        yield table(("day", "buyers", "order", *names), rows)


def _cell(loss: float, auc: float, least: float) -> str:
    cell = f"{loss:.4f} ({auc:.3f})"
    return f"**{cell}**" if loss == least else cell
