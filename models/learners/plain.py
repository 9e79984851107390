"""A River model's state as plain numbers: for any model that is made of River's objects and of containers of numbers.

A state goes back into a new model of the same make: what that model has already (its parameters, and places for what it
will learn) says what the numbers are. So nothing is named in a state that would have to be imported, and nothing in it
can run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, TypeAlias

from models.learners.protocol import finite

Plain: TypeAlias = Any
"""None, a boolean, number or string; a list of such; an object of such by attribute."""
DEEPEST = 24
"""A state is no deeper than this: beyond it an object holds itself."""

_CODE = type, FunctionType, BuiltinFunctionType, MethodType


class Opaque(ValueError):
    """A part of a model that is not made of plain numbers; its message names it."""


def dump(part: Any, place: str = "model", depth: int = DEEPEST) -> Plain:
    """The state of a model, or of a part of it.

    Parameters
    ----------
    part
        An estimator of River, a container, or a number.
    place
        How messages name it.

    Raises
    ------
    Opaque
        Where a part is something else (an array, an object of Rust), or is not finite. Functions and classes that
        are attributes are code and not state: a new model has its own.

    >>> from river import preprocessing, stats
    >>> scaler = preprocessing.StandardScaler()
    >>> scaler.learn_one({"a": 3.0})
    >>> dump(scaler)["means"]
    [['a', 3.0]]
    >>> dump(stats.EWMean())
    Traceback (most recent call last):
    models.learners.plain.Opaque: model._ewmean is a RsEWMean: only numbers, strings, lists, ...
    """
    if part is None or isinstance(part, (bool, str)) or type(part) is int:
        return part
    if isinstance(part, float):
        return _number(part, place)
    if depth and isinstance(part, (list, tuple)):
        return [dump(item, f"{place}[{i}]", depth - 1) for i, item in enumerate(part)]
    pairs = _pairs(part)
    if depth and pairs is not None:
        return [[_key(key, place), dump(value, f"{place}[{key!r}]", depth - 1)] for key, value in pairs]
    if depth and _known(part):
        return {name: dump(value, f"{place}.{name}", depth - 1) for name, value in _attributes(part)}
    raise Opaque(
        f"{place} is a {type(part).__name__}: only numbers, strings, lists, dictionaries and River's own objects of "
        "such can be kept"
    )


def load(state: Plain, new: Any, place: str = "model") -> Any:
    """The part of a model with a state that `dump` gave; `new` is the same part of a new model, and may be changed.

    Raises Opaque where the state has something that a new model has no place for.
    """
    if isinstance(state, dict):
        if not _known(new):
            raise Opaque(f"{place} is no object in a new model")
        for name, value in state.items():
            vars(new)[name] = load(value, vars(new).get(name), f"{place}.{name}")
        return new
    if not isinstance(state, list):
        return state
    if isinstance(new, (list, tuple)):
        olds = [*new, *[None] * (len(state) - len(new))]
        return type(new)(load(value, old, f"{place}[]") for value, old in zip(state, olds, strict=True))
    if _pairs(new) is None:
        raise Opaque(f"{place} is no container in a new model")
    for key, value in state:
        new[key] = load(value, _old(new, key, value), f"{place}[{key!r}]")
    return new


def _old(new: Any, key: Any, value: Plain) -> Any:
    """What a new model's dictionary has for a key, or makes for it."""
    if key in new or (isinstance(value, (list, dict)) and isinstance(new, defaultdict)):
        return new[key]
    return None


def _pairs(part: Any) -> Iterable[tuple[Any, Any]] | None:
    """Keys and values of what maps something; None of anything else."""
    from river.utils import VectorDict  # see `models.churn.rival` for why here

    if isinstance(part, VectorDict):
        part = part.to_dict()
    return part.items() if isinstance(part, dict) else None


def _known(part: Any) -> bool:
    """Whether it is an object of River, or of a class made from one of River's."""
    from river import base

    return isinstance(part, base.Base)


def _attributes(part: Any) -> Iterable[tuple[str, Any]]:
    """What makes up an object: of a pipeline its steps alone, the rest is worked out from them."""
    from river import compose

    if isinstance(part, compose.Pipeline):
        return [("steps", part.steps)]
    return [(name, value) for name, value in vars(part).items() if not isinstance(value, _CODE)]


def _key(key: Any, place: str) -> Plain:
    if key is None or isinstance(key, (bool, str)) or type(key) is int:
        return key
    if isinstance(key, float):
        return _number(key, place)
    raise Opaque(f"{place} has a {type(key).__name__} as a key: only numbers and strings can be kept")


def _number(x: float, place: str) -> float:
    try:
        return finite(float(x))
    except ValueError as error:
        raise Opaque(f"{place} is {error}") from None
