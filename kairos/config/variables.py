"""Every variable Kairos reads, where its value goes, how it is written and what it means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from kairos.config import parsing as p


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


OWN_GROUPS = {"topic": "topics", "topics": "topics", "log": "log", "metrics": "metrics"}
"""First words of names after ``KAIROS_`` that are a group of their own in the settings file."""


def _shop(field: str, parse: Callable[[str], Any], doc: str) -> Variable:
    return Variable(f"KAIROS_{field.upper()}", f"shop.{field}", parse, doc)


def _limit(field: str, parse: Callable[[str], Any], doc: str) -> Variable:
    return Variable(f"KAIROS_{field.upper()}", f"shop.limits.{field}", parse, doc)


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
    Variable("KAIROS_TOPICS_CLICKSTREAM", "clickstream", p.names, "topics of page and product events"),
    Variable("KAIROS_TOPICS_CART", "cart", p.names, "topics of cart events"),
    Variable("KAIROS_TOPICS_ORDERS", "orders", p.names, "topics of order events"),
    Variable("KAIROS_TOPIC_USER_TAGS", "outputs.user-tags", p.name, "where tags are announced"),
    Variable("KAIROS_TOPIC_CHURN_ALERTS", "outputs.churn-alerts", p.name, "where churn alerts go"),
    Variable("KAIROS_TOPIC_CART_ABANDONMENTS", "outputs.cart-abandonments", p.name, "where cart triggers go"),
    Variable("KAIROS_TOPIC_DEAD_LETTERS", "outputs.dead-letters", p.name, "where unusable records go"),
    Variable("KAIROS_CLOCK", "clock", p.choice("wall", "event"), "wall: live; event: history, tests (needs ticks)"),
    Variable("KAIROS_ON_GAP", "on_gap", p.choice("stop", "skip"), "what to do where the log lost records"),
    Variable("KAIROS_WEB_PORT", "web_port", p.port, "Faust's own page on loopback, for health checks; 0: none"),
    Variable("KAIROS_FAULTS", "faults", p.faults, "tests only: POINT:COUNT:kill|stop, comma separated"),
    _engine("batch_records", p.positive, "records a batch may hold"),
    _engine("batch_bytes", p.positive, "bytes a batch may hold"),
    _engine("batch_outputs", p.positive, "outputs a batch may hold"),
    _engine("buffer_records", p.positive, "records buffered per input and shard"),
    _engine("cache_profiles", p.whole, "packed profiles kept in memory per shard"),
    _engine("max_idle", p.duration, "clock=wall: how long a silent input is waited for"),
    _engine("grace", p.duration, "clock=wall: how far an idle shard's time stays behind the clock"),
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

SHOP = (
    _shop("currency", p.currency, "the shop's currency, ISO 4217"),
    _shop("rates", p.rates, "other currencies: EUR=1.08, CNY=0.14@2026-01-01"),
    _shop("partitioner", p.choice("murmur2", "crc32"), "murmur2: Java, kafka-python; crc32: librdkafka"),
    _shop("half_life", p.period, "half-life of decayed frequency and money"),
    _shop("interest_half_life", p.period, "half-life of interest in a category"),
    _shop("fading", p.fraction, "weight of the newest gap in the running mean of gaps"),
    _shop("visit_gap", p.period, "silence that ends a visit"),
    _shop("overdue_factor", p.number, "an order is overdue after this many usual gaps"),
    _shop("overdue_floor", p.duration, "an order is never overdue before this"),
    _shop("overdue_occasions", p.positive, "orders on different days needed for a churn alert"),
    _shop("min_cart_value", p.whole, "a cart below this value (minor units) triggers nothing"),
    _shop("order_closes", p.choice("any", "same_cart"), "whether an order closes carts with another id"),
    _shop("cart_delay", p.period, "how long after its last change a cart counts as abandoned"),
    _shop("recovery_window", p.period, "how long after a trigger an order counts as a recovery"),
    _shop("anonymous_carts", p.flag, "whether carts of shoppers without userId trigger"),
    _shop("bot_rate", p.positive, "events a minute beyond which a shopper is a bot"),
    _shop("second_order_after", p.period, "how long after a first order the second is due"),
    _shop("second_order_until", p.period, "how long after a first order the second is no longer waited for"),
    _shop("table_every", p.days, "how often RFM cuts are computed from all buyers: 1d, 7d; 0: never"),
    _shop("table_lag", p.duration, "how long after 00:00 UTC computed cuts come into force"),
    _shop("table_buyers", p.positive, "with fewer buyers the fixed cuts stay"),
    _shop("visitor_ttl", p.period, "how long an idle visitor without an order is kept"),
    _shop("buyer_ttl", p.period, "how long an idle buyer is kept"),
    _limit("max_skew", p.duration, "how far a timestamp may be ahead of Kafka's"),
    _limit("max_quantity", p.positive, "largest quantity of a line"),
    _limit("max_id_bytes", p.positive, "longest id"),
    _limit("max_products", p.positive, "most products of an event"),
    _limit("max_message_bytes", p.positive, "longest message"),
    _limit("max_string", p.positive, "longer strings are cut"),
    _limit("max_letter_bytes", p.positive, "original bytes kept in a dead letter"),
)

VARIABLES = {variable.name: variable for variable in (*CONNECTIONS, *ENGINE, *MONITORING, *SHOP)}
