"""A shop's own rival of the churn model: imported by its name, tried, and named again where settings are shown."""

from __future__ import annotations

from importlib import import_module

from models.churn.rival import Maker, standard
from models.churn.trial import tried

OFF = "off"


def maker(value: str) -> Maker | None:
    """What makes the rival: ``MODULE:FUNCTION``, a function without arguments; None for ``off``.

    >>> maker("off"), maker("models.churn.rival:standard") is standard
    (None, True)
    """
    module, _, name = value.strip().partition(":")
    if module == OFF and not name:
        return None
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"expected MODULE:FUNCTION that can be imported, or off: {error}") from None
    try:
        return found if found is standard else tried(found)
    except Exception as error:  # of the shop's own code: whatever it may be
        raise ValueError(str(error) or type(error).__name__) from error


def written(maker: Maker | None) -> str:
    """The text of which `maker` makes this.

    >>> written(standard), written(None)
    ('models.churn.rival:standard', 'off')
    """
    return OFF if maker is None else f"{maker.__module__}:{maker.__name__}"
