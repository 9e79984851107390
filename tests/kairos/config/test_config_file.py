"""The settings file says the same as the environment, gives way to it, and fails loudly, naming its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kairos.config.settings import load
from kairos.config.settings_table import DEFAULTS, value
from kairos.config.values import text
from kairos.config.variables import VARIABLES
from kairos.errors import SettingsError
from tests.conftest import Run

Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Make a file, and answer its name."""

    def file(toml: str) -> str:
        path = tmp_path / "kairos.toml"
        path.write_text(toml, "utf-8")
        return str(path)

    return file


WRITTEN = """\
limits.max_quantity = 99 # dotted, before any table

[kafka]
url = ["a:9092", "b:9092"]

[topics]
clickstream = "web, app"
user_tags = "tags"

[shop] # a comment
currency = "EUR"
reminder_valid = "45m"
fading = 0.25
bot_rate = 1_000
anonymous_carts = true
rates = ["USD=0.92", "CNY=0.13@2026-01-01"]
"""
SAME = {
    "KAIROS_CURRENCY": "EUR",
    "KAFKA_URL": "a:9092,b:9092",
    "KAIROS_TOPICS_CLICKSTREAM": "web, app",
    "KAIROS_TOPIC_USER_TAGS": "tags",
    "KAIROS_REMINDER_VALID": "45m",
    "KAIROS_FADING": "0.25",
    "KAIROS_BOT_RATE": "1000",
    "KAIROS_ANONYMOUS_CARTS": "on",
    "KAIROS_RATES": "USD=0.92, CNY=0.13@2026-01-01",
    "KAIROS_MAX_QUANTITY": "99",
}


def test_it_says_what_the_environment_would(write: Write) -> None:
    assert load({}, write(WRITTEN)) == load(SAME) != load({})
    assert load({"KAIROS_CONFIG": write(WRITTEN)}) == load(SAME)


def test_the_environment_wins(write: Write) -> None:
    settings = load({"KAIROS_REMINDER_VALID": "1h", "KAIROS_CURRENCY": ""}, write(WRITTEN))
    assert (settings.shop.reminder_valid, settings.shop.currency) == (3_600_000, "EUR")


def test_every_setting_has_a_key_of_its_own_and_its_default_can_be_written(write: Write) -> None:
    assert len({variable.key for variable in VARIABLES.values()}) == len(VARIABLES)
    defaults = {v.key: text(v, value(DEFAULTS, v)) for v in VARIABLES.values()}
    lines = [f"{key} = {json.dumps(default)}" for key, default in defaults.items() if default]
    assert len(lines) > 40
    assert load({}, write("\n".join(lines))) == DEFAULTS


@pytest.mark.parametrize(
    ("toml", "complaint"),
    [
        ("[shop]\n\nhalf_live = '3d'", r"kairos\.toml:3: shop\.half_live: no such setting; did you mean shop\.half_l"),
        ("[engine]\nhalf_life = '3d'", r":2: engine\.half_life: no such setting; did you mean shop\.half_life\?"),
        ("[shpo]\nhalf_life = '3d'", r":2: shpo\.half_life: no such setting; did you mean shop\.half_life\?"),
        ("port = 3", r":1: port: no such setting; did you mean metrics\.port\?"),
        ("[a.b]\nzzz = 3", r":2: a\.b\.zzz: no such setting; `kairos settings` lists all"),
        ("shop = {half_live = '3d'}", r"kairos\.toml: shop\.half_live: no such setting; did you"),
        ("[shop]\nhalf_life = 30", r":2: shop\.half_life=30: expected a number and its unit"),
        ("[shop]\nhalf_life = ''", r":2: shop\.half_life=: expected a number and its unit"),
        ("[shop]\ncurrency = 2026-01-01", r":2: shop\.currency: expected text in quotes"),
        ("[topics]\ncart = [['a']]", r":2: topics\.cart: expected text in quotes"),
        ("[shop]\nhalf_life = 30d", r"kairos\.toml: no TOML: .*line 2"),
        ("\ud800", None),
    ],
)
def test_what_is_no_good_names_its_line(write: Write, toml: str, complaint: str | None) -> None:
    if complaint is None:
        path = write("")
        Path(path).write_bytes(b"[shop]\n\xff")
        complaint = "no TOML"
    else:
        path = write(toml)
    with pytest.raises(SettingsError, match=complaint):
        load({}, path)


def test_a_secret_is_not_repeated(write: Write) -> None:
    with pytest.raises(SettingsError, match=r":2: redis\.url: expected redis://") as raised:
        load({}, write("[redis]\nurl = 'rredis://:hunter2@host'"))
    assert "hunter2" not in str(raised.value)


def test_a_file_that_is_not_there_is_told(run: Run) -> None:
    for result in (run("--config", "no.toml", "settings"), run("settings", KAIROS_CONFIG="no.toml")):
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == "kairos: KAIROS_CONFIG, --config: no.toml: No such file or directory\n"


def test_the_option_wins_over_the_variable_and_holds_for_one_run(run: Run, write: Write) -> None:
    file = write("[engine]\nnamespace = 'from-file'")
    assert "from-file" in run("--config", file, "settings", KAIROS_CONFIG="no.toml").stdout
    assert "from-file" not in run("settings").stdout
