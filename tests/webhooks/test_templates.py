"""Requests of every template: examples of every kind of message, amounts, and how large they become."""

from __future__ import annotations

import json
import re
from operator import mul
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairos.contract.outputs import COMMON
from models.features import SHOPPERS
from models.kernel.outputs import DEAD_LETTERS
from sinks.webhooks.endpoints import Endpoint
from sinks.webhooks.examples import EXAMPLES
from sinks.webhooks.properties import MONEY, NAMES, TIMES, amount, properties
from sinks.webhooks.templates import LARGEST, render
from tests.kairos.contract.judges import judge
from tests.webhooks.messages import HOSTILE

CARTS = "cart-abandonments"
KINDS = [(role, kind) for role, topic in SHOPPERS.outputs.items() if role != DEAD_LETTERS for kind in topic.kinds]


def test_there_is_an_example_and_a_name_for_every_kind() -> None:
    assert set(EXAMPLES) == set(NAMES) == set(KINDS)
    assert len({message["id"] for message in EXAMPLES.values()}) == len(EXAMPLES)


@pytest.mark.parametrize(("topic", "kind"), KINDS)
def test_an_example_is_a_message_by_the_contract(topic: str, kind: str) -> None:
    assert EXAMPLES[topic, kind]["kind"] == kind
    judge(f"{topic}.json", closed=True).validate(json.loads(json.dumps(EXAMPLES[topic, kind])))


def generic(template: str = "generic", source: str = "") -> Endpoint:
    return Endpoint(name="x", url="https://x.example/", topics=(CARTS,), template=template, source=source)


@given(
    st.builds(mul, st.lists(st.tuples(HOSTILE, st.integers(0, 9)), min_size=1, max_size=5), st.integers(0, 400)),
    st.integers(0, 50),
    st.sampled_from(
        [generic(), generic("klaviyo"), generic("braze"), generic("slack"), generic("file:x", "{{ message }}")]
    ),
)
def test_a_body_is_no_larger_than_agreed_and_says_what_it_leaves_out(
    lines: list[tuple[str, int]], cut: int, one: Endpoint
) -> None:
    products = [{"product_id": product, "quantity": quantity} for product, quantity in lines]
    message = {**EXAMPLES[CARTS, "triggered"], "products": products, "products_cut": cut}
    request = render(one, CARTS, message)
    assert request is not None
    assert len(request.body) <= LARGEST
    if one.template in ("generic", "klaviyo"):
        body = json.loads(request.body)
        told = body["data"] if one.template == "generic" else body["data"]["attributes"]["properties"]
        kept = [(line["product_id"], line["quantity"]) for line in told["products"]]
        assert kept == lines[: len(kept)]
        assert told["products_cut"] == cut + len(lines) - len(kept)
        assert told["products_cut"] == cut or len(request.body) > LARGEST / 3  # no more is left out than must be


def test_what_cannot_be_made_small_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"a body of 2.... bytes is too large: 20000 at most"):
        render(generic(), CARTS, {**EXAMPLES[CARTS, "triggered"], "reason": "x" * 25_000})


def test_the_generic_body_is_the_message_itself() -> None:
    request = render(generic(), CARTS, EXAMPLES[CARTS, "triggered"])
    assert request is not None
    assert request[:3] == ("POST", "https://x.example/", {"content-type": "application/json"})
    assert json.loads(request.body) == {
        "type": "cart-abandonments.triggered",
        "timestamp": "2026-04-01T10:33:00.000Z",
        "data": EXAMPLES[CARTS, "triggered"],
    }


@pytest.mark.parametrize(
    ("minor", "currency", "units"),
    [(5990, "EUR", "59.9"), (5990, "JPY", "5990"), (5990, "KWD", "5.99"), (59_900, "CLF", "5.99"), (1, "USD", "0.01")],
)
def test_amounts_are_units_of_the_currency(minor: int, currency: str, units: str) -> None:
    assert amount(minor, currency) == float(units)
    message: dict[str, Any] = {"value": minor, "currency": currency, "products": [{"product_id": "p", "price": minor}]}
    told = properties(message)
    assert (told["value"], told["products"][0]["price"]) == (float(units), float(units))


@given(st.integers(0, 10**13 - 1))
def test_no_amount_loses_a_cent(minor: int) -> None:
    whole, cents = divmod(minor, 100)
    assert json.dumps(amount(minor, "EUR")) == str(float(f"{whole}.{cents:02}"))
    assert round(amount(minor, "EUR") * 100) == minor


def test_every_time_and_every_amount_is_told_as_such() -> None:
    """By what the contract says of the fields."""
    about = {name: str(field["description"]) for name, field in COMMON.items()}
    for role, topic in SHOPPERS.outputs.items():
        if role != DEAD_LETTERS:
            about |= {name: str(field["description"]) for name, field in topic.fields.items()}
    assert {name for name, text in about.items() if re.search(r"[Ee]vent time(, ms| \(ms\))", text)} == TIMES
    assert {name for name, text in about.items() if "minor units" in text} == MONEY
