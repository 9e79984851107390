"""The random histories reach every tag and leave it again: else comparing them with the engine would prove nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from models.kernel.outputs import USER_TAGS
from tests.reference.histories import history
from tests.reference.tags import RULES

pytestmark = pytest.mark.slow

HISTORIES = 60


def test_every_end_matches_a_beginning() -> None:
    for seed in range(HISTORIES):
        held: dict[tuple[str, object], int | None] = {}
        for said in history(seed).world().said:
            what = (said.user, said.about)
            if said.topic == USER_TAGS and said.kind == "entered":
                assert what not in held
                held[what] = said.as_of
            elif said.topic == USER_TAGS:
                assert held.pop(what) == said.since


def test_every_family_is_entered_and_exited_and_forgotten() -> None:
    met: Counter[tuple[str, str]] = Counter()
    tiers: Counter[object] = Counter()
    for seed in range(HISTORIES):
        logs = history(seed)
        said = [s for p in range(logs.partitions) for s in logs.world(p).said if s.topic == USER_TAGS]
        for s in said:
            tag = str(s.about)
            family = tag.split(":", maxsplit=1)[0]
            met[family, "forgotten" if s.forgotten else s.kind] += 1
            tiers[s.kind, tag] += tag.startswith("value:")
    families = {family.rstrip(":") for family in RULES}
    rare = {("hesitating", "forgotten"), ("unusual_order", "forgotten"), ("second_order_due", "forgotten")}
    wanted = {(family, how) for family in families for how in ("entered", "exited", "forgotten")} - rare
    assert wanted - met.keys() == set()
    assert all(tiers[kind, f"value:{tier}"] for kind in ("entered", "exited") for tier in ("low", "medium", "high"))
    assert met["bot", "entered"]
