"""Every setting can be set, is documented, and fails loudly, naming its variable."""

from __future__ import annotations

import pytest
from msgspec import Struct
from msgspec.structs import fields

from kairos.config.security import RedisTls, Security
from kairos.config.settings import DashboardSettings, LogSettings, MetricsSettings, Settings, load
from kairos.config.variables import VARIABLES
from kairos.errors import SettingsError
from models.features import ShopSettings
from models.kernel.settings import DAY, MINUTE, Limits, Rate
from streams.records import Input
from streams.shard import EngineSettings

TARGETS = {variable.target for variable in VARIABLES.values()}


@pytest.mark.parametrize(
    ("struct", "prefix"),
    [
        (ShopSettings, "shop."),
        (Limits, "shop.limits."),
        (EngineSettings, "engine."),
        (Security, "security."),
        (RedisTls, "redis_tls."),
        (LogSettings, "log."),
        (MetricsSettings, "metrics."),
        (DashboardSettings, "dashboard."),
        (Settings, ""),
    ],
)
def test_every_field_has_a_variable(struct: type[Struct], prefix: str) -> None:
    nested = {"limits", "shop", "engine", "security", "redis_tls", "log", "metrics", "dashboard", "outputs"}
    assert {f"{prefix}{field.name}" for field in fields(struct) if field.name not in nested} <= TARGETS


def test_nothing_set_gives_the_defaults() -> None:
    settings = load({"KAFKA_URL": ""})
    assert settings.shop == ShopSettings()
    assert settings.engine == EngineSettings()
    assert settings.brokers == ()
    assert settings.group == settings.namespace == "kairos"
    assert settings.inputs == (
        Input("clickstream", 0, "clickstream"),
        Input("cart", 1, "cart"),
        Input("orders", 2, "orders"),
    )


def test_values_arrive() -> None:
    settings = load(
        {
            "KAFKA_URL": "kafka://a:9092;b:9093",
            "KAIROS_NAMESPACE": "shop-1",
            "KAIROS_TOPICS_CLICKSTREAM": "web, app",
            "KAIROS_TOPIC_USER_TAGS": "tags",
            "KAIROS_REMINDER_VALID": "45m",
            "KAIROS_VISITOR_TTL": "2w",
            "KAIROS_MAX_QUANTITY": "99",
            "KAIROS_BATCH_RECORDS": "17",
            "KAIROS_RATES": "EUR=1.08, EUR=1.1@1970-01-02",
            "KAIROS_ANONYMOUS_CARTS": "on",
        }
    )
    assert settings.brokers == ("a:9092", "b:9093")
    assert settings.group == "shop-1"
    assert [source.topic for source in settings.inputs] == ["web", "app", "cart", "orders"]
    assert [source.role for source in settings.inputs] == ["clickstream", "clickstream", "cart", "orders"]
    assert settings.outputs["user-tags"] == "tags"
    assert settings.outputs["churn-alerts"] == "churn-alerts"
    assert (settings.shop.reminder_valid, settings.shop.visitor_ttl) == (45 * MINUTE, 14 * DAY)
    assert settings.shop.limits.max_quantity == 99
    assert settings.engine.batch_records == 17
    assert settings.shop.rates == (Rate("EUR", "1.08"), Rate("EUR", "1.1", DAY))
    assert settings.shop.anonymous_carts


