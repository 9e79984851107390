"""The topics: making them, and looking at them, with kafka-python's admin client.

What exists is left as it is. Adding partitions to a topic would lead keys elsewhere and tear shoppers apart, so that is
never done: replay into new topics and another namespace instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec
from kafka.admin import ConfigResource, KafkaAdminClient
from kafka.errors import KafkaError
from msgspec import Struct
from rich.console import Console

from kairos.config.settings import Settings
from kairos.errors import TopicError, no_kafka
from kairos.kafka.consume import consumer
from kairos.terminal.lines import say, say_json
from models.kernel.events import ROLES
from models.kernel.outputs import DEAD_LETTERS
from models.kernel.settings import DAY
from streams.errors import NotCopartitioned
from streams.transport.positions import copartitioned

CONFIGS = ("cleanup.policy", "retention.ms", "message.timestamp.type")


class TopicPlan(Struct, frozen=True):
    """How topics are made. Retention in ms, by the time Kafka received a record; `replication` -1: as the broker says.

    With `compact`, outputs (but dead letters) keep the newest message of each shopper for ever, and all of them for
    `output_retention`.
    """

    partitions: int = 8
    replication: int = -1
    retention: int = 7 * DAY
    output_retention: int = 30 * DAY
    compact: bool = False


class Topic(Struct, frozen=True):
    """A topic as it is; `partitions` 0 if it does not exist."""

    name: str
    role: str
    partitions: int
    replicas: int = 0
    configs: dict[str, str] = {}


def roles(settings: Settings) -> dict[str, str]:
    """Our topics and what each is for: inputs first."""
    inputs: dict[str, list[str]] = {}
    for role, topics in zip(ROLES, settings.roles, strict=True):
        for topic in topics:
            inputs.setdefault(topic, []).append(role)
    named = {topic: f"input: {', '.join(found)}" for topic, found in inputs.items()}
    return named | {topic: f"output: {role}" for role, topic in settings.outputs.items()}


@contextmanager
def admin(settings: Settings) -> Iterator[Any]:
    """The admin client. TopicError if Kafka does not answer or refuses."""
    try:
        client = KafkaAdminClient(bootstrap_servers=list(settings.brokers), **settings.security.client())
        try:
            yield client
        finally:
            client.close()
    except KafkaError as error:
        raise TopicError(no_kafka(settings.brokers, error)) from None


def create(settings: Settings, plan: TopicPlan, say: Callable[[str], None]) -> None:
    """Make the topics that do not exist; `say` what was done to each.

    Raises
    ------
    TopicError
        A topic exists with another number of partitions, or Kafka refused.
    """
    with admin(settings) as client:
        existing = {topic.name: topic for topic in described(client, settings) if topic.partitions}
        for name, role in roles(settings).items():
            if name not in existing:
                _create(client, name, plan, _configs(settings, name, plan))
                say(f"{name}: created for {role}, {plan.partitions} partitions")
            else:
                say(f"{name}: exists, {existing[name].partitions} partitions")
    wrong = [
        f"{topic.name} has {topic.partitions}" for topic in existing.values() if topic.partitions != plan.partitions
    ]
    if wrong:
        raise TopicError(
            f"not {plan.partitions} partitions: {', '.join(wrong)}. All need the same number; a topic cannot change "
            "its own without tearing shoppers apart: use other topics (KAIROS_TOPICS_*) or --partitions"
        )


def _create(client: Any, name: str, plan: TopicPlan, configs: dict[str, str]) -> None:
    options = {"num_partitions": plan.partitions, "replication_factor": plan.replication, "configs": configs}
    client.create_topics({name: options}, wait_for_metadata=True)


def _configs(settings: Settings, name: str, plan: TopicPlan) -> dict[str, str]:
    if name not in settings.outputs.values():
        return {"cleanup.policy": "delete", "retention.ms": str(plan.retention)}
    if plan.compact and name != settings.outputs[DEAD_LETTERS]:
        return {"cleanup.policy": "compact", "min.compaction.lag.ms": str(plan.output_retention)}
    return {"cleanup.policy": "delete", "retention.ms": str(plan.output_retention)}


def describe(settings: Settings) -> list[Topic]:
    """Every topic of ours as it is; TopicError if Kafka does not answer."""
    with admin(settings) as client:
        return described(client, settings)


class Kept(NamedTuple):
    """What a topic surely still has: all that was sent from a time on (Kafka's timestamps, ms). `compacted`: of what is
    older something may be missing in the middle, else at the beginning only."""

    since: int
    compacted: bool


def kept(settings: Settings, topic: str, now: int) -> Kept:
    """What a topic still has `now` (ms), by its configuration. TopicError if Kafka does not answer."""
    names = ["cleanup.policy", "retention.ms", "min.compaction.lag.ms"]
    with admin(settings) as client:
        found = client.describe_configs([ConfigResource("TOPIC", topic, names)], config_filter="all")["topic"][topic]
    policy, retention, lag = (str(found[name]["value"]) for name in names)
    compacted = "compact" in policy
    spans = [int(lag)] * compacted + [int(retention)] * ("delete" in policy and int(retention) >= 0)
    return Kept(max(now - min(spans), 0) if spans else 0, compacted)


def check(settings: Settings) -> None:
    """TopicError unless a worker can start with the topics as they are. Needs no more rights than a consumer has."""
    client = consumer(settings)
    try:
        ours = roles(settings).items()
        found = [Topic(name, role, len(client.partitions_for_topic(name) or ())) for name, role in ours]
    except KafkaError as error:
        raise TopicError(no_kafka(settings.brokers, error)) from None
    finally:
        client.close()
    refuse(settings, found)


def refuse(settings: Settings, topics: list[Topic]) -> None:
    """Raise TopicError if a worker could not start with these topics: missing ones, inputs that differ in their number
    of partitions, outputs that have fewer."""
    if missing := ", ".join(topic.name for topic in topics if not topic.partitions):
        raise TopicError(f"missing: {missing}: `kairos topics create` makes what is missing")
    try:
        count = copartitioned({t.name: t.partitions for t in topics if t.name not in settings.outputs.values()})
    except NotCopartitioned as error:
        raise TopicError(str(error)) from None
    if few := ", ".join(topic.name for topic in topics if topic.partitions < count):
        raise TopicError(f"fewer partitions than the inputs: {few}; shard p writes to partition p")


def described(client: Any, settings: Settings) -> list[Topic]:
    """Every topic of ours as it is, by this admin client. Raises KafkaError."""
    ours = roles(settings)
    names = [name for name in client.list_topics() if name in ours]
    found = {entry["name"]: entry["partitions"] for entry in client.describe_topics(names)} if names else {}
    resources = [ConfigResource("TOPIC", name, list(CONFIGS)) for name in names]
    configs = client.describe_configs(resources, config_filter="all").get("topic", {}) if names else {}
    return [_topic(name, role, found.get(name, []), configs.get(name, {})) for name, role in ours.items()]


def _topic(name: str, role: str, partitions: list[Any], configs: dict[str, Any]) -> Topic:
    replicas = len(partitions[0]["replica_nodes"]) if partitions else 0
    return Topic(name, role, len(partitions), replicas, {key: str(configs[key]["value"]) for key in configs})


def show(console: Console, topics: list[Topic], *, as_json: bool = False) -> None:
    """Print topics, for people or as one JSON list."""
    if as_json:
        say_json(msgspec.json.encode(topics))
    else:
        say(console, f"{'topic':<24} {'for':<28} {'partitions':<11} {'replicas':<9} {'retention':<10} cleanup")
        for topic in topics:
            say(console, _line(topic))


def _line(topic: Topic) -> str:
    if not topic.partitions:
        return f"{topic.name:<24} {topic.role:<28} missing"
    kept = topic.configs.get("retention.ms", "?")
    retention = f"{int(kept) / DAY:g} d" if kept.isdigit() else "for ever"
    cleanup = topic.configs.get("cleanup.policy", "?")
    return f"{topic.name:<24} {topic.role:<28} {topic.partitions:<11} {topic.replicas:<9} {retention:<10} {cleanup}"
