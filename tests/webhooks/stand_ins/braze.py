"""Braze's `/users/track`: braze.com/docs, *Track users*, *Event object*, *User attributes object*."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.webhooks.stand_ins.stand_in import Answer, Refused, expect, moment, parsed

IDENTIFIERS = ("external_id", "user_alias", "braze_id", "email", "phone")
MOST = 75


class Braze:
    """Answers 201 and how many were processed; `events` in their order, and `tags` by user."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key
        self.events: list[dict[str, Any]] = []
        self.attributes: dict[str, dict[str, list[str]]] = {}

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            expect(method == "POST" and path == "/users/track", "not found", 404)
            expect(headers.get("authorization") == f"Bearer {self._api_key}", "Invalid API Key", 401)
            expect(headers.get("content-type") == "application/json", "content-type")
            payload = parsed(body)
            expect(payload and payload.keys() <= {"events", "attributes", "purchases"}, "nothing to process")
            events, attributes = payload.get("events", []), payload.get("attributes", [])
            expect(len(events) <= MOST and len(attributes) <= MOST, "too many")
            for one in events:
                _event(one)
            for one in attributes:
                self._change(one)
        except (KeyError, TypeError) as error:
            return Answer(400, f"missing: {error}")
        except Refused as refused:
            return refused.answer
        self.events += events
        processed = {"events_processed": len(events), "attributes_processed": len(attributes)}
        return Answer(201, json.dumps({"message": "success", **processed}))

    def _change(self, change: dict[str, Any]) -> None:
        user = _user(change)
        held = self.attributes.setdefault(user, {})
        for name, value in change.items():
            if name in IDENTIFIERS:
                continue
            expect(len(name) <= 255 and not name.startswith("$"), "name of an attribute")
            expect(value.keys() <= {"add", "remove"}, "an array is changed by add and remove")
            kept = [one for one in held.get(name, []) if one not in value.get("remove", [])]
            held[name] = kept + [one for one in value.get("add", []) if one not in kept]


def _event(event: dict[str, Any]) -> None:
    _user(event)
    expect(isinstance(event["name"], str) and 0 < len(event["name"]) <= 255, "name")
    moment(event["time"])
    properties = event.get("properties", {})
    expect(len(json.dumps(properties)) <= 50_000, "properties")
    for key in properties:
        expect(0 < len(key) <= 255 and not key.startswith("$"), f"name of a property: {key}")


def _user(one: dict[str, Any]) -> str:
    given = [one[name] for name in IDENTIFIERS if name in one]
    expect(len(given) == 1 and isinstance(given[0], str) and given[0], "one identifier")
    return str(given[0])
