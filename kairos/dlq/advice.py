"""What to do about a dead letter, by its code."""

from __future__ import annotations

from kairos.dlq.dead_letters import truncated
from models.decoding import rejections as codes
from models.kernel.outputs import UNDELIVERABLE, DeadLetter

MISROUTED = codes.MISROUTED
CODES = (*codes.PRECEDENCE, MISROUTED, UNDELIVERABLE)

CORRECT = "send it again corrected: `kairos dlq redrive {id} --replace FILE`"
AGAIN = "send it again: `kairos dlq redrive {id}`"

ADVICE = {
    codes.NOT_JSON: f"Mend what wrote these bytes; if it is clear what they were to say, {CORRECT}",
    codes.BAD_TIMESTAMP: "`timestamp` must be RFC 3339 text, such as 2026-11-21T10:15:00.000Z, from 1990 on. Mend what "
    f"writes it, and {CORRECT}",
    codes.MISSING_ID: "A call needs `userId` or `anonymousId`, an order its `order_id`, a refund its `refund_id`. Mend "
    f"what leaves it out, and {CORRECT}",
    codes.TOO_LARGE: "If such messages are right, raise KAIROS_MAX_MESSAGE_BYTES, KAIROS_MAX_ID_BYTES or "
    f"KAIROS_MAX_PRODUCTS, restart the workers and {AGAIN}; else {CORRECT}",
    codes.WRONG_TYPE: f"Mend what writes the field that the reason names, and {CORRECT}",
    codes.ABSURD_QUANTITY: f"If the quantity is right, raise KAIROS_MAX_QUANTITY, restart the workers and {AGAIN}; "
    f"else {CORRECT}",
    codes.UNKNOWN_CURRENCY: f"Add the currency to KAIROS_RATES, restart the workers and {AGAIN}",
    codes.NOT_SUPPORTED: "There is no erasure yet: see to it by other means. Sent again, it is refused again",
    MISROUTED: "Set KAIROS_PARTITIONER to what your producers use (murmur2: Java, kafka-python, Segment; crc32: "
    "librdkafka; fnv1a: RudderStack) and restart the workers, or mend the producer; "
    f"then {AGAIN}, which puts it in the right partition",
    UNDELIVERABLE: "Mend the endpoint, or what the endpoints file says of it (`kairos act --check`); then, while the "
    f"message still holds, {AGAIN}, which goes to this endpoint alone",
}
ORDER = "The order counts already, but without its amount, which the message supplies when it comes again and reads"
CUT = "Only the beginning of the record is here, which is never sent; the sender has the rest"


def advice(letter: DeadLetter, *, order: bool = False) -> str:
    """What to do; `order` says that the letter's order was folded as one of unknown value."""
    told = [
        ADVICE.get(letter.code, f"A code of a newer version, see its docs/contract.md; once the cause is gone, {AGAIN}")
    ]
    told += [ORDER] * order + [CUT] * truncated(letter)
    return "".join(f"{sentence}. " for sentence in told).rstrip().replace("{id}", letter.id)
