"""docs/read-api.md against the API: every URL, every problem, the rights that Redis must give."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from redis import Redis

from dashboard.api.routes import OPERATIONS, PREFIX
from dashboard.problems import KINDS
from sinks import read_model
from sinks.deliveries import EndpointReport, tell
from sinks.keys import endpoints_key
from sinks.memory_store import MemoryStore
from sinks.redis_reader import RedisReader
from sinks.redis_store import RedisStore
from sinks.reports import RedisReports
from tests.dashboard.called import SETTINGS, Client, fold, served

PAGE = (Path(__file__).parents[2] / "docs" / "read-api.md").read_text("utf-8")


def test_every_url_is_on_the_page() -> None:
    found = set(re.findall(rf"^\| `(GET|POST) {PREFIX}(\S+)` \|", PAGE, re.MULTILINE))
    assert found == {(one.method, one.path) for one in OPERATIONS} | {("GET", "/openapi.json")}


def test_every_problem_is_on_the_page() -> None:
    found = re.findall(r"^\| `([\w-]+)` \| (\d+) \|", PAGE, re.MULTILINE)
    assert {kind: int(status) for kind, status in found} == {kind: status for kind, (status, _) in KINDS.items()}


def test_the_example_of_a_problem_is_one() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)

    async def ask(client: Client) -> None:
        async with client.get(f"{PREFIX}/shoppers/nobody") as response:
            assert await response.json(content_type=None) == json.loads(example)

    served(MemoryStore(), ask)


@pytest.mark.servers
def test_the_rights_on_the_page_are_enough(redis_url: str) -> None:
    (rights,) = re.findall(r"^ACL SETUSER page (.*)$", PAGE, re.MULTILINE)
    with Redis.from_url(redis_url) as redis:
        fold(RedisStore(redis, "kairos"), seed=1)
        tell(RedisReports(redis, endpoints_key("kairos")), "w", EndpointReport("crm", "crm.example", 0))
        user = next(user for user, _ in read_model.profiles(RedisReader(redis), SETTINGS.shop))
        redis.execute_command("ACL", "SETUSER", "page", *rights.replace("PASSWORD", "secret").split())
    port = int(redis_url.rpartition(":")[2].partition("/")[0])

    async def ask(client: Client) -> None:
        for one in OPERATIONS:
            path = PREFIX + one.path.format(id=quote(user), tag="segment:loyal", name="crm")
            body = {"ids": [user]} if one.body else None
            if one.name == "feed":
                path += "?format=json&after=0:0-0"
            async with client.request(one.method, path, json=body) as response:
                assert response.status == 200 or (one.name, response.status) == ("churnModel", 404), path

    with Redis(port=port, username="page", password="secret") as limited:
        served(RedisReader(limited), ask)
