"""`kairos model`: the churn model's card."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec.structs import astuple
from rich.console import Console

from kairos.terminal.lines import say, say_json
from models.churn.card import Card, Contestant, HorizonCard, card
from models.churn.contest import PERIODS, PROVEN
from models.churn.model import NAME
from models.churn.scoring import HAZARD
from sinks import read_model
from sinks.store import ReadModel

NONE = (
    "no churn model yet: the first is computed at 00:00 UTC after the first events, and KAIROS_TABLE_EVERY must not be "
    "off. Until then the overdue rule raises alerts"
)


def show(console: Console, reader: ReadModel, *, as_json: bool) -> None:
    """Print the card of the newest model, for people or as one JSON object ({} if there is none)."""
    model = read_model.model(reader)
    if as_json:
        say_json(msgspec.json.encode(card(model) if model else {}))
        return
    if model is None:
        say(console, NONE)
        return
    for line in lines(card(model), read_model.pinned(reader, NAME)[model.version]):
        say(console, line)


def lines(found: Card, shards: int) -> Iterator[str]:
    """A card in words; `shards` is how many judge by its model."""
    yield f"{found.model} ({shards} shards judge by it)"
    yield f"predicts    an order within {found.step_days:g} days, and from that any horizon"
    yield f"knows       {found.buyers:,} buyers, {found.repeat_orders:,} repeat orders"
    if found.alerts_from is None:
        yield "alerts      by the overdue rule: too few repeat buyers are known"
    else:
        yield f"alerts      from a risk of {found.alerts_from:.2%} on, once the shopper's own usual gap is over"
    if found.orders_expected:
        came = f"{found.orders_came:,.0f} came within 90 days, {found.orders_expected:,.0f} expected of other shops"
        yield f"orders      {came}: here {found.orders_scale:.2f} times as many"
    yield from _others(found)
    for horizon in found.horizons:
        yield ""
        yield from _horizon(horizon, found.window_days)
    yield ""
    yield (
        f"The prior judges until {PROVEN} labels of the hazard have matured, over {PERIODS} times the horizon; "
        "then the hazard does, or who is better by more than chance."
    )
    if found.drift:
        yield ""
        dates = ", ".join(map(str, found.drift))
        yield f"drift       buyers began to order more, or less, than expected: noticed at {dates}"
    yield ""
    yield "weights     " + ", ".join(f"{name} {weight:+.2f}" for name, weight in found.weights.items())


def _others(found: Card) -> Iterator[str]:
    """What predicts beside the hazard."""
    if found.rival is not None:
        yield f"river       {found.rival.title}; {found.rival.labels_learned:,} labels learned"
    if found.rival_failed is not None:
        yield f"river       could not learn, and begins anew: {found.rival_failed}"
    if found.closed_form is not None:
        r, alpha, a, b = astuple(found.closed_form)
        yield f"mbg_nbd     r {r:.3f}, α {alpha:.1f} days, a {a:.3f}, b {b:.3f}"


def _horizon(found: HorizonCard, window: int) -> Iterator[str]:
    """The contest by one horizon: all side by side, and how well the one who judges is calibrated."""
    judge = next(one for one in found.contestants if one.judges)
    state = "provisional, it has not beaten its baseline here yet" if found.provisional else "beats its baseline here"
    yield f"within {found.days} days: {found.judge} judges; {state}"
    labels = next(one for one in found.contestants if one.name == HAZARD).recent.labels
    if not labels:
        yield "  no matured predictions yet"
        return
    few = "" if labels >= PROVEN else f"; fewer than {PROVEN} prove nothing"
    yield f"  matured predictions of the newest {window} days: {labels:,}{few}"
    yield f"  {'':<17} log loss  less judge's          AUC  Brier  expected  ordered"
    for one in found.contestants:
        yield f"  {one.name:<17} " + (_scored(one) if one.recent.labels else "no matured predictions yet")
    if judge.recent.labels:
        yield f"  of {judge.name}: predicted   labels   ordered"
        for begins, cell, ordered in judge.recent.calibration:
            yield f"    {begins:>4.0%} and up {cell:>13,} {ordered:>9.1%}"


def _scored(found: Contestant) -> str:
    apart = ""
    if found.difference is not None:
        apart = f"{found.difference:+.4f}" + ("" if found.interval is None else f" ± {found.interval:.4f}")
    s = found.recent
    rates = f"{s.predicted_rate:>8.1%} {s.base_rate:>8.1%}"
    return f"{s.log_loss:>8.4f}  {'judges' if found.judges else apart:<18} {s.auc:.3f}  {s.brier:.4f} {rates}"
