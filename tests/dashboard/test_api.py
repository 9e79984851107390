"""The read API, judged by its own description, which another library reads."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from yarl import URL

from dashboard.api.routes import OPERATIONS
from dashboard.api.types import MOST
from sinks import deliveries, read_model
from sinks.deliveries import Delivery, EndpointReport
from sinks.memory_store import MemoryStore
from tests.dashboard.called import SETTINGS, Client, fold, served
from tests.sinks.batches import batch

DESCRIPTION = json.loads((Path(__file__).parents[2] / "docs" / "contract" / "openapi.json").read_text("utf-8"))
API = "/api/v1"
PLAIN = [one.path for one in OPERATIONS if one.method == "GET" and "{" not in one.path and one.name != "feed"]


@pytest.fixture(scope="module")
def shop() -> MemoryStore:
    """A store that holds a shop."""
    store = MemoryStore()
    fold(store)
    return store


def judge(path: str, status: int, value: Any, method: str = "get") -> None:
    """Hold an answer against what the description says of it."""
    answer = DESCRIPTION["paths"][API + path][method]["responses"][str(status)]
    if "$ref" in answer:
        answer = DESCRIPTION["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    (content,) = [said for kind, said in answer["content"].items() if "json" in kind]
    whole = {"$defs": {"components": {"x": 1}}, **content["schema"], "components": DESCRIPTION["components"]}
    errors = [error.message for error in Draft202012Validator(whole).iter_errors(value)]
    assert errors == []


def as_json(value: Any) -> Any:
    """A value as a program has it that reads JSON."""
    return json.loads(msgspec.json.encode(value))


def users(store: MemoryStore) -> list[str]:
    """Ids of shoppers, buyers among them."""
    return [user for user, _ in list(read_model.profiles(store, SETTINGS.shop))[:50]]


@pytest.mark.parametrize("path", PLAIN)
def test_an_answer_is_as_described(shop: MemoryStore, path: str) -> None:
    async def ask(client: Client) -> None:
        async with client.get(API + path) as response:
            value = await response.json(content_type=None)
            assert response.status in (200, 404 if path == "/churn/model" else 200)
            judge(path, response.status, value)

    served(shop, ask)


@pytest.mark.parametrize("path", PLAIN)
def test_of_an_empty_store_too(path: str) -> None:
    async def ask(client: Client) -> None:
        async with client.get(API + path) as response:
            judge(path, response.status, await response.json(content_type=None))
            assert response.status == (404 if path == "/churn/model" else 200)

    served(MemoryStore(), ask)


def test_the_same_again_is_not_sent_again(shop: MemoryStore) -> None:
    async def ask(client: Client) -> None:
        for path in ("/tags", "/openapi.json", "/feed?format=json"):
            async with client.get(API + path) as first:
                tag = first.headers["ETag"]
                assert first.headers["Cache-Control"] == "no-cache"
            async with client.get(API + path, headers={"If-None-Match": tag}) as again:
                assert (again.status, await again.read(), again.headers["ETag"]) == (304, b"", tag)
            async with client.get(API + path, headers={"If-None-Match": '"other"'}) as other:
                assert other.status == 200
            async with client.head(API + path) as head:
                assert (head.status, await head.read()) == (200, b"")

    served(shop, ask)


def test_a_shopper_is_told_by_id(shop: MemoryStore) -> None:
    async def ask(client: Client) -> None:
        for user in users(shop):
            async with client.get(f"{API}/shoppers/{quote(user, safe='')}") as response:
                found = await response.json()
                judge("/shoppers/{id}", 200, found)
                assert found["user_id"] == user
                assert found["profile"] == as_json(read_model.profile(shop, user, SETTINGS.shop))

    served(shop, ask)


HOSTILE = ["<script>alert(1)</script>", "a'\"&", "a/b", "100%", "%2F", "😀", "a b+c", "x" * 256, "..a", "{u}", "?q#f"]


@pytest.mark.parametrize("user", HOSTILE)
def test_whatever_an_id_is_it_is_found_and_told_as_it_is(shop: MemoryStore, user: str) -> None:
    store = MemoryStore()
    shards = shop.partitions()
    profile = next(value for _, value in shop.profiles(0))
    for shard in range(shards):
        store.claim(shard, "t", schema=1, partitions=shards)
        parts = {"profiles": {user: profile}, "vocab": shop.vocab(0), "shard": shop.shard(0)}
        store.apply(shard, "t", 1, batch(**parts))

    async def ask(client: Client) -> None:
        url = URL(str(client.make_url(f"{API}/shoppers/")) + quote(user, safe=""), encoded=True)
        async with client.session.get(url) as response:
            assert (response.status, response.content_type) == (200, "application/json")
            assert (await response.json())["user_id"] == user
        async with client.post(f"{API}/shoppers:batchGet", json={"ids": [user]}) as response:
            assert [one["user"] for one in (await response.json())["shoppers"]] == [user]

    served(store, ask)


def test_many_are_told_at_once(shop: MemoryStore) -> None:
    asked = [*users(shop), "nobody", users(shop)[0]]

    async def ask(client: Client) -> None:
        async with client.post(f"{API}/shoppers:batchGet", json={"ids": asked}) as response:
            found = await response.json()
        judge("/shoppers:batchGet", 200, found, "post")
        assert [one["user"] for one in found["shoppers"]] == users(shop)
        assert found["missing"] == ["nobody"]
        expected = [read_model.profile(shop, user, SETTINGS.shop) for user in users(shop)]
        assert found["shoppers"] == as_json(expected)

    served(shop, ask)


JSON = {"Content-Type": "application/json"}
REFUSED: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("get", "/minutes?last=0", {}, 400, "last: expected a whole number from 1 to 1440"),
    ("get", "/minutes?last=1441", {}, 400, "last"),
    ("get", "/minutes?last=٣", {}, 400, "last"),
    ("get", "/minutes?lats=3", {}, 400, "lats: no such parameter; expected last"),
    ("get", "/now?x=1", {}, 400, "there are none here"),
    ("get", "/feed?after=x", {}, 400, "cursor: expected positions"),
    ("get", "/feed", {"headers": {"Last-Event-ID": "0:1"}}, 400, "cursor"),
    ("get", "/feed?topic=orders", {}, 400, "topic: expected user-tags or"),
    ("get", "/feed?format=xml", {}, 400, "format: expected json"),
    ("get", "/feed?format=json&limit=1001", {}, 400, "limit"),
    ("get", f"/shoppers/{'x' * 257}", {}, 400, "id: longer than 256 bytes"),
    ("get", "/shoppers/nobody", {}, 404, "no such shopper"),
    ("get", "/endpoints/crm/deliveries", {}, 404, "no such endpoint"),
    ("get", "/endpoints/crm/deliveries?limit=501", {}, 400, "limit: expected a whole number from 1 to 500"),
    ("get", "/nothing", {}, 404, "no such path"),
    ("get", "/shoppers/a/b", {}, 404, "no such path"),
    ("delete", "/now", {}, 405, "allowed here: GET, HEAD"),
    ("get", "/shoppers:batchGet", {}, 405, "allowed here: POST"),
    ("post", "/shoppers:batchGet", {"data": "{}", "headers": {"Content-Type": "text/plain"}}, 415, "application/json"),
    ("post", "/shoppers:batchGet", {"data": b"{", "headers": JSON}, 400, "expected"),
    ("post", "/shoppers:batchGet", {"data": b'{"ids": ["\\ud800"]}', "headers": JSON}, 400, "expected"),
    ("post", "/shoppers:batchGet", {"json": {"ids": ["a"] * (MOST + 1)}}, 400, "at most 500"),
    ("post", "/shoppers:batchGet", {"json": {"ids": ["a"], "all": True}}, 400, "unknown field"),
    ("post", "/shoppers:batchGet", {"json": {"ids": ["x" * 257]}}, 400, "longer than 256"),
    ("post", "/shoppers:batchGet", {"json": {"ids": ["x" * 600_000]}}, 413, "512 KB"),
]


@pytest.mark.parametrize(("method", "path", "options", "status", "detail"), REFUSED)
def test_what_is_wrong_is_a_problem_that_says_what_was_expected(
    shop: MemoryStore, method: str, path: str, options: dict[str, Any], status: int, detail: str
) -> None:
    async def ask(client: Client) -> None:
        async with client.request(method, API + path, **options) as response:
            problem = await response.json(content_type=None)
            assert (response.status, response.content_type) == (status, "application/problem+json")
            assert problem["status"] == status
            assert problem["instance"].startswith(API)
            assert problem["type"].startswith("urn:kairos:problem:")
            assert detail in problem["detail"]

    served(shop, ask)


def test_a_lone_surrogate_in_a_path_is_nobody(shop: MemoryStore) -> None:
    async def ask(client: Client) -> None:
        url = URL(str(client.make_url(f"{API}/shoppers/%ED%A0%80")), encoded=True)
        async with client.session.get(url) as response:
            assert response.status == 404

    served(shop, ask)


def test_minutes_are_those_of_the_summary(shop: MemoryStore) -> None:
    async def ask(client: Client) -> None:
        async with client.get(f"{API}/minutes?last=1440") as response:
            found = await response.json()
        newest = found["freshness"]["as_of"] // 60_000
        rows = [row for row in read_model.summary(shop).minutes if newest - 1_440 < row.minute <= newest]
        assert [row["at"] for row in found["minutes"]] == [row.minute * 60_000 for row in rows]
        assert sum(row["events"] for row in found["minutes"]) == sum(row.events for row in rows) > 0

    served(shop, ask)


def test_deliveries_of_an_endpoint_newest_first() -> None:
    store = MemoryStore()
    store.claim(0, "t", schema=1, partitions=1)
    sent = [Delivery(f"{i:032x}", "user-tags", "entered", None, i, 9, "delivered", 1, 200) for i in range(3)]
    store.ended["crm/a"] = [deliveries.encode(each) for each in sent]
    deliveries.tell(store.endpoint_reports, "w", EndpointReport("crm/a", "crm.example", 7, counts={"delivered": 3}))

    async def ask(client: Client) -> None:
        async with client.get(f"{API}/endpoints") as response:
            (found,) = (await response.json())["endpoints"]
            assert (found["name"], found["counts"]) == ("crm/a", {"delivered": 3})
        async with client.get(f"{API}/endpoints/crm%2Fa/deliveries?limit=2") as response:
            told = await response.json()
        judge("/endpoints/{name}/deliveries", 200, told)
        assert told == {"endpoint": "crm/a", "deliveries": as_json(sent[:2])}

    served(store, ask)


# The description


def test_every_operation_is_described_and_nothing_else() -> None:
    described = {(method, path) for path, said in DESCRIPTION["paths"].items() for method in said}
    assert described == {(one.method.lower(), API + one.path) for one in OPERATIONS}
    assert len({one.name for one in OPERATIONS}) == len(OPERATIONS)


def test_it_keeps_to_the_rules_of_openapi() -> None:
    validate(DESCRIPTION)


def test_it_refers_only_to_what_is_there() -> None:
    text = json.dumps(DESCRIPTION)
    for kind, names in DESCRIPTION["components"].items():
        assert set(re.findall(rf'"#/components/{kind}/([^"]+)"', text)) <= names.keys()


def test_every_schema_is_one() -> None:
    for schema in DESCRIPTION["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
        assert schema["description"]
