"""Who is left alone, to compare with: a sticky share of the shoppers, drawn anew for each programme of messages."""

from __future__ import annotations

from hashlib import blake2b

from models.kernel.outputs import Arm

BITS = 64


def arm(user: str, programme: str, share: float) -> Arm:
    """The group of a shopper, the same for ever. With a larger share shoppers only join the holdout.

    Parameters
    ----------
    share
        Of the holdout, from 0 to 1.

    >>> arms = [arm(f"u{n}", "carts", 0.1) for n in range(1_000)]
    >>> arms.count("holdout"), [arm("u7", programme, 1.0) for programme in ("carts", "churn")]
    (83, ['holdout', 'holdout'])
    """
    drawn = blake2b(f"{programme}\0{user}".encode(), digest_size=BITS // 8).digest()
    return "holdout" if int.from_bytes(drawn, "big") < share * (1 << BITS) else "treated"
