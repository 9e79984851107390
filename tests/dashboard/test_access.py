"""Who may look: this machine; elsewhere who has the token; and nothing of it is ever told."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import pytest
from yarl import URL

from dashboard import guard
from dashboard.access import LASTS, Access
from dashboard.guard import COOKIE, HEADERS
from dashboard.server import build
from dashboard.watch import Watcher
from sinks.memory_store import MemoryStore
from tests.dashboard.called import SHOP, Client, served

TOKEN = "correct-horse-battery-staple"
GUARDED = Access(token=TOKEN)
VIEWS = ("/", "/shoppers", "/carts", "/churn", "/health", "/shoppers/u1", "/tags/bot", "/no-such-page")
FOR_PROGRAMS = ("/api/v1/now", "/api/v1/feed", "/api/v1/openapi.json", "/api/v1/shoppers/u1", "/live/now", "/api/v2")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "GUESS", 0.01)


def asked(test: Any, access: Access = GUARDED) -> Any:
    return served(MemoryStore(), test, access)


@pytest.mark.parametrize("path", FOR_PROGRAMS)
@pytest.mark.parametrize(
    "given", [None, "Bearer wrong", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ", f"bearer{TOKEN}"]
)
def test_without_the_token_programs_are_refused(path: str, given: str | None) -> None:
    async def ask(client: Client) -> None:
        headers = {"Authorization": given} if given else {}
        async with client.get(path, headers=headers, allow_redirects=False) as response:
            assert (response.status, response.content_type) == (401, "application/problem+json")
            assert response.headers["WWW-Authenticate"] == "Bearer"

    asked(ask)


@pytest.mark.parametrize("path", VIEWS)
def test_without_the_token_people_are_led_to_where_they_sign_in(path: str) -> None:
    async def ask(client: Client) -> None:
        async with client.get(f"{path}?hide=money&wall=", allow_redirects=False) as response:
            to = URL(response.headers["Location"])
            assert (response.status, to.path, dict(to.query)) == (303, "/sign-in", {"next": f"{path}?hide=money&wall="})

    asked(ask)


def test_with_the_token_programs_are_answered() -> None:
    async def ask(client: Client) -> None:
        async with client.get("/api/v1/now", headers={"Authorization": f"Bearer {TOKEN}"}) as response:
            assert response.status == 200

    asked(ask)


def test_what_probes_and_the_sign_in_page_need_is_open() -> None:
    async def ask(client: Client) -> None:
        for path in ("/api/v1/ready", "/sign-in", "/static/page.css"):
            async with client.get(path, allow_redirects=False) as response:
                assert response.status == 200, path

    asked(ask)


def test_signing_in_and_out() -> None:
    async def ask(client: Client) -> None:
        form = {"token": TOKEN, "next": "/carts"}
        async with client.post("/sign-in", data=form, allow_redirects=False) as response:
            assert (response.status, response.headers["Location"]) == (303, "/carts")
            cookie = response.cookies[COOKIE]
            assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Strict", "")
            assert TOKEN not in cookie.value
        async with client.get("/api/v1/now") as response:
            assert response.status == 200
        async with client.post("/sign-out", allow_redirects=False) as response:
            assert response.status == 303
        async with client.get("/api/v1/now") as response:
            assert response.status == 401

    asked(ask)


def test_a_wrong_token_shows_the_form_again() -> None:
    async def ask(client: Client) -> None:
        async with client.post("/sign-in", data={"token": "wrong", "next": "//evil.example"}) as response:
            text = await response.text()
            assert (response.status, COOKIE in response.cookies) == (403, False)
            assert 'name="token"' in text
            assert "evil" not in text

    asked(ask)


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nX: y"]
)
def test_nobody_is_led_away(to: str) -> None:
    async def ask(client: Client) -> None:
        async with client.post("/sign-in", data={"token": TOKEN, "next": to}, allow_redirects=False) as response:
            assert response.headers["Location"] == "/"

    asked(ask)


def test_a_cookie_behind_tls_is_secure_where_the_proxy_is_believed() -> None:
    async def ask(client: Client) -> str:
        headers = {"X-Forwarded-Proto": "https"}
        async with client.post("/sign-in", data={"token": TOKEN}, headers=headers, allow_redirects=False) as response:
            return str(response.cookies[COOKIE]["secure"])

    assert asked(ask) == ""
    assert asked(ask, Access(token=TOKEN, proxied=True)) == "True"


def test_a_cookie_ends_with_the_token_and_with_time() -> None:
    now = int(time.time() * 1000)

    async def ask(client: Client) -> list[int]:
        found = []
        for access, at in ((GUARDED, now), (Access(token="another-token-of-today"), now), (GUARDED, now - LASTS)):
            async with client.get("/api/v1/now", headers={"Cookie": f"{COOKIE}={access.session(at)}"}) as response:
                found.append(response.status)
        return found

    assert asked(ask) == [200, 401, 401]


def test_guesses_wait_in_one_row_and_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "GUESS", 0.05)
    monkeypatch.setattr(guard, "GUESSING", 4)

    async def ask(client: Client) -> None:
        async def guess(token: str) -> tuple[int, float]:
            began = time.monotonic()
            async with client.get("/api/v1/now", headers={"Authorization": f"Bearer {token}"}) as response:
                return response.status, time.monotonic() - began

        found = await asyncio.gather(*(guess(f"wrong-{i}") for i in range(8)), guess(TOKEN))
        assert sorted(status for status, _ in found[:8]) == [401] * 4 + [429] * 4
        assert max(waited for status, waited in found[:8] if status == 401) >= 4 * 0.05
        assert found[8][0] == 200

    asked(ask)


# Where from


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "localhost.evil.example", "", "127.0.0.1.nip.io"]
)
def test_a_foreign_name_is_refused(host: str) -> None:
    async def ask(client: Client) -> None:
        for path in ("/", "/api/v1/now", "/sign-in"):
            async with client.get(path, headers={"Host": host}, allow_redirects=False) as response:
                assert response.status in (400, 421)

    asked(ask, Access())


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:80", "[::1]:8080", "kairos.shop.example", "10.2.3.4"])
def test_a_name_of_ours_is_not(host: str) -> None:
    async def ask(client: Client) -> None:
        async with client.get("/api/v1/now", headers={"Host": host}) as response:
            assert response.status == 200

    asked(ask, Access(hosts=("kairos.shop.example",)))


def test_no_other_site_may_read_or_send_unless_it_is_listed() -> None:
    async def ask(client: Client) -> None:
        for origin, shared in (("https://shop.example", "https://shop.example"), ("https://evil.example", None)):
            headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
            async with client.get("/api/v1/now", headers={"Origin": origin}) as response:
                assert response.headers.get("Access-Control-Allow-Origin") == shared
                assert "Access-Control-Allow-Credentials" not in response.headers
            async with client.options("/api/v1/now", headers=headers) as response:
                assert (response.status == 204) == bool(shared)
            async with client.post(
                "/api/v1/shoppers:batchGet", json={"ids": []}, headers={"Origin": origin}
            ) as response:
                assert response.status == (200 if shared else 403)
        async with client.post("/sign-out", headers={"Origin": "null"}) as response:
            assert response.status == 403

    asked(ask, Access(cors=("https://shop.example",)))


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/now", "/api/v1/feed", "/api/v1/nothing", "/sign-in", "/static/page.css"]
)
def test_every_answer_has_the_headers_that_guard_it(path: str) -> None:
    async def ask(client: Client) -> None:
        async with client.get(path, allow_redirects=False) as response:
            assert HEADERS.items() <= dict(response.headers).items()
            assert "default-src 'self'" in response.headers["Content-Security-Policy"]
            assert "aiohttp" not in response.headers["Server"]

    asked(ask, Access())


def test_another_address_needs_a_token() -> None:
    with pytest.raises(ValueError, match="no token is set"):
        build(Watcher(MemoryStore()), SHOP, Access(bind="0.0.0.0"))


def test_the_token_is_in_no_answer_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def ask(client: Client) -> None:
        told = []
        for path in (*VIEWS, *FOR_PROGRAMS[:1], *FOR_PROGRAMS[2:4]):
            headers = {"Authorization": f"Bearer {TOKEN}"}
            async with client.get(path, headers=headers) as response:
                told.append(f"{response.headers}{await response.text()}")
        async with client.post("/sign-in", data={"token": TOKEN}, allow_redirects=False) as response:
            told.append(f"{response.headers}{await response.text()}")
        assert TOKEN not in "".join(told)

    asked(ask)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("dashboard")]
    assert TOKEN not in "".join(ours)
    assert TOKEN not in repr(GUARDED)
