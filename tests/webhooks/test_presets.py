"""Presets against stand-ins that check requests as the makers' documents say, and the examples of endpoints files."""

from __future__ import annotations

import asyncio
import json
import re
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp
import pytest
from hypothesis import given
from msgspec.structs import replace

from models.kernel.outputs import USER_TAGS
from sinks.webhooks.endpoints import Endpoint, load
from sinks.webhooks.examples import EXAMPLES
from sinks.webhooks.preset import Request
from sinks.webhooks.presets import PRESETS
from sinks.webhooks.signing import sign
from sinks.webhooks.templates import render
from tests.webhooks.messages import messages
from tests.webhooks.stand_ins.braze import Braze
from tests.webhooks.stand_ins.customer_io import CustomerIo
from tests.webhooks.stand_ins.klaviyo import Klaviyo
from tests.webhooks.stand_ins.receiver import Lists, Receiver
from tests.webhooks.stand_ins.slack import Slack
from tests.webhooks.stand_ins.stand_in import Answer, StandIn, served

EXAMPLE_FILES = Path(__file__).parents[2] / "examples"
SECRET = "whsec_" + b64encode(b"a secret of thirty-two bytes ...").decode()
ENVIRON = {
    "CRM_SECRET": SECRET,
    "LISTS_SECRET": SECRET,
    "MAILER_TOKEN": "Bearer m-1",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0000/B0000/xyz",
    "KLAVIYO_API_KEY": "pk_1",
    "BRAZE_API_KEY": "b-1",
    "CUSTOMERIO_SITE_ID": "s-1",
    "CUSTOMERIO_API_KEY": "c-1",
}


class Case(NamedTuple):
    """A preset's example file, its stand-in, and the answer by which that takes a request."""

    file: str
    stand_in: Callable[[], StandIn]
    taken: Answer


CASES = {
    "generic": Case("endpoints.toml", lambda: Receiver(SECRET), Answer(204)),
    "slack": Case("endpoints/slack.toml", Slack, Answer(200, "ok")),
    "klaviyo": Case("endpoints/klaviyo.toml", lambda: Klaviyo("pk_1"), Answer(202)),
    "braze": Case("endpoints/braze.toml", lambda: Braze("b-1"), Answer(201)),
    "customer_io": Case("endpoints/customer_io.toml", lambda: CustomerIo("s-1", "c-1"), Answer(200, "{}")),
    "audiences": Case("endpoints/audiences.toml", lambda: Lists(SECRET), Answer(204)),
}


def endpoint(preset: str) -> Endpoint:
    """The example's endpoint."""
    file = EXAMPLE_FILES / CASES[preset].file
    found = load(file.read_text(), environ=ENVIRON, folder=file.parent)
    return next(one for one in found if one.template == preset)


def everything(preset: str) -> Endpoint:
    """The same without filters."""
    topics = PRESETS[preset].topics or tuple({topic for topic, _ in EXAMPLES})
    return replace(endpoint(preset), topics=topics, kinds=(), tags=(), channels=())


def signed(one: Endpoint, request: Request, id: str) -> dict[str, str]:
    """The headers of an attempt."""
    now = int(time.time())
    ours = {"webhook-id": id, "webhook-timestamp": str(now)}
    return request.headers | ours | {"webhook-signature": sign(one.secrets, id, now, request.body)}


def answered(stand_in: StandIn, one: Endpoint, request: Request, id: str) -> Answer:
    """What the stand-in says to it, without a network."""
    url = urlsplit(request.url)
    return stand_in.answer(request.method, url.path, signed(one, request, id), request.body)


def test_every_preset_has_an_example_and_a_stand_in() -> None:
    assert CASES.keys() == PRESETS.keys()


async def deliver(case: Case, one: Endpoint) -> tuple[StandIn, list[Answer]]:
    """Over HTTP, each example twice, as a repeat after a lost answer."""
    stand_in = case.stand_in()
    answers = []
    async with served(stand_in) as address, aiohttp.ClientSession() as session:
        for (topic, _), message in [*EXAMPLES.items(), *EXAMPLES.items()]:
            request = render(one, topic, message) if one.takes(topic, message) else None
            if request is None:
                continue
            url = address + urlsplit(request.url).path
            headers = signed(one, request, message["id"])
            async with session.request(request.method, url, headers=headers, data=request.body) as answer:
                answers.append(Answer(answer.status, await answer.text() if case.taken.said else ""))
    return stand_in, answers


