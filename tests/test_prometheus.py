"""ops/prometheus: Prometheus finds every worker, where it answers, and asks for metrics that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from kairos.act.metrics import ActMetrics
from kairos.monitoring.gauges import Gauges
from kairos.monitoring.metrics import Metrics
from streams.outages import Outages
from tests.containers import PROMETHEUS, ROOT, SERVICES, environment

CONFIG = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
ALERTS = [
    rule for group in yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]


@pytest.mark.parametrize(
    "words",
    [
        ["check", "config", str(PROMETHEUS / "prometheus.yml")],
        ["test", "rules", str(ROOT / "tests/prometheus_alerts.yml")],
    ],
    ids=["config", "alerts"],
)
def test_promtool_accepts_it(words: list[str]) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed")
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", ["worker", "act"])
def test_every_container_is_found(command: str) -> None:
    (job,) = [job for job in CONFIG["scrape_configs"] if job["job_name"] == command]
    (found,) = job["dns_sd_configs"]
    (name,) = found["names"]
    assert command in SERVICES[name]["command"]
    assert found["type"] == "A"  # Docker answers with one for each container
    assert str(found["port"]) == environment(name)["KAIROS_METRICS_PORT"]
    assert environment(name)["KAIROS_METRICS_BIND"] == "0.0.0.0"
    assert job.get("metrics_path", "/metrics") == "/metrics"


def test_it_reads_the_files_that_it_is_given() -> None:
    mounts = dict(volume.split(":")[:2] for volume in SERVICES["prometheus"]["volumes"])
    inside = mounts[f"./{PROMETHEUS.relative_to(ROOT)}"]
    assert f"--config.file={inside}/prometheus.yml" in SERVICES["prometheus"]["command"]
    for file in CONFIG["rule_files"]:
        assert (PROMETHEUS / file).is_file()


def exposed() -> set[str]:
    """Names of the samples that a worker shows."""
    nothing: Any = SimpleNamespace(runners=[], outages=Outages())
    gauges = {family.name for family in Gauges(nothing, nothing).collect()}
    counters = {f"{family.name}_total" for family in Metrics().registry.collect() if family.type == "counter"}
    sender = ActMetrics(list)
    gauges |= {family.name for family in sender.collect()}
    counters |= {f"{family.name}_total" for family in sender.registry.collect() if family.type == "counter"}
    return gauges | counters


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_alerts_are_about_metrics_that_exist(alert: dict[str, Any]) -> None:
    asked = set(re.findall(r"kairos_\w+", alert["expr"]))
    assert asked <= exposed()
    assert asked or re.search(r'up{job="(worker|act)"}', alert["expr"])
    assert alert["annotations"]["summary"]


def test_every_alert_is_seen_to_come() -> None:
    tried = (ROOT / "tests/prometheus_alerts.yml").read_text()
    assert {alert["alert"] for alert in ALERTS} <= set(re.findall(r"\w+", tried))
