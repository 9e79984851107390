"""Signatures, verified by Standard Webhooks' own library."""

from __future__ import annotations

import time
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from sinks.webhooks.signing import key, sign

SECRETS = st.binary(min_size=24, max_size=64).map(lambda raw: "whsec_" + b64encode(raw).decode())
IDS = st.text("0123456789abcdef", min_size=32, max_size=32)
BODIES = st.text(st.characters(codec="utf-8")).map(str.encode)


def headers(secrets: list[str], id: str, body: bytes) -> dict[str, str]:
    now = int(time.time())
    return {"webhook-id": id, "webhook-timestamp": str(now), "webhook-signature": sign(secrets, id, now, body)}


@given(st.lists(SECRETS, min_size=1, max_size=3, unique=True), IDS, BODIES)
def test_whoever_knows_one_of_the_secrets_can_verify(secrets: list[str], id: str, body: bytes) -> None:
    sent = headers(secrets, id, b'"' + body + b'"')
    for secret in secrets:
        Webhook(secret).verify(b'"' + body + b'"', sent, json_parse=False)


@given(SECRETS, SECRETS, IDS, BODIES)
def test_nobody_else_can_and_nothing_can_be_changed(secret: str, other: str, id: str, body: bytes) -> None:
    sent = headers([secret], id, body)
    spoiled = [(secret, body + b" ", sent), (secret, body, {**sent, "webhook-id": id[::-1] + "0"})]
    spoiled += [(other, body, sent)] if other != secret else []
    for judge, told, told_with in spoiled:
        with pytest.raises(WebhookVerificationError):
            Webhook(judge).verify(told, told_with, json_parse=False)


@pytest.mark.parametrize(
    ("secret", "complaint"),
    [
        ("sk_live_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "expected whsec_"),
        ("whsec_!!!MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "no base64"),
        ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSé", "no base64"),
        ("whsec_" + b64encode(b"x" * 23).decode(), "24 to 64 bytes, not of 23"),
        ("whsec_" + b64encode(b"x" * 65).decode(), "24 to 64 bytes, not of 65"),
    ],
)
def test_a_secret_that_is_none_is_not_repeated(secret: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as raised:
        key(secret)
    assert secret[8:] not in str(raised.value)
    assert raised.value.__cause__ is None
