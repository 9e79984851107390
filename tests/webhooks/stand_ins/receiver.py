"""A receiver of one's own: verifies by Standard Webhooks' library, drops repeats by id, keeps lists of people."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.webhooks.stand_ins.stand_in import Answer, Refused, expect, moment, parsed

LARGEST = 20_000


class Receiver:
    """By one secret; `taken`: payloads by their id."""

    def __init__(self, secret: str) -> None:
        self._webhook = Webhook(secret)
        self.taken: dict[str, dict[str, Any]] = {}

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            expect(method == "POST", "method", 405)
            expect(headers.get("content-type") == "application/json", "content-type", 415)
            expect(len(body) <= LARGEST, "too large", 413)
            self._webhook.verify(body, dict(headers))
            payload = parsed(body)
            self.check(payload)
        except WebhookVerificationError as error:
            return Answer(401, str(error))
        except Refused as refused:
            return refused.answer
        self.taken.setdefault(headers["webhook-id"], payload)
        return Answer(204)

    def check(self, payload: Any) -> None:
        """By github.com/standard-webhooks/standard-webhooks: `spec/standard-webhooks.md`, *Payload structure*."""
        expect(isinstance(payload, dict) and payload.keys() == {"type", "timestamp", "data"}, "type, timestamp, data")
        topic, _, kind = str(payload["type"]).partition(".")
        expect(topic and kind == payload["data"]["kind"], "type")
        stated = round(moment(payload["timestamp"]).timestamp() * 1000)
        expect(stated == payload["data"]["as_of"], "timestamp")


class Lists(Receiver):
    """Keeps a list of people for each audience."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.held: dict[str, set[str]] = {}

    def check(self, payload: Any) -> None:
        expect(payload.keys() == {"audience", "action", "at", "members"}, "fields")
        moment(payload["at"])
        people = self.held.setdefault(payload["audience"], set())
        for member in payload["members"]:
            user = member["user_id"]
            expect(member["user_id_sha256"] == sha256(user.strip().lower().encode()).hexdigest(), "user_id_sha256")
            {"add": people.add, "remove": people.discard}[payload["action"]](user)
