"""Rejections: the data contract's codes for what makes a record a dead letter, and which of several goes first."""

from __future__ import annotations

from typing import Final

NOT_JSON: Final = "not_json"
BAD_TIMESTAMP: Final = "bad_timestamp"
MISSING_ID: Final = "missing_id"
TOO_LARGE: Final = "too_large"
WRONG_TYPE: Final = "wrong_type"
ABSURD_QUANTITY: Final = "absurd_quantity"
UNKNOWN_CURRENCY: Final = "unknown_currency"
NOT_SUPPORTED: Final = "not_supported"
MISROUTED: Final = "misrouted"

PRECEDENCE = (
    NOT_JSON,
    BAD_TIMESTAMP,
    MISSING_ID,
    TOO_LARGE,
    WRONG_TYPE,
    ABSURD_QUANTITY,
    UNKNOWN_CURRENCY,
    NOT_SUPPORTED,
)
"""Where several things are wrong with one record, the first of these is its code. (`misrouted` is not among them: it
depends on the record's key, which the shard checks.)"""


class ContractViolation(ValueError):
    """A message breaks the data contract.

    Attributes
    ----------
    code
        One of the codes above.
    detail
        A sentence for a person: what is wrong, and where.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Untidy(ValueError):
    """A message that decodes, but lacks what it should have, perhaps under another name: read it tolerantly."""
