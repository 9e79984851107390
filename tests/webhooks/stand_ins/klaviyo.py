"""Klaviyo's events, by github.com/klaviyo/openapi, `openapi/stable/apis/create_event.json` of 2026-07-15."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.webhooks.stand_ins.stand_in import Answer, Refused, expect, moment, parsed

REVISION = re.compile(r"20\d\d-\d\d-\d\d(\.\w+)?")
IDENTIFIERS = {"email", "phone_number", "external_id", "anonymous_id"}


class Klaviyo:
    """Answers 202; `recorded`: events by metric, profile and `unique_id`, of which the first one counts."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key
        self.recorded: dict[tuple[str, str, str], dict[str, Any]] = {}

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            expect(method == "POST" and path == "/api/events", "not_found", 404)
            expect(headers.get("authorization") == f"Klaviyo-API-Key {self._api_key}", "not_authenticated", 401)
            expect(REVISION.fullmatch(headers.get("revision", "")), "revision")
            expect(headers.get("content-type") == "application/vnd.api+json", "content-type", 415)
            expect(len(body) <= 5_000_000, "too large", 413)
            data = parsed(body)["data"]
            expect(data.get("type") == "event", "data.type")
            self._record(data["attributes"])
        except (KeyError, TypeError) as error:
            return Answer(400, f"missing: {error}")
        except Refused as refused:
            return refused.answer
        return Answer(202)

    def _record(self, event: dict[str, Any]) -> None:
        known = {"properties", "time", "value", "value_currency", "unique_id", "backfill", "metric", "profile"}
        expect(event.keys() <= known, f"unknown: {event.keys() - known}")
        metric, profile = event["metric"]["data"], event["profile"]["data"]
        expect(metric["type"] == "metric" and profile["type"] == "profile", "type")
        name = metric["attributes"]["name"]
        expect(isinstance(name, str) and 0 < len(name) < 128, "metric")
        who = {key: value for key, value in profile["attributes"].items() if key in IDENTIFIERS and value}
        expect(who and all(isinstance(value, str) for value in who.values()), "no identifier")
        properties = event["properties"]
        expect(isinstance(properties, dict) and len(properties) <= 400, "properties")
        at = moment(event["time"])
        expect(at.year >= 1990 and at < datetime.now(UTC) + timedelta(days=365), "time")
        value = event.get("value")
        expect(value is None or isinstance(value, int | float), "value")
        expect(value is None or re.fullmatch("[A-Z]{3}", event.get("value_currency", "")), "value_currency")
        self.recorded.setdefault((name, min(who.values()), event["unique_id"]), event)