@pytest.mark.parametrize("preset", CASES)
def test_the_makers_system_takes_every_kind_of_message(preset: str) -> None:
    stand_in, answers = asyncio.run(deliver(CASES[preset], everything(preset)))
    assert len(answers) >= 2 * 2
    assert set(answers) == {CASES[preset].taken}
    once = {Receiver: "taken", Lists: "taken", Klaviyo: "recorded", CustomerIo: "processed"}.get(type(stand_in))
    if once is not None:  # makers that drop repeats by an id
        assert len(getattr(stand_in, once)) == len(answers) // 2


@pytest.mark.parametrize("preset", CASES)
def test_the_example_file_says_something(preset: str) -> None:
    one = endpoint(preset)
    assert asyncio.run(deliver(CASES[preset], one))[1]


@pytest.mark.parametrize("preset", CASES)
@given(drawn=messages())
def test_no_text_is_refused_or_becomes_markup(preset: str, drawn: tuple[str, dict[str, Any]]) -> None:
    topic, message = drawn
    one = everything(preset)
    request = render(one, topic, message) if one.takes(topic, message) else None
    if request is not None:
        answer = answered(CASES[preset].stand_in(), one, request, message["id"])
        assert answer.status == CASES[preset].taken.status, answer


def test_slack_shows_names_as_they_are_and_calls_nobody() -> None:
    slack = Slack()
    message = {**EXAMPLES["cart-abandonments", "triggered"], "user_id": "<!channel> & `co`"}
    request = render(endpoint("slack"), "cart-abandonments", message)
    assert request is not None
    assert answered(slack, endpoint("slack"), request, "0") == (200, "ok")
    assert slack.posted[0]["text"] == "*Cart Abandoned* · `&lt;!channel&gt; &amp; 'co'` · 59.90 USD"


@pytest.mark.parametrize("before", range(6))
def test_slack_gets_long_texts_cut_between_characters(before: int) -> None:
    """An escaped character has up to five: none is cut in two."""
    slack, one = Slack(), endpoint("slack")
    request = render(one, "churn-alerts", {**EXAMPLES["churn-alerts", "raised"], "reason": "x" * before + "&" * 999})
    assert request is not None
    assert answered(slack, one, request, "0") == (200, "ok")
    text = slack.posted[0]["blocks"][1]["elements"][0]["text"]
    assert re.fullmatch(f"x{{{before}}}(&amp;)+…", text)
    assert len(text) > 2990


def test_klaviyo_gets_the_shopper_and_the_amount_in_dollars() -> None:
    klaviyo = Klaviyo("pk_1")
    message = EXAMPLES["cart-abandonments", "triggered"]
    request = render(endpoint("klaviyo"), "cart-abandonments", message)
    assert request is not None
    assert answered(klaviyo, endpoint("klaviyo"), request, "0").status == 202
    event = klaviyo.recorded["Cart Abandoned", "u2", message["id"]]
    assert (event["value"], event["value_currency"], event["time"]) == (59.9, "USD", "2026-04-01T10:33:00.000Z")
    assert event["profile"]["data"]["attributes"] == {"external_id": "u2"}
    assert [line.get("price") for line in event["properties"]["products"]] == [59.9, None]


def test_braze_keeps_the_tags_that_a_user_holds() -> None:
    braze, one = Braze("b-1"), endpoint("braze")
    changes = [("entered", "segment:new"), ("entered", "bot"), ("exited", "segment:new"), ("entered", "value:high")]
    for kind, tag in changes:
        request = render(one, USER_TAGS, {**EXAMPLES[USER_TAGS, kind], "tag": tag})
        assert request is not None
        assert answered(braze, one, request, "0").status == 201
    assert braze.attributes["u2"]["kairos_tags"] == ["bot", "value:high"]
    assert not braze.events


