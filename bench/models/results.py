"""What was found, as it is kept in ``bench/models/results.json``, by data set, with where its figures come from."""

from __future__ import annotations

from msgspec import Struct, field

from bench.models.measures import Bin, Interval
from bench.results import Made


class Score(Struct, frozen=True):
    """A model at a horizon: each measure with its interval; the same as a difference to the best closed form, in pairs
    (of that one itself: nothing); and its reliability."""

    name: str
    measures: dict[str, Interval]
    differences: dict[str, Interval]
    bins: list[Bin]


class Horizon(Struct, frozen=True):
    """All models at a horizon of so many days; `base` is the share of buyers who ordered, `best` the closed form of the
    lowest log loss."""

    days: int
    buyers: int
    base: float
    best: str
    scores: list[Score]


class Fit(Struct, frozen=True):
    """A closed form's parameters by name, its log likelihood, and why it is degenerate, if it is."""

    name: str
    parameters: dict[str, float]
    log_likelihood: float
    degenerate: str


class Share(Struct, frozen=True):
    """Alerts for the top share of repeat buyers' risk, alone or (`overdue`) also past the own expected gap.

    `threshold` is the risk from which on they are told. `early` of them come within three days of an order.
    """

    share: float
    overdue: bool
    threshold: float
    alerts: int
    precision: float | None
    recall: float
    early: int


class Alerts(Struct, frozen=True):
    """Shares, judged by who has no occasion in the next so many days: `gone` of the `buyers` with a repeat."""

    days: int
    buyers: int
    gone: float
    shares: list[Share]


class Told(Struct, frozen=True):
    """Alerts that the engine itself raised over the whole history, by the model that they name.

    Of those `judged`, whose horizon the data cover, `precision` have no order in so many days after. `early` came
    within three days of an order; `least` is the shortest time from an order to an alert, in days.
    """

    model: str
    raised: int
    judged: int
    days: int
    precision: float | None
    early: int
    least: float


class Point(Struct, frozen=True):
    """A learning curve at a day: by horizon (days), the base rate; by horizon and model, log loss and AUC."""

    day: int
    buyers: int
    base: dict[int, float]
    models: dict[int, dict[str, tuple[float, float]]]


class Found(Struct):
    """A data set; `seconds` is how long it took."""

    name: str
    made: Made
    cut: int
    horizons: list[Horizon] = field(default_factory=list)
    fits: list[Fit] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    curve: list[Point] = field(default_factory=list)
    alerts: Alerts | None = None
    seconds: float = 0.0


class Results(Struct):
    """Everything, by data set, each as it was measured last."""

    sets: dict[str, Found] = field(default_factory=dict)
