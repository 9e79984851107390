"""Every variable Kairos reads, where its value goes, how it is written and what it means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, get_args

import msgspec

from kairos.config import parsing as p
from models.features import SHOPPERS, ShopSettings
from models.kernel.settings import Limits, Setting


class Variable(NamedTuple):
    """One setting. `name` is its environment variable, `target` its path in `kairos.config.settings.Settings`."""

    name: str
    target: str
    parse: Callable[[str], Any]
    doc: str
    secret: bool = False

    @property
    def key(self) -> str:
        """Its name in the settings file: group, dot, name.

        >>> VARIABLES["KAFKA_URL"].key, VARIABLES["KAIROS_HALF_LIFE"].key, VARIABLES["KAIROS_TOPICS_CART"].key
        ('kafka.url', 'shop.half_life', 'topics.cart')
        """
        owner, _, rest = self.name.lower().partition("_")
        first, _, second = rest.partition("_")
        if owner != "kairos":
            return f"{owner}.{rest}"
        if first in OWN_GROUPS and second:
            return f"{OWN_GROUPS[first]}.{second}"
        if self.target.startswith("shop."):
            return f"{'limits' if self.target.startswith('shop.limits.') else 'shop'}.{rest}"
        return f"engine.{rest}"


OWN_GROUPS = {"topic": "topics", "topics": "topics", "log": "log", "metrics": "metrics", "dashboard": "dashboard"}
"""First words of names after ``KAIROS_`` that are a group of their own in the settings file."""


def declared(struct: Any, owner: str) -> Iterator[Variable]:
    """The settings that the fields of a struct declare, with `models.kernel.settings.Setting`."""
    for field in msgspec.structs.fields(struct):
        kind, *metadata = get_args(field.type) or (field.type,)
        for setting in metadata:
            if isinstance(setting, Setting):
                parse = p.choice(*get_args(kind)) if setting.written == "choice" else getattr(p, setting.written)
                yield Variable(f"KAIROS_{field.name.upper()}", f"{owner}.{field.name}", parse, setting.about)


def _engine(field: str, parse: Callable[[str], Any], doc: str) -> Variable:
    return Variable(f"KAIROS_{field.upper()}", f"engine.{field}", parse, doc)


CONNECTIONS = (
    Variable("KAFKA_URL", "brokers", p.brokers, "Kafka brokers, host:port, several separated by commas"),
    Variable(
        "REDIS_URL",
        "redis_url",
        p.redis_url,
        "Redis or Valkey, redis://user:password@host:port/database; rediss:// for TLS",
        secret=True,
    ),
    Variable(
        "REDIS_SSL_CAFILE", "redis_tls.ca_file", p.text, "file of the certificate authority, PEM; else the system's"
    ),
    Variable("REDIS_SSL_CERTFILE", "redis_tls.cert_file", p.text, "file of the client's certificate, PEM"),
    Variable("REDIS_SSL_KEYFILE", "redis_tls.key_file", p.text, "file of the client's key, PEM"),
    Variable(
        "KAFKA_SECURITY_PROTOCOL",
        "security.protocol",
        p.choice("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"),
        "how brokers are reached",
    ),
    Variable(
        "KAFKA_SASL_MECHANISM",
        "security.mechanism",
        p.choice("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"),
        "how the password is proven",
    ),
    Variable("KAFKA_SASL_USERNAME", "security.username", p.text, "user name for SASL"),
    Variable("KAFKA_SASL_PASSWORD", "security.password", p.text, "password for SASL", secret=True),
    Variable("KAFKA_SSL_CAFILE", "security.ca_file", p.text, "file of the certificate authority, PEM"),
    Variable("KAFKA_SSL_CERTFILE", "security.cert_file", p.text, "file of the client's certificate, PEM"),
    Variable("KAFKA_SSL_KEYFILE", "security.key_file", p.text, "file of the client's key, PEM"),
    Variable("KAFKA_SSL_PASSWORD", "security.key_password", p.text, "password of the client's key", secret=True),
)

ENGINE = (
    Variable("KAIROS_NAMESPACE", "namespace", p.name, "first part of every Redis key"),
    Variable("KAIROS_GROUP", "group", p.name, "Kafka consumer group (default: the namespace)"),
    Variable("KAIROS_ENDPOINTS", "endpoints", p.text, "file that says who gets messages, for `kairos act`"),
    Variable("KAIROS_ACT_GROUP", "act_group", p.name, "its consumer group (default: KAIROS_GROUP and -act)"),
    Variable("KAIROS_TOPICS_CLICKSTREAM", "clickstream", p.names, "topics of page and product events"),
    Variable("KAIROS_TOPICS_CART", "cart", p.names, "topics of cart events"),
    Variable("KAIROS_TOPICS_ORDERS", "orders", p.names, "topics of order events"),
    *(Variable(topic.variable, f"outputs.{role}", p.name, topic.about) for role, topic in SHOPPERS.outputs.items()),
    Variable("KAIROS_CLOCK", "clock", p.choice("wall", "event"), "wall: live; event: history, tests (needs ticks)"),
    Variable("KAIROS_ON_GAP", "on_gap", p.choice("stop", "skip"), "what to do where the log lost records"),
    Variable(
        "KAIROS_EVICTION",
        "eviction",
        p.choice("refuse", "allow"),
        "whether workers start on a Redis that evicts",
    ),
    Variable("KAIROS_WEB_PORT", "web_port", p.port, "Faust's own page on loopback, for health checks; 0: none"),
    Variable("KAIROS_FAULTS", "faults", p.faults, "tests only: POINT:COUNT:kill|stop, comma separated"),
    _engine("batch_records", p.positive, "records a batch may hold"),
    _engine("batch_bytes", p.positive, "bytes a batch may hold"),
    _engine("batch_outputs", p.positive, "outputs a batch may hold"),
    _engine("buffer_records", p.positive, "records buffered per input and shard"),
    _engine("cache_profiles", p.whole, "packed profiles kept in memory per shard"),
    _engine("max_idle", p.duration, "clock=wall: how long a silent input is waited for"),
    _engine("grace", p.duration, "clock=wall: how far an idle shard's time stays behind the clock"),
    _engine("gather", p.duration, "clock=wall: how long records are gathered that come one by one"),
)

MONITORING = (
    Variable("KAIROS_LOG_FORMAT", "log.format", p.choice("text", "json"), "a worker's log: lines, or JSON objects"),
    Variable("KAIROS_LOG_LEVEL", "log.level", p.choice("debug", "info", "warning"), "how much a worker tells"),
    Variable("KAIROS_LOG_IDS", "log.ids", p.choice("hashed", "plain"), "shoppers' ids in logs"),
    Variable("KAIROS_METRICS_PORT", "metrics.port", p.port, "/metrics, /health and /ready of a worker; 0: none"),
    Variable("KAIROS_METRICS_BIND", "metrics.bind", p.address, "address they listen on; 0.0.0.0: all"),
    Variable(
        "KAIROS_METRICS_STUCK_AFTER", "metrics.stuck_after", p.period, "silence after which a worker is not ready"
    ),
)

DASHBOARD = (
    Variable("KAIROS_DASHBOARD_PORT", "dashboard.port", p.port, "port of the live page and the read API; 0: any free"),
    Variable(
        "KAIROS_DASHBOARD_BIND",
        "dashboard.bind",
        p.address,
        "address it listens on; another than this machine's own needs the token",
    ),
    Variable(
        "KAIROS_DASHBOARD_TOKEN",
        "dashboard.token",
        p.token,
        "who knows it may look; 16 characters or more",
        secret=True,
    ),
    Variable(
        "KAIROS_DASHBOARD_HOSTS",
        "dashboard.hosts",
        p.hosts,
        "names under which it is called, beside localhost and IP addresses",
    ),
    Variable("KAIROS_DASHBOARD_CORS", "dashboard.cors", p.origins, "origins whose scripts may read the API"),
    Variable(
        "KAIROS_DASHBOARD_PROXIED",
        "dashboard.proxied",
        p.flag,
        "whether a proxy before it ends TLS and sets X-Forwarded-Proto",
    ),
    Variable("KAIROS_DASHBOARD_NAME", "dashboard.name", p.text, "the shop's name, in the page's title"),
)

SHOP = (*declared(ShopSettings, "shop"), *declared(Limits, "shop.limits"))
"""What the models declare: those that features share, each feature's own, and the limits of messages."""

VARIABLES = {variable.name: variable for variable in (*CONNECTIONS, *ENGINE, *MONITORING, *DASHBOARD, *SHOP)}
