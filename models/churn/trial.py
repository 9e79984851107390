"""A trial of a shop's own rival before anything is learned: whether it can be stored as plain numbers."""

from __future__ import annotations

from collections.abc import Iterator
from math import sin
from typing import Any

import msgspec

from models.churn.covariates import COVARIATES
from models.churn.rival import Maker, named
from models.learners.plain import dump, load

LABELS = 400
"""Labels that it learns in a trial: enough for the first splits of trees."""
STORED = 100
"""After so many it is stored, and goes on from there."""


def tried(maker: Maker) -> Maker:
    """The maker of a rival, if what it makes is fit to be one.

    Raises
    ------
    ValueError
        It makes no classifier of River that predicts probabilities; or its description differs from process to process;
        or its state is not plain numbers alone (`models.learners.plain.Opaque`); or what goes on from a stored state
        does not predict the same.
    """
    from river import base, compose

    whole, stored = maker(), maker()
    last = [*whole.steps.values()][-1] if isinstance(whole, compose.Pipeline) else whole
    if not isinstance(last, base.Classifier):
        raise ValueError(f"made a {type(whole).__name__}, which is no classifier of River")
    if " at 0x" in repr(whole):
        raise ValueError(f"cannot be told from others, since its description has an address in it: {whole!r}")
    for i, (x, ordered) in enumerate(_labels()):
        if i % STORED == 0:
            stored = load(msgspec.json.decode(msgspec.json.encode(dump(stored))), maker())
        if _predicted(whole, x) != _predicted(stored, x):
            raise ValueError(
                "does not predict the same once its state was stored: it draws at random, or forgets something"
            )
        whole.learn_one(x, ordered)
        stored.learn_one(x, ordered)
    dump(whole)
    return maker


def _predicted(model: Any, x: dict[str, float]) -> str:
    """What a model predicts, as text: so no number equals itself. Raises ValueError if it predicts no probabilities."""
    try:
        return repr(model.predict_proba_one(x))
    except NotImplementedError:
        raise ValueError(f"made a {type(model).__name__}, which predicts no probabilities") from None


def _labels() -> Iterator[tuple[dict[str, float], bool]]:
    """Labels of about the sizes that covariates have, not drawn at random."""
    for i in range(LABELS):
        yield named([1.0, *(3.0 * sin(i * (j + 1.3)) for j in range(len(COVARIATES) - 1))]), sin(7.3 * i) > 0.4
