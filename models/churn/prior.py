"""What a new shop starts with: priors learned from other shops, shipped as numbers (`priors.json`, beside this file).

`all` was fitted on CDNOW (1997-98), Online Retail (2010-11), the Google Merchandise Store (2016-17) and 24 simulated
shops of widely drawn tempo (buyers by MBG/NBD), each shop weighing as the square root of its labels with an order. It
is worth 1,000 labels, less what shops differ in: a standard deviation of 0.1 in the constant and of 0.03 in each other
weight. A test on one of the three real shops uses the prior that was fitted without it: `without_cdnow`,
`without_online_retail`, `without_ga360`.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from models.churn.posterior import Posterior

SHIPPED = "all"


class Prior(Struct, frozen=True):
    """A prior by name.

    Attributes
    ----------
    mean, precision
        m0 and A0 of the hazard's twelve weights; A0 as its upper triangle, row by row.
    orders_90, orders_365
        Coefficients of the expected numbers of orders within 90 and 365 days (see `models.churn.worth`).
    """

    mean: tuple[float, ...]
    precision: tuple[float, ...]
    orders_90: tuple[float, ...]
    orders_365: tuple[float, ...]

    @property
    def posterior(self) -> Posterior:
        """The weights' distribution before any label."""
        return Posterior.prior(self.mean, self.precision)


_decode = msgspec.json.Decoder(dict[str, Prior]).decode


@cache
def _all() -> dict[str, Prior]:
    return _decode((files("models.churn") / "priors.json").read_bytes())


def shipped(name: str = SHIPPED) -> Prior:
    """The prior of this name. Raises ValueError if there is none.

    >>> len(shipped().mean), len(shipped().precision), len(shipped().orders_90)
    (12, 78, 15)
    """
    found = _all()
    if name not in found:
        raise ValueError(f"no prior is called {name!r}: there are {', '.join(found)}")
    return found[name]