def test_customer_io_finds_the_person_whatever_the_id_is() -> None:
    customer_io, one = CustomerIo("s-1", "c-1"), endpoint("customer_io")
    message = {**EXAMPLES["cart-abandonments", "recovered"], "user_id": "a/b?c=%2F é"}
    request = render(one, "cart-abandonments", message)
    assert request is not None
    assert answered(customer_io, one, request, "0").status == 200
    [(person, event)] = customer_io.processed.values()
    assert (person, event["name"], event["timestamp"]) == ("a/b?c=%2F é", "Cart Recovered", 1775039580)


def test_lists_follow_who_holds_a_tag() -> None:
    lists, one = Lists(SECRET), endpoint("audiences")
    for number, (kind, user) in enumerate([("entered", "a"), ("entered", "b"), ("exited", "a"), ("exited", "b")]):
        request = render(one, USER_TAGS, {**EXAMPLES[USER_TAGS, kind], "user_id": user, "tag": "churn:high"})
        assert request is not None
        assert answered(lists, one, request, str(number)).status == 204
        assert lists.held["churn:high"] == [{"a"}, {"a", "b"}, {"b"}, set()][number]


@pytest.mark.parametrize("preset", ["klaviyo", "braze", "customer_io"])
@pytest.mark.parametrize("topic", ["cart-abandonments", "churn-alerts"])
def test_marketing_hears_nothing_of_whom_nobody_is_to_write_to(preset: str, topic: str) -> None:
    one, suppressed = everything(preset), EXAMPLES[topic, "suppressed"]
    assert render(one, topic, suppressed) is None
    assert render(replace(one, kinds=("suppressed",)), topic, suppressed) is not None
    for (of, _), message in EXAMPLES.items():
        if of == topic:
            assert render(one, topic, {**message, "arm": "holdout"}) is None


SPOILED: dict[str, list[Callable[[dict[str, Any]], Any]]] = {
    "generic": [
        lambda b: b.pop("type"),
        lambda b: b.update(timestamp="2026-04-01"),
        lambda b: b["data"].update(as_of=1),
    ],
    "slack": [
        lambda b: b.pop("text"),
        lambda b: b["blocks"][0]["text"].update(text="<!channel>"),
        lambda b: b["blocks"][0]["text"].update(text="x" * 3001),
        lambda b: b.update(blocks=b["blocks"] * 26),
    ],
    "klaviyo": [
        lambda b: b["data"].update(type="events"),
        lambda b: b["data"]["attributes"].pop("profile"),
        lambda b: b["data"]["attributes"]["metric"]["data"]["attributes"].update(name="x" * 128),
        lambda b: b["data"]["attributes"].update(time=1775039580),
        lambda b: b["data"]["attributes"].update(value="59.90"),
        lambda b: b["data"]["attributes"].pop("value_currency"),
    ],
    "braze": [
        lambda b: b["events"][0].pop("time"),
        lambda b: b["events"][0].pop("external_id"),
        lambda b: b.update(events=b["events"] * 76),
        lambda b: b["events"][0]["properties"].update({"$x": 1}),
    ],
    "customer_io": [
        lambda b: b.update(timestamp=1775039580000),
        lambda b: b.update(id="0f" * 16),
        lambda b: b.pop("name"),
        lambda b: b["data"].update(recipient="x"),
    ],
    "audiences": [lambda b: b.pop("at"), lambda b: b["members"][0].update(user_id_sha256="0")],
}


@pytest.mark.parametrize(
    ("preset", "number"), [(preset, n) for preset, all in SPOILED.items() for n in range(len(all))]
)
def test_the_stand_ins_can_refuse(preset: str, number: int) -> None:
    one = everything(preset)
    topic, kind = (USER_TAGS, "entered") if preset == "audiences" else ("cart-abandonments", "triggered")
    request = render(one, topic, EXAMPLES[topic, kind])
    assert request is not None
    body = json.loads(request.body)
    SPOILED[preset][number](body)
    spoiled = request._replace(body=json.dumps(body).encode())
    assert answered(CASES[preset].stand_in(), one, spoiled, "0").status == 400
    elsewhere = request._replace(url="https://x.example/elsewhere", headers={}, method="PUT")
    assert 400 <= answered(CASES[preset].stand_in(), one, elsewhere, "0").status < 500
