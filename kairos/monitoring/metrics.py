"""Prometheus metrics of a worker. Counters rise by what this process did, batch by batch; what is a state is read when
it is asked for. No label holds a shopper's id: the number of series does not depend on the shop's size.
"""

from __future__ import annotations

from collections.abc import Mapping

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, ProcessCollector

from models.acting.experiments import CONVERSIONS, TRIALS
from models.features import SHOPPERS
from streams.observer import Observer

STAGES = ("plan", "load", "fold", "apply", "publish")
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
OUTCOMES = {"applied": "applied", "duplicates": "duplicate", "dead_letters": "dead_letter"}
COUNTED = {
    **{name: about for name, about in SHOPPERS.counters.items() if "<" not in name},
    "ticks": "Ticks taken",
    "late": "Events older than what their shard had reached",
    "too_old": "Events too old to count in windows",
    "forwarded": "Records sent on to their shopper's partition: let producers use the shopper's id as the key",
    "forward_taken": "Forwarded records that came to where they belong",
    "forward_repeats": "Copies of forwarded records that were dropped",
    "clamped": "Events dated after their arrival, taken as of then",
    "unknown_events": "Events of names that Kairos does not know",
    "strings_cut": "Strings that were cut",
    "bot_skipped": "Events not folded because their shopper is a bot",
    "history_skipped": "Carts left and buyers overdue before the first start, of whom nothing is said",
    "dues_refused": "Times a rule set a due in the past, which is a bug: please report it",
    "merge_forced": "Times an input was taken as empty unproven (clock=wall)",
    "dedupe_overflow": "Times a message id left a ring that might still be needed",
    "shoppers_expired": "Profiles forgotten after a long silence",
}
"""Counters of ``:stats`` that go out under their own name: ``kairos_late_total``."""
ARMS = {
    TRIALS: "Trials begun: shoppers of a group who came to where a message is due",
    CONVERSIONS: "Trials in which the shopper ordered",
}
"""Counters by programme, share of the holdout and group."""


class Metrics(Observer):
    """Counters and histograms, in a registry of their own."""

    def __init__(self) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._events = self._counter("events", "Events folded, by outcome", "outcome")
        self._dead_letters = self._counter("dead_letters", "Dead letters, by code", "code")
        self._coerced = self._counter("coerced", "Fields read though of another type", "field", "how")
        self._ignored = self._counter("ignored", "Fields ignored because they are wrong", "field", "why")
        self._outputs = self._counter(
            "outputs", "Messages committed, by the role of their topic and kind", "topic", "kind"
        )
        self._published = self._counter("published", "Messages acknowledged by Kafka, repeats too")
        self._fenced = self._counter("fenced", "Commits refused because another worker owns the shard")
        self._batches = self._counter("batches", "Batches committed")
        self._trials = {
            prefix: self._counter(prefix, about, "programme", "permille", "arm") for prefix, about in ARMS.items()
        }
        self._counted = {name: self._counter(name, about) for name, about in COUNTED.items()}
        stages = Histogram(
            "kairos_stage_seconds",
            "What the stages of a batch take",
            ["stage"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._stages = {stage: stages.labels(stage) for stage in STAGES}
        self._series = {name: self._found(name) for name in OUTCOMES}  # these are there from the start, as 0

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"kairos_{name}", about, labels, registry=self.registry)

    def committed(self, partition: int, seconds: Mapping[str, float], counts: Mapping[str, int]) -> None:
        """A batch is committed."""
        self._batches.inc()
        for stage, took in seconds.items():
            self._stages[stage].observe(took)
        series = self._series
        for name, n in counts.items():
            if n > 0:
                if name not in series:
                    series[name] = self._found(name)
                if counter := series[name]:
                    counter.inc(n)

    def _found(self, name: str) -> Counter | None:
        """The series of a counter of ``:stats``; None for what is not exported."""
        if outcome := OUTCOMES.get(name):
            return self._events.labels(outcome)
        if name.startswith("dead:"):
            return self._dead_letters.labels(name[5:])
        if name.startswith(("coerced:", "ignored:")):
            group, field, what = name.split(":")
            return (self._coerced if group == "coerced" else self._ignored).labels(field, what)
        if name.startswith("out:"):
            topic, _, kind = name[4:].rpartition(":")
            return self._outputs.labels(topic, kind)
        prefix, _, rest = name.partition(":")
        if prefix in self._trials:
            return self._trials[prefix].labels(*rest.split(":"))
        return self._counted.get(name)

    def published(self, partition: int, seconds: float, messages: int) -> None:
        """An outbox is acknowledged."""
        self._stages["publish"].observe(seconds)
        self._published.inc(messages)

    def fenced(self, partition: int) -> None:
        """A commit was refused."""
        self._fenced.inc()
