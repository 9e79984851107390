"""The settings: `load` reads them, from where `sources` says; `variables` lists every one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from kairos.config.config_file import Given
from kairos.config.security import RedisTls, Security
from kairos.config.sources import ENV, given
from kairos.config.values import masked
from kairos.config.variables import VARIABLES
from kairos.errors import SettingsError
from models.decoding.money import Converter
from models.features import SHOPPERS
from models.kernel.events import ROLES
from models.kernel.settings import MINUTE, Limits, SharedSettings
from streams.records import Input
from streams.shard import EngineSettings

SERVICE_LINK = (
    "Kubernetes sets it for a service of that name: `enableServiceLinks: false` in the pod, or rename the service"
)


class LogSettings(Struct, frozen=True):
    """How a worker logs, see `kairos.terminal.logs`."""

    format: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning"] = "info"
    ids: Literal["hashed", "plain"] = "hashed"


class MetricsSettings(Struct, frozen=True):
    """Where a worker answers on its state, see `kairos.monitoring.metrics`. `stuck_after` in ms."""

    port: int = 0
    bind: str = "127.0.0.1"
    stuck_after: int = MINUTE


class DashboardSettings(Struct, frozen=True):
    """Where the live page is and who may look, see `dashboard.access`. `proxied`: a proxy before it ends TLS."""

    port: int = 8080
    bind: str = "127.0.0.1"
    token: str = ""
    hosts: tuple[str, ...] = ()
    cors: tuple[str, ...] = ()
    proxied: bool = False
    name: str = "Kairos"

    def __repr__(self) -> str:
        """Without the token."""
        return f"DashboardSettings(port={self.port}, bind={self.bind!r})"


class Settings(Struct, frozen=True, kw_only=True):
    """Where the parts are, what they are called, and what the shop decides (`shop`)."""

    brokers: tuple[str, ...] = ()
    security: Security = Security()
    redis_url: str | None = None
    redis_tls: RedisTls = RedisTls()
    namespace: str = "kairos"
    group: str = ""
    act_group: str = ""
    endpoints: str = ""
    clickstream: tuple[str, ...] = ("clickstream",)
    cart: tuple[str, ...] = ("cart",)
    orders: tuple[str, ...] = ("orders",)
    outputs: Mapping[str, str] = field(default_factory=lambda: {role: role for role in SHOPPERS.outputs})
    clock: Literal["wall", "event"] = "wall"
    on_gap: Literal["stop", "skip"] = "stop"
    eviction: Literal["refuse", "allow"] = "refuse"
    faults: str = ""
    web_port: int = 0
    log: LogSettings = LogSettings()
    metrics: MetricsSettings = MetricsSettings()
    dashboard: DashboardSettings = DashboardSettings()
    shop: SharedSettings = SHOPPERS.settings()
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


def load(environ: Mapping[str, str] | None = None, file: str | None = None) -> Settings:
    """Read the settings; for the arguments see `kairos.config.sources.given`.

    Raises
    ------
    SettingsError
        For the first value that is no good or name that is unknown, saying where it stands.
    """
    return made(given(environ, file))


def made(values: Mapping[str, Given]) -> Settings:
    """The settings of these values, by the name of their variable; SettingsError as `load`."""
    tree: dict[str, Any] = {}
    for name, value in values.items():
        _put(tree, VARIABLES[name].target.split("."), _parse(name, value))
    settings = _build(tree)
    for complaint in _complaints(settings):
        raise SettingsError(complaint)
    return settings


def _parse(name: str, value: Given) -> Any:
    variable = VARIABLES[name]
    where = name if value.source == ENV else f"{value.source}: {variable.key}"
    try:
        return variable.parse(value.text)
    except ValueError as error:
        shown = "" if variable.secret else f"={masked(value.text)}"
        hint = f". {SERVICE_LINK}" if value.text.startswith("tcp://") else ""
        raise SettingsError(f"{where}{shown}: {error}{hint}") from None


def _put(tree: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree[path[-1]] = value


def _build(tree: dict[str, Any]) -> Settings:
    """Put the values over the defaults. The parsers made them, so no second check of types is needed."""
    shop = dict(tree.pop("shop", {}))
    limits = msgspec.structs.replace(Limits(), **shop.pop("limits", {}))
    outputs = {role: role for role in SHOPPERS.outputs} | tree.pop("outputs", {})
    settings = Settings(
        security=Security(**tree.pop("security", {})),
        redis_tls=RedisTls(**tree.pop("redis_tls", {})),
        log=LogSettings(**tree.pop("log", {})),
        metrics=MetricsSettings(**tree.pop("metrics", {})),
        dashboard=DashboardSettings(**tree.pop("dashboard", {})),
        shop=SHOPPERS.settings(**shop, limits=limits),
        engine=EngineSettings(**tree.pop("engine", {})),
        outputs=outputs,
        **tree,
    )
    group = settings.group or settings.namespace
    return msgspec.structs.replace(settings, group=group, act_group=settings.act_group or f"{group}-act")


def _complaints(settings: Settings) -> Iterator[str]:
    """What does not fit together."""
    if complaint := settings.security.complaint() or settings.redis_tls.complaint(settings.redis_url):
        yield complaint
    try:
        Converter(settings.shop)
    except ValueError as error:
        yield f"KAIROS_CURRENCY, KAIROS_RATES: {error}"
    shop: Any = settings.shop  # with the settings of every feature
    if shop.table_every and shop.table_lag >= shop.table_every:
        yield "KAIROS_TABLE_LAG: must be shorter than KAIROS_TABLE_EVERY"
    if shop.cart_steps[-1] >= shop.recovery_window:
        yield "KAIROS_CART_STEPS: the last must be shorter than KAIROS_RECOVERY_WINDOW"
    inputs = {topic.topic for topic in settings.inputs}
    for role, topic in settings.outputs.items():
        if topic in inputs:
            yield f"{SHOPPERS.outputs[role].variable}={topic}: is an input topic as well"
    if len(set(settings.outputs.values())) < len(settings.outputs):
        yield "KAIROS_TOPIC_*: each output needs a topic of its own"


def required(value: object, name: str, why: str) -> None:
    """SettingsError unless the variable is set; `why` says what it is needed for."""
    if not value:
        raise SettingsError(f"{name}: not set; {why}")
