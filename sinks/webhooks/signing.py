"""Signatures of webhooks, by Standard Webhooks 1.0.0 (github.com/standard-webhooks, `spec/standard-webhooks.md`)."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Sequence

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a key, as the specification recommends."""


def key(secret: str) -> bytes:
    """The key that a secret stands for.

    Parameters
    ----------
    secret
        ``whsec_`` and the base64 of 24 to 64 bytes.

    Raises
    ------
    ValueError
        It is something else. The message does not repeat it.

    Examples
    --------
    >>> key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").hex()
    '31f290f6bf06298aab4f08d43c3f082cf648a362da2da4b0'
    """
    if not secret.startswith(PREFIX):
        raise ValueError(f"expected {PREFIX} and base64")
    try:
        found = b64decode(secret[len(PREFIX) :], validate=True)
    except (Error, ValueError):  # of other characters; of such that are no ASCII
        raise ValueError(f"what follows {PREFIX} is no base64") from None
    if not SHORTEST <= len(found) <= LONGEST:
        raise ValueError(f"expected the base64 of {SHORTEST} to {LONGEST} bytes, not of {len(found)}")
    return found


def sign(secrets: Sequence[str], id: str, timestamp: int, body: bytes) -> str:
    """The header ``webhook-signature`` of an attempt: one signature a secret, so that a receiver may know either.

    Parameters
    ----------
    secrets
        As for `key`, the newest first.
    id
        The header ``webhook-id``: the same at each attempt.
    timestamp
        The header ``webhook-timestamp``: when the attempt is made, in seconds since 1970.
    body
        The bytes that are sent.

    Returns
    -------
    str
        HMAC-SHA256 over ``id.timestamp.body``, in base64, each as ``v1,...``, with blanks between; "" without a secret.

    Raises
    ------
    ValueError
        A secret is none.

    Examples
    --------
    The example of the specification's libraries.

    >>> sign(["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """  # noqa: E501
    signed = b"%b.%d.%b" % (id.encode(), timestamp, body)
    return " ".join(f"v1,{b64encode(hmac.digest(key(secret), signed, 'sha256')).decode()}" for secret in secrets)
