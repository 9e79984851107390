"""The shop's own templates: always JSON, whatever a shopper is called; checked when the file is read; harmless."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from sinks.webhooks.endpoints import Endpoint, load
from sinks.webhooks.examples import EXAMPLES
from sinks.webhooks.templates import render
from tests.webhooks.messages import messages

CARTS, CHURN = "cart-abandonments", "churn-alerts"
ALL = tuple(dict.fromkeys(topic for topic, _ in EXAMPLES))
MAILER = Path(__file__).parents[2] / "examples" / "endpoints.toml"


def own(source: str, topics: tuple[str, ...] = ALL) -> Endpoint:
    return Endpoint(name="x", url="https://x.example/", topics=topics, template="file:x.json", source=source)


def written(source: str, topic: str, message: Mapping[str, Any]) -> Any:
    request = render(own(source), topic, message)
    return None if request is None else json.loads(request.body)


@given(drawn=messages())
def test_a_value_is_a_value_whatever_its_text(drawn: tuple[str, dict[str, Any]]) -> None:
    topic, message = drawn
    source = '{"a": {{ message.user_id }}, "b": {{ message.reason | tojson }}, "c": {{ "x " ~ message.reason }}}'
    told = {"a": message["user_id"], "b": message["reason"], "c": "x " + message["reason"]}
    assert written(source, topic, message) == told


def test_names_that_a_template_has() -> None:
    source = '{"t": {{ type }}, "n": {{ name }}, "at": {{ timestamp }}, "all": {{ properties }}, "sum": {{ amount }}}'
    cart = written(source, CARTS, EXAMPLES[CARTS, "triggered"])
    assert cart["t"] == "cart-abandonments.triggered"
    assert cart["n"] == "Cart Abandoned"
    assert cart["at"] == cart["all"]["as_of"] == "2026-04-01T10:33:00.000Z"
    assert cart["sum"] == cart["all"]["value"] == 59.9
    assert written(source, CHURN, EXAMPLES[CHURN, "raised"])["sum"] == 145.21
    assert written(source, CARTS, EXAMPLES[CARTS, "expired"])["sum"] is None


def test_a_field_that_was_left_out_has_its_default() -> None:
    source = (
        "[{{ message.retract }}, {{ message.order_at }}, {% for p in message.products %}{{ p.sku }},{% endfor %} 0]"
    )
    assert written(source, CARTS, EXAMPLES[CARTS, "triggered"]) == [[], None, "", "", 0]


def test_nothing_is_said_where_nothing_is_written() -> None:
    source = '{% if message.kind == "triggered" %}{"to": {{ message.user_id }}}{% endif %}'
    assert written(source, CARTS, EXAMPLES[CARTS, "triggered"]) == {"to": "u2"}
    assert written(source, CARTS, EXAMPLES[CARTS, "expired"]) is None


def test_the_example() -> None:
    environ = {"CRM_SECRET": "whsec_" + "A" * 32, "MAILER_TOKEN": "t-1"}
    mailer = next(one for one in load(MAILER.read_text(), environ=environ, folder=MAILER.parent) if one.own)
    request = render(mailer, CARTS, EXAMPLES[CARTS, "triggered"])
    assert request is not None
    assert (request.method, request.url) == ("POST", "https://mailer.example/v2/send")
    assert request.headers == {"content-type": "application/json", "authorization": "t-1"}
    body = json.loads(request.body)
    assert body["data"]["title"] == "Your cart of USD 59.9"
    assert body["data"]["lines"][0] == {"sku": "p1", "count": 1, "price": 59.9}
    assert body["valid_until"] == "2026-04-02T10:33:00.000Z"


BROKEN = [
    ('{"a": {{ message.usr_id }}}', "of user-tags, entered: 'dict object' has no attribute 'usr_id'"),
    ('{"a": {{ mesage.user_id }}}', "'mesage' is undefined"),
    ('{"a": {{ message.cart_id }}}', "of user-tags, entered: 'dict object' has no attribute 'cart_id'"),
    ('{"a": "{{ message.user_id }}"}', "what the template writes is no JSON"),
    ('{"a": {{ message.user_id }}', "what the template writes is no JSON"),
    ('{"a":\n {% if %}}', "line 2: "),
    ('{"a": {{ message.user_id | upper }}}', "No filter named 'upper'"),
    ('{"a": {{ message.user_id.upper() }}}', "is not safely callable"),
    ('{"a": {{ range(10) }}}', "'range' is undefined"),
    ('{"a": {{ "x" * 1000000000 }}}', "* is for numbers"),
    ('{"a": {{ "%1000000000d" % 1 }}}', "% is for numbers"),
    ('{"a": {{ 9 ** 9 ** 9 ** 9 }}}', "** is for numbers"),
    ('{"a": {{ [1] * 1000000000 }}}', "* is for numbers"),
    ('{"a": {{ 1 / 0 }}}', "division by zero"),
    ('{"a": {{ "".__class__.__mro__ }}}', "unsafe"),
    ('{% include "/etc/passwd" %}', "no loader for this environment"),
    ('{"a": {{ ["a", "b"] % 2 }}}', "% is for numbers"),
    ("", "says nothing of such messages"),
]


@pytest.mark.parametrize(("source", "complaint"), BROKEN)
def test_mistakes_show_when_the_file_is_read(source: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "own.json").write_text(source)
    text = '[endpoints.x]\nurl = "https://x.example"\ntopics = ["user-tags"]\ntemplate = "file:own.json"'
    with pytest.raises(ValueError, match="endpoint x: template: ") as raised:
        load(text, folder=tmp_path)
    assert complaint in str(raised.value)


def test_a_template_is_stopped_that_writes_on_and_on() -> None:
    loops = "{% for a in message.reason %}" * 5 + "{{ message }}" + "{% endfor %}" * 5
    with pytest.raises(ValueError, match="more than 1000000 characters"):
        render(own(loops), CARTS, EXAMPLES[CARTS, "triggered"])


def test_a_template_changes_nothing() -> None:
    message = {**EXAMPLES[CARTS, "triggered"], "retract": ["a"]}
    before = json.dumps(message)
    with pytest.raises(ValueError, match="unsafe"):
        render(own("{% set _ = message.retract.append('b') %}{}"), CARTS, message)
    assert json.dumps(message) == before
