"""What a simulated shop is like: its size, its rates, its faults. Shares are 0 to 1, times in ms since 1970.

Where a number comes from a real shop, docs/simulator.md sets the simulated one beside it; the others are chosen.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from models.kernel.settings import DAY

START = 1_709_510_400_000
"""2024-03-04T00:00Z, a Monday."""


class Funnel(Struct, frozen=True, kw_only=True):
    """How far visits go. Fitted to the Google Merchandise Store (ga360).

    Attributes
    ----------
    look, cart, order
        Share of visits that look at a product; of those, that fill a cart; of those, by people who never bought, that
        end in an order.
    later
        Share of these orders that come in a visit of their own, half an hour to some days after the cart.
    checkout
        Share of the carts that are left that reach the checkout.
    again
        Shape of the chance to come again, Beta(a, b) over people.
    length
        All visits longer or shorter by this factor.
    reported, reloaded
        Share of orders reported twice within a second, and twice more when the receipt is looked at again.
    """

    look: float = 0.152
    cart: float = 0.348
    order: float = 0.215
    later: float = 0.02
    checkout: float = 0.2
    again: tuple[float, float] = (0.35, 2.25)
    length: float = 1.0
    reported: float = 0.999
    reloaded: float = 0.056


class Loyalty(Struct, frozen=True, kw_only=True):
    """How buyers come back: BG/NBD (Fader, Hardie, Lee: "Counting your customers the easy way", Marketing Science 24,
    2005), with the parameters of that paper for CDNOW.

    Attributes
    ----------
    r, alpha
        A buyer buys by a Poisson process, whose rate per week is Gamma(r, scale 1/alpha) over buyers.
    a, b
        After each repeat purchase a buyer is gone with a chance that is Beta(a, b) over buyers.
    comeback
        Share of the gone who return after three months or more. Not of the paper.
    """

    r: float = 0.243
    alpha: float = 4.414
    a: float = 0.793
    b: float = 2.426
    comeback: float = 0.05


class SimulationSettings(Struct, frozen=True, kw_only=True):
    """One shop.

    Attributes
    ----------
    seed
        The same seed, with the same rest, gives the same rows.
    shoppers, within
        How many people come for the first time within so many ms; after that they keep coming at this rate.
    rate
        Events a second (None: as many as come of `shoppers`). From the first second on so many people come for the
        first time as it takes, at any hour of the day; `shoppers`, `within` and `campaign` say nothing then. Events
        that are late count when they happen.
    start, end
        When the shop opens, and when it closes (None: never). Rows have `start` <= event time < `end`.
    drift
        From this moment on people buy half as often (None: never).
    campaign, crowd
        From this moment on `crowd` times as many people come for the first time (None: never).
    known
        Share of people who are logged in when they first come.
    currency
        Of all prices.
    duplicates, late, out_of_order, bad
        Share of rows delivered twice, an hour or more late, and some seconds late; bad rows for each good one.
    scripted
        People with a script around this moment, see `kairos.simulate.scripted` (None: nobody).
    """

    seed: int = 7
    shoppers: int = 10_000
    within: int = 90 * DAY
    rate: float | None = None
    start: int = START
    end: int | None = None
    drift: int | None = None
    campaign: int | None = None
    crowd: float = 1.0
    known: float = 0.5
    currency: str = "USD"
    duplicates: float = 0.0
    late: float = 0.0
    out_of_order: float = 0.0
    bad: float = 0.0
    scripted: int | None = None
    funnel: Funnel = Funnel()
    loyalty: Loyalty = Loyalty()


CALIBRATED = SimulationSettings()
"""Rates as in the real shops."""

BUSY = SimulationSettings(
    shoppers=2_400,
    known=0.95,
    funnel=Funnel(look=0.6, cart=0.5, order=0.5, later=0.25, again=(0.6, 1.4), length=0.35, reported=0.2),
    loyalty=Loyalty(r=0.8, alpha=2.0, a=0.5, b=2.5),
)
"""A small shop that is far busier than a real one: short visits, many carts, many orders."""

DEMO_HISTORY = 90 * DAY
"""What `kairos demo` folds before it goes on live."""

DEMO = replace(
    BUSY,
    campaign=START + DEMO_HISTORY,
    crowd=50.0,
    duplicates=0.01,
    late=0.001,
    out_of_order=0.01,
    bad=0.001,
    scripted=START + DEMO_HISTORY,
)
"""The busy shop for `kairos demo`. After its history a campaign brings a crowd; people with a script leave carts, come
back for them and become overdue just then."""
