"""Customer.io's Track API: docs.customer.io, *Journeys Track API*, *Track a customer event*."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from tests.webhooks.stand_ins.stand_in import Answer, Refused, expect, parsed

PATH = re.compile(r"/api/v1/customers/([^/?#]+)/events")
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


class CustomerIo:
    """Answers 200; `processed`: events by their id, each once, with the person they are of."""

    def __init__(self, site_id: str, api_key: str) -> None:
        self._login = "Basic " + b64encode(f"{site_id}:{api_key}".encode()).decode()
        self.processed: dict[str, tuple[str, dict[str, Any]]] = {}

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            match = PATH.fullmatch(path)
            expect(method == "POST" and match, "not found", 404)
            expect(headers.get("authorization") == self._login, "unauthorized", 401)
            expect(headers.get("content-type") == "application/json", "content-type")
            expect(len(body) <= 32_000, "too large", 413)
            event = parsed(body)
            expect(event.keys() <= {"name", "id", "type", "timestamp", "data"}, "unknown field")
            expect(isinstance(event.get("name"), str) and event["name"].strip(), "name")
            expect(type(event["timestamp"]) is int and 10**9 <= event["timestamp"] < 10**10, "timestamp: in seconds")
            expect(ULID.fullmatch(event["id"]), "id: a ULID")
            expect(isinstance(event["data"], dict), "data")
            expect(not {"from_address", "recipient", "reply_to"} & event["data"].keys(), "reserved")
        except (KeyError, TypeError) as error:
            return Answer(400, f"missing: {error}")
        except Refused as refused:
            return refused.answer
        assert match
        self.processed.setdefault(event["id"], (unquote(match[1]), event))
        return Answer(200, "{}")
