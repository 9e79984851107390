"""The settings, and the only place that reads the environment: `load`. `kairos.variables` lists every variable."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from kairos.errors import SettingsError
from kairos.security import Security
from kairos.variables import VARIABLES
from models.events import ROLES
from models.money import Converter
from models.outputs import OUTPUT_TOPICS
from models.settings import Settings as Shop
from streams.records import Input
from streams.shard import EngineSettings


class Settings(Struct, frozen=True, kw_only=True):
    """Where the parts are, what they are called, and what the shop decides (`shop`)."""

    brokers: tuple[str, ...] = ()
    security: Security = Security()
    redis_url: str | None = None
    namespace: str = "kairos"
    group: str = ""
    clickstream: tuple[str, ...] = ("clickstream",)
    cart: tuple[str, ...] = ("cart",)
    orders: tuple[str, ...] = ("orders",)
    outputs: Mapping[str, str] = field(default_factory=lambda: {role: role for role in OUTPUT_TOPICS})
    clock: Literal["wall", "event"] = "wall"
    on_gap: Literal["stop", "skip"] = "stop"
    faults: str = ""
    web_port: int = 0
    shop: Shop = Shop()
    engine: EngineSettings = EngineSettings()

    def __repr__(self) -> str:
        """Without the Redis URL, which may hold a password."""
        return f"Settings(namespace={self.namespace!r}, brokers={self.brokers!r})"

    @property
    def roles(self) -> tuple[tuple[str, ...], ...]:
        """Topics by rank of their role."""
        return self.clickstream, self.cart, self.orders

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Each input topic once, in the order of the merge: clickstream topics, then cart, then orders."""
        roles: dict[str, str] = {}
        for role, topics in zip(ROLES, self.roles, strict=True):
            for topic in topics:
                roles.setdefault(topic, role)
        return tuple(Input(topic, rank, role) for rank, (topic, role) in enumerate(roles.items()))


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings; an empty variable counts as unset.

    Raises
    ------
    SettingsError
        For the first value that is no good, naming its variable.
    """
    environ = os.environ if environ is None else environ
    tree: dict[str, Any] = {}
    for variable in VARIABLES.values():
        value = environ.get(variable.name, "")
        if value:
            _put(tree, variable.target.split("."), _parse(variable.name, value))
    settings = _build(tree)
    for complaint in _complaints(settings):
        raise SettingsError(complaint)
    return settings


def _parse(name: str, value: str) -> Any:
    variable = VARIABLES[name]
    try:
        return variable.parse(value)
    except ValueError as error:
        shown = "" if variable.secret else f"={value}"
        raise SettingsError(f"{name}{shown}: {error}") from None


def _put(tree: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree[path[-1]] = value


def _build(tree: dict[str, Any]) -> Settings:
    """Put the values over the defaults. The parsers made them, so no second check of types is needed."""
    shop = dict(tree.pop("shop", {}))
    limits = msgspec.structs.replace(Shop().limits, **shop.pop("limits", {}))
    outputs = {role: role for role in OUTPUT_TOPICS} | tree.pop("outputs", {})
    settings = Settings(
        security=Security(**tree.pop("security", {})),
        shop=Shop(**shop, limits=limits),
        engine=EngineSettings(**tree.pop("engine", {})),
        outputs=outputs,
        **tree,
    )
    return settings if settings.group else msgspec.structs.replace(settings, group=settings.namespace)


def _complaints(settings: Settings) -> Iterator[str]:
    """What does not fit together."""
    if complaint := settings.security.complaint():
        yield complaint
    try:
        Converter(settings.shop)
    except ValueError as error:
        yield f"KAIROS_CURRENCY, KAIROS_RATES: {error}"
    shop = settings.shop
    if shop.table_every and shop.table_lag >= shop.table_every:
        yield "KAIROS_TABLE_LAG: must be shorter than KAIROS_TABLE_EVERY"
    inputs = {topic.topic for topic in settings.inputs}
    for role, topic in settings.outputs.items():
        if topic in inputs:
            yield f"KAIROS_TOPIC_{role.upper().replace('-', '_')}={topic}: is an input topic as well"
    if len(set(settings.outputs.values())) < len(settings.outputs):
        yield "KAIROS_TOPIC_*: each output needs a topic of its own"


def misspelt(environ: Mapping[str, str] | None = None) -> list[str]:
    """Warnings about variables that look like ours and are not, with the name that may be meant."""
    environ = os.environ if environ is None else environ
    warnings = []
    for name in sorted(environ):
        if name.startswith("KAIROS_") and name not in VARIABLES:
            near = difflib.get_close_matches(name, VARIABLES, n=1, cutoff=0.8)
            warnings += [f"{name}: no such setting; did you mean {other}?" for other in near]
    return warnings


def required(value: object, name: str, why: str) -> None:
    """SettingsError unless the variable is set; `why` says what it is needed for."""
    if not value:
        raise SettingsError(f"{name}: not set; {why}")
