"""Random histories meet whatever may become of a message that asks for action, so that comparing tells something."""

from __future__ import annotations

from collections import Counter

from tests.reference.histories import CLOSE, Shape, history
from tests.reference.world import World
from tests.topics import CART_ABANDONMENTS, CHURN_ALERTS

HISTORIES = 60
DRIFTING = Shape(60, 1, ("days",), bad=0, stories=1, late=(0,))
"""Many stories, and little else."""
CARTS = {
    *("triggered", "triggered later", "recovered", "recovered later", "recovered, others retracted", "cancelled"),
    *("expired", "expired holdout", "recovered holdout", "consent withdrawn"),
    *(f"suppressed {why}" for why in ("consent", "unidentified", "stale", "holdout", "cap")),
    *(f"suppressed later {why}" for why in ("consent", "unidentified", "stale", "holdout", "cap")),
}
CHURN = {"raised", "cleared", "consent withdrawn", "suppressed consent", "suppressed holdout"}
"""A cap reached by then is worked by hand (test_acting_examples.py)."""


def met_by(world: World) -> Counter[str]:
    """What was said and counted of messages that ask for action, in words."""
    met: Counter[str] = Counter()
    for said in world.said:
        words = [said.kind]
        if said.topic == CART_ABANDONMENTS:
            assert isinstance(said.about, tuple)
            words += ["later"] if said.about[2] > 1 else []
            words += [said.arm] if said.kind in ("recovered", "expired") and said.arm == "holdout" else []
            met["carts: checkout"] += said.stage == "checkout"
            met["carts: recovered, others retracted"] += said.kind == "recovered" and said.retracts != ()
        elif said.topic != CHURN_ALERTS:
            continue
        words += [said.reason] if said.kind == "suppressed" else []
        topic = "carts" if said.topic == CART_ABANDONMENTS else "churn"
        met[f"{topic}: {' '.join(words)}" if said.reason != "consent withdrawn" else f"{topic}: {said.reason}"] += 1
    met.update(name for _, name in world.hours if name.startswith("deferred:"))
    for name, n in world.counts.items():
        if name.startswith(("trials:", "conversions:")):
            kind, programme, _, arm = name.split(":")
            met[f"{kind} {programme} {arm}"] += n
    met["dropped"] += world.counts["reminders_dropped"]
    return met


def test_everything_is_met() -> None:
    met: Counter[str] = Counter()
    for seed in range(HISTORIES):
        met.update(met_by(history(seed).world()))
        met.update(met_by(history(seed, CLOSE).world()))
        met.update(met_by(history(seed, DRIFTING).world()))
    expected = {f"carts: {words}" for words in CARTS} | {f"churn: {words}" for words in CHURN}
    expected |= {"carts: checkout", "deferred:active", "deferred:quiet", "dropped"}
    expected |= {f"{kind} carts {arm}" for kind in ("trials", "conversions") for arm in ("treated", "holdout")}
    expected |= {"trials churn treated", "trials churn holdout", "conversions churn treated"}
    assert {words for words in expected if not met[words]} == set()
