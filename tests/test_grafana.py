"""ops/grafana: its data sources are services of Compose, its panels ask for metrics and answers that exist."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.containers import ROOT, SERVICES, environment
from tests.test_prometheus import exposed

GRAFANA = ROOT / "ops/grafana"
SOURCES = {
    source["uid"]: source
    for source in yaml.safe_load((GRAFANA / "provisioning/datasources/kairos.yml").read_text())["datasources"]
}
BOARD = json.loads((GRAFANA / "dashboards/kairos.json").read_text())
PANELS = BOARD["panels"]
OPENAPI = json.loads((ROOT / "docs/contract/openapi.json").read_text())


def test_it_reads_the_files_that_it_is_given() -> None:
    mounts = dict(volume.split(":")[:2] for volume in SERVICES["grafana"]["volumes"])
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/kairos.yml").read_text())["providers"]
    assert provider["options"]["path"] == mounts["./ops/grafana/dashboards"]
    assert mounts["./ops/grafana/provisioning"] == "/etc/grafana/provisioning"


def test_its_sources_are_services_of_compose() -> None:
    for source in (SOURCES["prometheus"]["url"], *SOURCES["kairos"]["jsonData"]["allowedHosts"]):
        address = urlsplit(source)
        assert address.hostname in SERVICES
        assert any(port.endswith(f":{address.port}") for port in SERVICES[address.hostname]["ports"])
    assert SOURCES["kairos"]["secureJsonData"] == {"bearerToken": "$KAIROS_DASHBOARD_TOKEN"}
    token = SERVICES["grafana"]["environment"]["KAIROS_DASHBOARD_TOKEN"]
    assert token == environment("dashboard")["KAIROS_DASHBOARD_TOKEN"]
    assert "dashboard" in environment("dashboard")["KAIROS_DASHBOARD_HOSTS"].split(",")


def asked(kind: str) -> list[Any]:
    found = [
        pytest.param(target, id=panel["title"])
        for panel in PANELS
        for target in panel["targets"]
        if target["datasource"]["uid"] == kind
    ]
    assert len(found) >= 8
    return found


@pytest.mark.parametrize("target", asked("prometheus"))
def test_panels_ask_for_metrics_that_exist(target: dict[str, Any]) -> None:
    names = set(re.findall(r"kairos_\w+", target["expr"]))
    assert names
    assert {name.removesuffix("_bucket") for name in names} <= exposed() | {"kairos_stage_seconds"}


@pytest.mark.parametrize("target", asked("kairos"))
def test_panels_ask_for_answers_that_exist(target: dict[str, Any]) -> None:
    path = urlsplit(target["url"]).path
    answer = OPENAPI["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    root = within(answer, *filter(None, target["root_selector"].split(".")))
    for column in target["columns"]:
        assert within(root, *column["selector"].split("."))


def within(schema: dict[str, Any], *path: str) -> dict[str, Any]:
    """The schema of a field, through references, lists and what may be null."""
    while "$ref" in schema or "items" in schema or "anyOf" in schema:
        if "$ref" in schema:
            schema = OPENAPI["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema:
            schema = next(each for each in schema["anyOf"] if each.get("type") != "null")
        else:
            schema = schema["items"]
    return within(schema["properties"][path[0]], *path[1:]) if path else schema


def test_panels_do_not_lie_upon_each_other() -> None:
    taken = [
        (x, y)
        for panel in PANELS
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
