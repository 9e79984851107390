"""Mutation fuzzing: whatever comes, it ends as applied, a duplicate or a dead letter, and costs no more than its size.

``pytest tests/test_mutations.py --mutations 1000000`` feeds more of it. A failure names its seed; ``shop(seed)``
repeats it.
"""

from __future__ import annotations

from itertools import islice
from statistics import median

import msgspec
import pytest
from msgspec.structs import replace

from models.decoding.rejections import PRECEDENCE
from models.features import ShopSettings
from models.kernel.partition import partitioner
from models.kernel.settings import DAY
from models.profile import codec
from models.profile.describe import describe
from streams.batch import MISROUTED
from tests.fuzz import oracle
from tests.fuzz.mutations import PARTITIONS, mutants
from tests.fuzz.shop import SETTINGS, MutantShop

BLOCK = 10_000
CHUNK = 1_000
CODES = {*PRECEDENCE, MISROUTED}
LARGEST = 8 * 1024
"""Bytes of a profile, at most."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Blocks of mutations, so that several processes share them."""
    if "block" in metafunc.fixturenames:
        metafunc.parametrize("block", range(0, metafunc.config.getoption("--mutations"), BLOCK))


def shop(seed: int, count: int = BLOCK, settings: ShopSettings = SETTINGS) -> MutantShop:
    """A shop after so many mutations and a last tick."""
    found, coming = MutantShop(settings), mutants(seed, count)
    while some := list(islice(coming, CHUNK)):
        found.feed(some)
    found.close()
    return found


def steady(found: MutantShop) -> bool:
    """Whether no chunk took much more CPU time for its size than the others."""
    return max(found.costs) <= 10 * median(found.costs)


def check(found: MutantShop) -> None:
    """Every record has one of three outcomes, or is a tick; and what is stored can be read."""
    counts = found.counts()
    read = {place: mutant for place, mutant in found.records.items() if mutant is not None}
    ticks = counts["ticks"] - (len(found.records) - len(read))
    assert 0 <= ticks <= sum(oracle.is_tick(mutant.value) for mutant in read.values())
    assert counts["applied"] + counts["duplicates"] + counts["dead_letters"] == counts["events"] == len(read) - ticks
    by_code = {name[5:]: n for name, n in counts.items() if name.startswith("dead:")}
    assert by_code.keys() <= CODES
    assert sum(by_code.values()) == counts["dead_letters"] == len(found.letters)
    for place, mutant in read.items():
        try:
            oracle.check(mutant, found.letters.get(place))
        except AssertionError as error:
            shown = repr(mutant)[:3_000], repr(found.letters.get(place))[:1_000]
            raise AssertionError(f"{place}: {shown}: {error}") from error
    stored(found)


def stored(found: MutantShop) -> None:
    """Profiles can be read, are small, and are where they belong."""
    for partition in range(PARTITIONS):
        vocabulary = found.store.vocab(partition)
        for user, packed in found.store.profiles(partition):
            assert len(packed) <= LARGEST
            msgspec.json.encode(describe(codec.decode(packed), vocabulary, SETTINGS))
            assert partitioner(SETTINGS.partitioner)(user.encode(), PARTITIONS) == partition


def test_every_mutation_is_applied_a_duplicate_or_a_dead_letter(block: int) -> None:
    found = shop(block)
    check(found)
    counts = found.counts()
    assert min(counts["applied"], counts["duplicates"], counts["orders"]) > BLOCK // 100
    assert {f"dead:{code}" for code in PRECEDENCE} <= counts.keys()
    assert 0 < counts["forwarded"] == counts["forward_taken"]
    assert not counts["forward_repeats"] + counts["dead:misrouted"]
    assert steady(found) or any(steady(shop(block)) for _ in range(3)), f"a chunk is slow every time: {found.costs}"


def test_the_same_where_nothing_is_forwarded(pytestconfig: pytest.Config) -> None:
    found = shop(-2, pytestconfig.getoption("--mutations") // 20, replace(SETTINGS, misrouted="reject"))
    check(found)
    assert found.counts()["dead:misrouted"] > 0 == found.counts()["forwarded"]


def test_the_same_with_tables(pytestconfig: pytest.Config) -> None:
    settings = replace(SETTINGS, table_every=DAY, table_buyers=1, table_history=0)
    found = shop(-1, pytestconfig.getoption("--mutations") // 20, settings)
    check(found)
    assert found.store.tables("cuts")
