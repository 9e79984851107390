"""Prometheus metrics of a process that sends: what it did, by endpoint, and how each endpoint is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from kairos.monitoring.metrics import SECONDS
from sinks.deliveries import FATES, WORST, EndpointReport
from sinks.webhooks.policy import Answer

DELAYS = (*SECONDS, 60.0, 300.0, 1_800.0, 7_200.0, 43_200.0)
STATES: Mapping[str, str] = {
    "waiting": "Messages not tried yet",
    "retrying": "Messages tried, and to be tried again",
    "behind": "Messages of its topics that an endpoint has not read yet",
}
"""Gauges, by the field of an endpoint's report."""


class ActMetrics(Collector):
    """Counters and histograms, in a registry of their own; what is a state is asked for.

    Parameters
    ----------
    reports
        How the endpoints are now.
    """

    def __init__(self, reports: Callable[[], Iterable[EndpointReport]]) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        self._reports = reports
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._attempts = Counter(
            "kairos_endpoint_attempts", "Attempts, by answer", ["endpoint", "answer"], registry=self.registry
        )
        self._messages = Counter(
            "kairos_endpoint_messages", "Messages, by what became of them", ["endpoint", "fate"], registry=self.registry
        )
        self._lost = Counter(
            "kairos_endpoint_lost",
            "Messages that Kafka deleted before they were read",
            ["endpoint"],
            registry=self.registry,
        )
        self._took = Histogram(
            "kairos_endpoint_attempt_seconds",
            "What an attempt takes",
            ["endpoint"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._delay = Histogram(
            "kairos_endpoint_delay_seconds",
            "From reading a message to its being taken",
            ["endpoint"],
            buckets=DELAYS,
            registry=self.registry,
        )
        self.registry.register(self)

    def attempted(self, endpoint: str, answer: Answer, delay: int) -> None:
        """An attempt ended, `delay` ms after its message was read."""
        self._attempts.labels(endpoint, f"{answer.status // 100}xx" if answer.status else "none").inc()
        self._took.labels(endpoint).observe(answer.took / 1000)
        if 200 <= answer.status < 300:
            self._delay.labels(endpoint).observe(delay / 1000)

    def ended(self, endpoint: str, counts: Mapping[str, int]) -> None:
        """What a commit says of it."""
        for fate in (*FATES, "skipped"):
            if n := counts.get(fate, 0):
                self._messages.labels(endpoint, fate).inc(n)

    def lost(self, endpoint: str, messages: int) -> None:
        """So many were deleted before they were read."""
        self._lost.labels(endpoint).inc(messages)

    def collect(self) -> Iterator[Metric]:
        """How each endpoint is, now."""
        reports = list(self._reports())
        for field, about in STATES.items():
            gauge = GaugeMetricFamily(f"kairos_endpoint_{field}", about, labels=["endpoint"])
            for report in reports:
                gauge.add_metric([report.name], getattr(report, field))
            yield gauge
        state = GaugeMetricFamily("kairos_endpoint_state", "1 for the state it is in", labels=["endpoint", "state"])
        for report in reports:
            for name in WORST:
                state.add_metric([report.name, name], float(report.state == name))
        yield state