def test_one_topic_for_all_roles_is_one_input() -> None:
    settings = load({f"KAIROS_TOPICS_{role}": "events" for role in ("CLICKSTREAM", "CART", "ORDERS")})
    assert settings.inputs == (Input("events", 0, "clickstream"),)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KAFKA_URL", "localhost"),
        ("KAFKA_URL", "a:9092,"),
        ("KAFKA_URL", "a:0"),
        ("KAFKA_URL", "a:70000"),
        ("REDIS_URL", "localhost:6379"),
        ("KAFKA_SECURITY_PROTOCOL", "TLS"),
        ("KAIROS_NAMESPACE", "a:b"),
        ("KAIROS_NAMESPACE", "{a}"),
        ("KAIROS_TOPICS_CART", "a,,b"),
        ("KAIROS_TOPICS_CART", "a,a"),
        ("KAIROS_CLOCK", "event-time"),
        ("KAIROS_ON_GAP", "ignore"),
        ("KAIROS_FAULTS", "after_fold:x:kill"),
        ("KAIROS_CURRENCY", "usd"),
        ("KAIROS_RATES", "EUR=0"),
        ("KAIROS_RATES", "EUR=1.1@soon"),
        ("KAIROS_PARTITIONER", "random"),
        ("KAIROS_REMINDER_VALID", "30"),
        ("KAIROS_REMINDER_VALID", "0m"),
        ("KAIROS_REMINDER_VALID", "-5m"),
        ("KAIROS_FADING", "1.5"),
        ("KAIROS_FADING", "nan"),
        ("KAIROS_OVERDUE_FACTOR", "inf"),
        ("KAIROS_BOT_RATE", "0"),
        ("KAIROS_MIN_CART_VALUE", "9.99"),
        ("KAIROS_ANONYMOUS_CARTS", "maybe"),
        ("KAIROS_WEB_PORT", "70000"),
        ("KAIROS_METRICS_PORT", "tcp://10.0.0.1:9100"),
        ("KAIROS_METRICS_BIND", "localhost"),
        ("KAIROS_METRICS_STUCK_AFTER", "0s"),
        ("KAIROS_LOG_FORMAT", "xml"),
        ("KAIROS_LOG_LEVEL", "loud"),
        ("KAIROS_LOG_IDS", "yes"),
    ],
)
def test_a_bad_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}\b.*: .*expected "):
        load({name: value})


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({"KAFKA_SASL_USERNAME": "me"}, r"^KAFKA_SASL_USERNAME: of no use"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}, r"^KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD: needed"),
        ({"KAFKA_SSL_CAFILE": "ca.pem"}, r"^KAFKA_SSL_\*: of no use"),
        ({"REDIS_URL": "redis://h", "REDIS_SSL_CAFILE": "ca.pem"}, r"^REDIS_SSL_\*: of no use"),
        ({"REDIS_SSL_KEYFILE": "key.pem"}, r"^REDIS_SSL_KEYFILE: of no use"),
        ({"KAIROS_TOPIC_USER_TAGS": "cart"}, r"^KAIROS_TOPIC_USER_TAGS=cart: is an input"),
        ({"KAIROS_TOPIC_USER_TAGS": "churn-alerts"}, r"^KAIROS_TOPIC_\*: each output needs"),
        ({"KAIROS_RATES": "USD=1"}, r"KAIROS_RATES: .*own currency"),
    ],
)
def test_what_does_not_go_together_is_refused(environ: dict[str, str], complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        load(environ)


def test_secrets_are_not_repeated() -> None:
    with pytest.raises(SettingsError) as raised:
        load({"REDIS_URL": "rredis://:hunter2@host"})
    assert "hunter2" not in str(raised.value)
    settings = load(
        {
            "REDIS_URL": "redis://:hunter2@host",
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_USERNAME": "me",
            "KAFKA_SASL_PASSWORD": "hunter2",
        }
    )
    assert "hunter2" not in repr(settings) + repr(settings.security) + str(settings)
    assert settings.security.client()["sasl_plain_password"] == "hunter2"
    assert settings.security.client()["ssl_context"] is not None


def test_plain_text_is_the_default() -> None:
    assert Security().client() == {"security_protocol": "PLAINTEXT", "ssl_context": None}
    assert Security().faust() is None


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("KAIROS_NAMESPCE", "; did you mean KAIROS_NAMESPACE?"),
        ("KAIROS_REMINDER_VALD", "; did you mean KAIROS_REMINDER_VALID?"),
        ("KAIROS_XYZ", "; `kairos settings` lists all, unset it"),
    ],
)
def test_an_unknown_variable_is_an_error(name: str, meant: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load({name: "x"})
    assert str(raised.value) == f"{name}: no such setting{meant}"


@pytest.mark.parametrize(
    "name",
    [
        "KAIROS_SERVICE_HOST",
        "KAIROS_WORKER_SERVICE_PORT_METRICS",
        "KAIROS_PORT",
        "KAIROS_PORT_9100_TCP_ADDR",
        "KAIROS_REQUIRE_KAFKA",
        "KAIROS_REQUIRE_BROWSER",
        "KAFKA_HEAP_OPTS",
        "HOME",
    ],
)
def test_what_others_set_is_none_of_our_business(name: str) -> None:
    assert load({name: "x"}) == load({})


def test_a_port_that_kubernetes_set_is_explained() -> None:
    with pytest.raises(SettingsError, match="enableServiceLinks: false"):
        load({"KAIROS_METRICS_PORT": "tcp://10.0.0.1:9100"})


def test_a_password_in_the_wrong_place_is_not_repeated() -> None:
    with pytest.raises(SettingsError, match=r"KAFKA_URL=kafka://me:\*\*\*@a:9092: expected") as raised:
        load({"KAFKA_URL": "kafka://me:hunter2@a:9092"})
    assert "hunter2" not in str(raised.value)
