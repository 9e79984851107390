"""Shoppers and their habits."""

from __future__ import annotations

from functools import cache

import msgspec
from msgspec import Raw, Struct

from kairos.simulate import places
from kairos.simulate.catalogue import CATEGORIES, Product
from kairos.simulate.draws import Draws, table
from kairos.simulate.places import Place
from kairos.simulate.settings import SimulationSettings
from models.kernel.settings import DAY

DEVICES = ("desktop", "mobile", "tablet")
DEVICE_SHARES = table((0.74, 0.21, 0.05))
CHANNELS = (
    ("organic", "google"),
    ("(none)", "(direct)"),
    ("referral", "example.org"),
    ("social", "instagram"),
    ("cpc", "google"),
    ("email", "newsletter"),
)
CHANNEL_SHARES = table((0.43, 0.17, 0.2, 0.1, 0.04, 0.06))
TASTE = table((0.6, 0.25, 0.15))
FAITHFUL = 0.7
"""Share of visits that come by the shopper's own channel, and at about the shopper's own hour."""
AROUND = 1.3
"""Standard deviation of the visits' hour around that, in hours."""
SECOND_DEVICE = 0.2
"""Share of people with a second device, and of their visits that use it."""
BARGAIN_HUNTERS = 0.15
SENDERS_BACK = 0.07


class Cart(Struct, gc=False):
    """A cart that is not ordered yet: lines of product and quantity."""

    id: str
    lines: list[tuple[Product, int]]


class Person(Struct, kw_only=True):
    """One shopper.

    Attributes
    ----------
    name, devices
        The user id, and the anonymous id with the type of each device.
    logged_in
        Whether the next visit begins logged in.
    tastes, hour, channel
        Favourite categories, the strongest first; hour of the local day; index of the channel.
    coupons, refunds
        Share of orders with a coupon, and of orders sent back.
    again
        Chance to come again after a visit.
    rate, dropout
        Purchases per ms once a buyer (0: no buyer yet), and the chance to be gone after one of them.
    buys
        Orders so far.
    """

    name: str
    devices: tuple[tuple[str, str], ...]
    place: Place
    logged_in: bool
    tastes: tuple[str, ...]
    hour: float
    channel: int
    coupons: float
    refunds: float
    again: float
    rate: float = 0.0
    dropout: float = 0.0
    buys: int = 0
    cart: Cart | None = None

    def category(self, draws: Draws) -> str:
        """What this visit is about: most often the favourite."""
        return self.tastes[draws.index(TASTE)]

    def at(self, after: int, days: float, draws: Draws) -> int:
        """When a visit so many days after `after` (ms) is: by habit, if it is not within a day, and not at night."""
        at = after + int(days * DAY)
        if days < 1.0:
            return places.morning(at, self.place.offset, draws) if places.night(at, self.place.offset) else at
        hour = self.hour + AROUND * draws.normal() if draws.chance(FAITHFUL) else places.hour(draws)
        return max(after + DAY // 2, places.at_hour(at, self.place.offset, hour))

    def context(self, device: str, draws: Draws) -> Raw:
        """Where a visit comes from."""
        channel = self.channel if draws.chance(FAITHFUL) else draws.index(CHANNEL_SHARES)
        return context(self.place, device, channel)


def stranger(number: int, place: Place, settings: SimulationSettings, draws: Draws) -> Person:
    """Somebody who comes for the first time."""
    devices = [(f"device-{number:05}", DEVICES[draws.index(DEVICE_SHARES)])]
    if draws.chance(SECOND_DEVICE):
        devices.append((f"device-{number:05}b", "mobile" if devices[0][1] != "mobile" else "desktop"))
    favourite = int(draws.random() * len(CATEGORIES))
    return Person(
        name=f"shopper-{number:05}",
        devices=tuple(devices),
        place=place,
        logged_in=draws.chance(settings.known),
        tastes=tuple(CATEGORIES[(favourite + step) % len(CATEGORIES)] for step in (0, 3, 5)),
        hour=places.hour(draws),
        channel=draws.index(CHANNEL_SHARES),
        coupons=0.85 if draws.chance(BARGAIN_HUNTERS) else 0.06,
        refunds=0.5 if draws.chance(SENDERS_BACK) else 0.02,
        again=draws.beta(*settings.funnel.again),
    )


@cache
def context(place: Place, device: str, channel: int) -> Raw:
    """The context of a call."""
    medium, source = CHANNELS[channel]
    return Raw(
        msgspec.json.encode(
            {
                "timezone": place.zone,
                "locale": place.locale,
                "device": {"type": device},
                "campaign": {"medium": medium, "source": source},
            }
        )
    )
