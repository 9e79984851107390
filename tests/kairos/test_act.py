"""`kairos act`: what it says before it sends anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Run

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FILE = f"""
[endpoints.crm]
url = "https://crm.example:8443/hooks/token-in-the-path?key=in-the-query"
topics = ["cart-abandonments"]
kinds = ["triggered", "cancelled"]
secret = ["{SECRET}", "env:FORMER"]
headers = {{ authorization = "Bearer of-the-header" }}
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "endpoints.toml").write_text(FILE)
    return str(tmp_path / "endpoints.toml")


def test_a_check_says_what_goes_where_and_no_secret(run: Run, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMER", SECRET)
    done = run("act", "--endpoints", file, "--check")
    assert done.exit_code == 0, done.output
    for told in ("crm", "https://crm.example:8443\n", "triggered, cancelled", "by 2 secrets", "1 endpoint, all good"):
        assert told in done.output
    for secret in ("MfKQ9r8", "token-in-the-path", "in-the-query", "of-the-header"):
        assert secret not in done.output


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('topics = ["cart', 'topics = ["carts'), "topics"),
        (("https://", "http://"), "https"),
        (("env:FORMER", "env:NOT_SET"), "NOT_SET"),
        (("[endpoints.crm]", "[endpoints.crm"), "no TOML"),
    ],
)
def test_a_file_that_is_no_good_stops_the_start(
    run: Run, file: str, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], says: str
) -> None:
    monkeypatch.setenv("FORMER", SECRET)
    Path(file).write_text(FILE.replace(*change))
    done = run("act", KAIROS_ENDPOINTS=file)
    assert done.exit_code == 2
    assert says in done.output
    assert "MfKQ9r8" not in done.output


def test_what_is_missing_is_named(run: Run, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMER", SECRET)
    assert "KAIROS_ENDPOINTS: not set" in run("act").output
    assert "KAIROS_ENDPOINTS=nowhere.toml" in run("act", KAIROS_ENDPOINTS="nowhere.toml").output
    assert "KAFKA_URL: not set" in run("act", KAIROS_ENDPOINTS=file).output
    assert "REDIS_URL: not set" in run("act", KAIROS_ENDPOINTS=file, KAFKA_URL="127.0.0.1:1").output
    assert "no endpoint ads" in run("act", "--endpoints", file, "off", "ads").output
