"""`kairos model`: the churn model's card."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from rich.console import Console

from kairos.terminal.lines import say, say_json
from models.churn.card import Card, RivalCard, Score, card
from models.churn.model import NAME, PROVEN, TRIED
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
    state = "provisional, it has not beaten its baseline here yet" if found.provisional else "beats its baseline here"
    yield f"{found.model}: {state} ({shards} shards judge by it)"
    yield f"predicts    an order within {found.step_days:g} days, and from that any horizon"
    yield f"knows       {found.buyers:,} buyers, {found.repeat_orders:,} repeat orders"
    if found.alerts_from is None:
        yield "alerts      by the overdue rule: too few repeat buyers are known"
    else:
        yield f"alerts      from a risk of {found.alerts_from:.2%} on, once the shopper's own usual gap is over"
    scores = {f"matured predictions of the newest {found.window_days} days": found.recent}
    if found.all_time.labels > found.recent.labels:
        scores["all matured predictions"] = found.all_time
    for title, score in scores.items():
        yield ""
        yield f"{title}: {score.labels:,}"
        if score.labels:
            yield from _scored(score)
    if found.rival is not None:
        yield ""
        yield from _side_by_side(found, found.rival)
    if found.rival_failed is not None:
        yield ""
        yield f"rival       could not learn, and begins anew: {found.rival_failed}"
    if found.drift:
        yield ""
        dates = ", ".join(map(str, found.drift))
        yield f"drift       buyers began to order more, or less, than expected: noticed at {dates}"
    yield ""
    yield "weights     " + ", ".join(f"{name} {weight:+.2f}" for name, weight in found.weights.items())


def _side_by_side(found: Card, rival: RivalCard) -> Iterator[str]:
    """The hazard, its rival and the baseline over the newest days; who judges is marked."""
    ours, theirs = found.recent, rival.recent
    yield f"side by side: the rival is River's {rival.title}; {rival.labels_learned:,} labels learned"
    yield f"  recency × frequency  log loss {ours.baseline_log_loss:.4f}"
    for name, score, difference in (
        ("hazard", ours, _difference(ours.difference, ours.interval)),
        ("rival", theirs, _difference(rival.to_baseline, rival.to_baseline_interval, "at most ")),
    ):
        told = f"log loss {score.log_loss:.4f}, less that {difference}; AUC {score.auc:.3f}; Brier {score.brier:.4f}"
        judges = "; judges" if found.judge == name else ""
        yield f"  {name:<19}  {told if score.labels else 'no matured predictions yet'}{judges}"
    if theirs.labels:
        yield f"  rival less hazard    {_difference(theirs.difference, theirs.interval)}, {theirs.labels:,} predictions"
    yield f"  the other one judges once its log loss is lower by more than chance, over {TRIED} days or more"


def _difference(mean: float, half: float | None, bound: str = "") -> str:
    return f"{mean:+.4f}" + ("" if half is None else f" ± {bound}{half:.4f}")


def _scored(score: Score) -> Iterator[str]:
    yield f"  ordered   {score.base_rate:.1%}, where {score.predicted_rate:.1%} were expected"
    verdict = "" if score.labels >= PROVEN else f"; fewer than {PROVEN} labels prove nothing"
    yield (
        f"  log loss  {score.log_loss:.4f}; recency × frequency {score.baseline_log_loss:.4f}; "
        f"difference {_difference(score.difference, score.interval)}{verdict}"
    )
    yield f"  AUC       {score.auc:.3f}; Brier {score.brier:.4f}"
    yield "  predicted   labels   ordered"
    for begins, labels, ordered in score.calibration:
        yield f"  {begins:>4.0%} and up {labels:>7,} {ordered:>8.1%}"
