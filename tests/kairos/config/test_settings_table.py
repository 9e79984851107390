"""`kairos settings` tells every setting, where it comes from, and no secret; docs/settings.md is what it would say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kairos.config.settings_table import GROUPS, page
from kairos.config.values import masked
from kairos.config.variables import VARIABLES
from tests.conftest import Run

ROOT = Path(__file__).resolve().parents[3]
SECRETS = {
    "REDIS_URL": "rediss://me:hunter2@host:6380/0?ssl_password=hunter2",
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_USERNAME": "me",
    "KAFKA_SASL_PASSWORD": "hunter2",
    "KAFKA_SSL_PASSWORD": "hunter2",
}


def test_the_page_is_current() -> None:
    assert (ROOT / "docs/settings.md").read_text("utf-8") == page(), (
        "python -m kairos.config.settings_table > docs/settings.md"
    )


def test_every_setting_is_on_the_page_once() -> None:
    written = page()
    assert [written.count(f"| `{name}` |") for name in VARIABLES] == [1] * len(VARIABLES)
    assert {variable.key.partition(".")[0] for variable in VARIABLES.values()} == set(GROUPS)


def test_every_value_with_its_source(run: Run, tmp_path: Path) -> None:
    (tmp_path / "k.toml").write_text("[shop]\nhalf_life = '30d'\nreminder_valid = '1h'\n")
    result = run("--config", "k.toml", "settings", "--json", KAIROS_REMINDER_VALID="90s")
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    assert list(rows) == list(VARIABLES)
    told = {name: (rows[name]["value"], rows[name]["source"]) for name in VARIABLES}
    assert told["KAIROS_HALF_LIFE"] == ("30d", "k.toml:2")
    assert told["KAIROS_REMINDER_VALID"] == ("90s", "env")
    assert told["KAIROS_GROUP"] == ("kairos", "default")
    assert told["KAIROS_VISITOR_TTL"] == ("30d", "default")
    assert told["REDIS_URL"] == ("", "default")
    assert rows["KAIROS_HALF_LIFE"]["key"] == "shop.half_life"


def test_for_people(run: Run) -> None:
    lines = [line.split() for line in run("settings", KAIROS_CLOCK="event").stdout.splitlines()]
    assert ["KAIROS_CLOCK", "event", "env"] in lines
    assert ["KAFKA_URL", "-", "default"] in lines


@pytest.mark.parametrize("arguments", [["settings"], ["settings", "--json"]])
def test_no_secret_is_shown(run: Run, arguments: list[str]) -> None:
    shown = run(*arguments, **SECRETS).stdout
    assert "hunter2" not in shown
    assert "rediss://me:***@host:6380/0?ssl_password=***" in shown
    assert shown.count("***") == 4


@pytest.mark.parametrize(
    "url", ["redis://u:p@ss/w:rd@h:1/0", "redis://:p@h", "redis://:p", "redis://h/0?password=p&db=1"]
)
def test_passwords_in_urls_are_hidden_however_odd(url: str) -> None:
    hidden = masked(url)
    assert "***" in hidden
    assert not {"p", "p@ss", "w:rd"} & set(hidden.replace("=", ":").replace("&", ":").replace("@", ":").split(":"))
