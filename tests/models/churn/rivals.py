"""Rivals that shops could have, for tests of the setting that names them."""

from __future__ import annotations

from random import Random
from typing import Any

from river import base, linear_model, naive_bayes, optim, preprocessing, tree


def followed() -> Any:
    """Linear, by another optimizer."""
    return preprocessing.StandardScaler() | linear_model.LogisticRegression(optim.FTRLProximal(alpha=0.05))


def counted() -> Any:
    """Not linear: which covariates were above 1, counted by what came of it."""
    return preprocessing.Binarizer(1.0) | naive_bayes.BernoulliNB()


class Drawing(base.Classifier):  # type: ignore[misc] # River has no types
    """Draws at random, from a generator that every one of its kind shares."""

    generator = Random(1)

    def learn_one(self, x: dict[str, float], y: bool) -> None:
        """Learns nothing."""

    def predict_proba_one(self, x: dict[str, float]) -> dict[bool, float]:
        p = self.generator.random()
        return {True: p, False: 1 - p}


def grown() -> Any:
    """A tree: its classes are a set, its nodes no objects that a new tree has."""
    return tree.HoeffdingTreeClassifier(grace_period=50)


def normal() -> Any:
    """Its distributions have generators of random numbers."""
    return naive_bayes.GaussianNB()


def scaled() -> Any:
    """No classifier."""
    return preprocessing.StandardScaler()


class Decided(base.Classifier):  # type: ignore[misc] # River has no types
    """Predicts no probabilities."""

    def learn_one(self, x: dict[str, float], y: bool) -> None:
        """Learns nothing."""

    def predict_one(self, x: dict[str, float]) -> bool:
        return True


class Described:
    """Has a description with an address in it."""


class Nameless(Decided):
    """Cannot be told from others."""

    def __init__(self, part: Any = None) -> None:
        self.part = part

    def predict_proba_one(self, x: dict[str, float]) -> dict[bool, float]:
        return {True: 0.5, False: 0.5}


def nameless() -> Any:
    return Nameless(Described())


class Breaking(base.Classifier):  # type: ignore[misc] # River has no types
    """Learns and predicts as in a trial, but not what comes later."""

    def __init__(self) -> None:
        self.seen = 0
        self.kept = [0.0]

    def learn_one(self, x: dict[str, float], y: bool) -> None:
        self.seen += 1
        if self.seen > 500:
            self.kept = [0.1] * 100_000

    def predict_proba_one(self, x: dict[str, float]) -> dict[bool, float]:
        if self.seen > 450:
            raise ArithmeticError("too much")
        return {True: 0.2, False: 0.8}


def failing() -> Any:
    raise RuntimeError("no such luck")
