"""Slack's incoming webhooks, by docs.slack.dev: *Sending messages using incoming webhooks*, *Block Kit*."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.webhooks.stand_ins.stand_in import Answer, Refused, expect, parsed

PATH = re.compile(r"/services/T\w+/B\w+/\w+")
MARKUP = re.compile(r"&(?!amp;|lt;|gt;)|[<>]")
"""What Slack reads as markup: mentions, links, ``<!channel>``; a message of Kairos has none of it."""


class Slack:
    """Answers 200 ``ok``; `posted`: the texts."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            expect(method == "POST" and PATH.fullmatch(path), "no_service", 404)
            expect(headers.get("content-type", "").startswith("application/json"), "invalid_payload")
            payload = parsed(body)
            expect(isinstance(payload, dict), "invalid_payload")
            expect(payload.get("text"), "no_text")
            _plain(payload["text"], 40_000)
            blocks = payload.get("blocks", [])
            expect(len(blocks) <= 50, "invalid_blocks")
            for block in blocks:
                _block(block)
        except Refused as refused:
            return refused.answer
        self.posted.append(payload)
        return Answer(200, "ok")


def _block(block: Any) -> None:
    if block.get("type") == "section":
        _text(block.get("text"))
    elif block.get("type") == "context":
        expect(1 <= len(block.get("elements", [])) <= 10, "invalid_blocks")
        for element in block["elements"]:
            _text(element)
    else:
        expect(False, "invalid_blocks")


def _text(text: Any) -> None:
    expect(isinstance(text, dict) and text.get("type") in ("mrkdwn", "plain_text"), "invalid_blocks")
    _plain(text.get("text"), 3000)


def _plain(text: Any, most: int) -> None:
    expect(isinstance(text, str) and 1 <= len(text) <= most, "invalid_blocks")
    expect(not MARKUP.search(text), "markup")
