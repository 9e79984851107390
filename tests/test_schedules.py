"""Seeded schedules: a shard that crashes, is taken over, and whose store fails ends up where the plain reference does.

``pytest tests/test_schedules.py --schedules 20000`` runs more of them. A failure names its seed;
``check(seed)`` repeats it.
"""

from __future__ import annotations

import json
from collections import Counter
from random import Random

import msgspec
import pytest

from models.features import ShopSettings
from models.kernel.settings import DAY, HOUR
from models.kernel.vocabulary import Vocabulary
from tests.reference.compare import (
    at_stake,
    counts_of_engine,
    counts_of_reference,
    told_by_engine,
    told_by_reference,
)
from tests.reference.driver import Driver, straight
from tests.reference.facts import differences, facts_of_engine, facts_of_reference
from tests.reference.heat import heat_of_engine, heat_of_reference
from tests.reference.histories import CLOSE, Shape, history
from tests.reference.logs import INPUTS, Logs
from tests.reference.rings import hours_of_engine, hours_of_reference, minutes_of_engine, minutes_of_reference
from tests.reference.tags import RULES
from tests.reference.turns import Turns
from tests.reference.wall import WallDriver
from tests.reference.world import World

BLOCK = 50
WALL = Shape(paces=("moments",), oldest=HOUR, astray=0, partitions=1, final_tick=0, stories=0)
"""Within a few hours (no stories of many days) and with every event in its own topic, so that no ring forgets and no
report overtakes another."""
SHARED_WALL = WALL._replace(partitions=3)
CONVERGING = ("cleared", "contents", "orders", "valid", "gross", "net", "frequency", "monetary", "occasions", "gap")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Blocks of seeds, so that several processes share them."""
    count = metafunc.config.getoption("--schedules")
    if "event_block" in metafunc.fixturenames:
        metafunc.parametrize("event_block", range(0, count, BLOCK))
    if "wall_block" in metafunc.fixturenames:
        metafunc.parametrize("wall_block", range(0, max(count // 5, 1), BLOCK))


def check(seed: int) -> Driver:
    """One schedule of one shard under ``clock=event``: everything equals the reference."""
    logs = history(seed // 2)
    logs.settings = msgspec.structs.replace(logs.settings, misrouted=("reject", "forward")[seed // 2 % 2])
    driver = Driver(logs, seed % 2, Random(-seed - 1))
    driver.run()
    world = logs.world(driver.partition)
    compare(driver, world, logs.settings)
    assert driver.shard.watermark == max(world.watermark, 0)
    return driver


def check_wall(seed: int, monkeypatch: pytest.MonkeyPatch) -> WallDriver:
    """One schedule of one shard under ``clock=wall``: everything equals the reference, given what was folded when."""
    logs = history(seed // 2)
    driver = WallDriver(logs, seed % 2, Random(-seed - 1), monkeypatch)
    driver.run()
    logs_read = logs.shard(driver.partition)
    world = World(driver.partition, logs.partitions, INPUTS, logs.settings).follow(logs_read, driver.store.batches)
    assert {topic: len(log) for topic, log in logs_read.items() if log} == world.offsets
    compare(driver, world, logs.settings)
    return driver


def compare(driver: Driver, world: World, settings: ShopSettings) -> None:
    """Everything that the engine said, stored and counted is what the reference says it should be."""
    store, partition = driver.store, driver.partition
    assert told_by_engine(driver.published) == told_by_reference(world)
    assert differences(facts_of_reference(world), facts_of_engine(store, partition, settings)) == []
    expected, stats = counts_of_reference(world), store.stats(partition)
    kinds = (
        "alerts",
        "carts",
        "dead:",
        "forward",
        "out:",
        "revenue:",
        "rf",
        "visits:",
        "bot",
        "trials:",
        "conversions:",
        *RULES,
    )
    names = expected.keys() | {name for name in stats if name.startswith(kinds)}
    assert counts_of_engine(stats, names) == expected
    assert int(stats.get("at_stake", "0")) == at_stake(driver.published, world)
    listed = [cart for shopper in world.shoppers.values() for cart in shopper.carts.listed(shopper.history)]
    dearest = sorted(listed, key=lambda cart: (-cart[0], cart[1:3]))
    assert json.loads(stats.get("top_carts", "[]")) == [list(cart) for cart in dearest]
    assert heat_of_engine(stats) == heat_of_reference(world)
    assert minutes_of_engine(stats) == minutes_of_reference(world)
    assert hours_of_engine(stats) == hours_of_reference(world)
    assert store.offsets(partition) == world.offsets
    assert store.timers(partition).keys() == world.shoppers.keys()


def test_the_state_and_the_outputs_equal_the_reference(event_block: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(event_block, event_block + BLOCK):
        try:
            driver = check(seed)
        except Exception as error:
            raise AssertionError(f"schedule {seed}: {error}") from error
        met.update(driver.misfortune.seen)
        met["fenced"] += driver.fenced
    everything = {"after_fold", "after_apply", "mid_outbox", "before_ack", "apply lost", "apply unanswered", "fenced"}
    assert everything <= {what for what, count in met.items() if count}


def test_shards_that_share_turns_equal_the_reference_each(wall_block: int) -> None:
    """One fails, is fenced or is not answered while others commit in the same turn."""
    met: Counter[str] = Counter()
    for seed in range(wall_block, wall_block + BLOCK):
        try:
            turns = Turns(history(seed), Random(-seed - 1))
            turns.run()
            for driver in turns.drivers:
                compare(driver, driver.source.world(driver.partition), driver.settings)
        except Exception as error:
            raise AssertionError(f"schedule {seed}: {error}") from error
        met.update(turns.mixed)
    assert {"Fenced", "Unavailable", "Refused", "Crash"} <= met.keys()


def test_the_wall_clock_says_what_the_reference_says_of_the_same_interleaving(
    wall_block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: Counter[str] = Counter()
    for seed in range(wall_block, wall_block + BLOCK):
        try:
            driver = check_wall(seed, monkeypatch)
        except Exception as error:
            raise AssertionError(f"schedule {seed}: {error}") from error
        met["held"] += sum(batch.hold for batch in driver.store.batches)
        met["history"] += int(driver.store.stats(driver.partition).get("history_skipped", "0"))
    assert met["held"] > 0 < met["history"]


def test_facts_about_orders_and_carts_converge_under_the_wall_clock(wall_block: int) -> None:
    for seed in range(wall_block, wall_block + BLOCK):
        logs = history(seed, WALL)
        logs.tick(DAY)
        driver = Driver(logs, 0, Random(-seed - 1), clock="wall")
        driver.now += DAY  # nothing of it is still to come
        driver.run()
        ours, theirs = (
            {user: {name: facts[name] for name in CONVERGING} for user, facts in account.items()}
            for account in (facts_of_reference(logs.world()), facts_of_engine(driver.store, 0, logs.settings))
        )
        assert differences(ours, theirs) == [], f"schedule {seed}"


def test_shards_that_share_turns_converge_under_the_wall_clock(wall_block: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(wall_block, wall_block + BLOCK):
        logs = history(seed, SHARED_WALL)
        logs.tick(DAY)
        turns = Turns(logs, Random(-seed - 1), "wall")
        for driver in turns.drivers:
            driver.now += DAY
        turns.run()
        for driver in turns.drivers:
            ours, theirs = (
                {user: {name: facts[name] for name in CONVERGING} for user, facts in account.items()}
                for account in (
                    facts_of_reference(logs.world(driver.partition)),
                    facts_of_engine(driver.store, driver.partition, logs.settings),
                )
            )
            assert differences(ours, theirs) == [], f"schedule {seed}, shard {driver.partition}"
        met.update(turns.mixed)
    assert {"Fenced", "Unavailable", "Refused", "Crash"} <= met.keys()


def test_carts_around_their_orders_equal_the_reference(event_block: int) -> None:
    for seed in range(2 * event_block, 2 * event_block + 2 * BLOCK):
        logs = history(seed, CLOSE)
        world, (store, published) = logs.world(), straight(logs)
        assert told_by_engine(published) == told_by_reference(world), f"seed {seed}"
        ours, theirs = facts_of_reference(world), facts_of_engine(store, 0, logs.settings)
        assert differences(ours, theirs) == [], f"seed {seed}"
        expected = counts_of_reference(world)
        assert counts_of_engine(store.stats(0), expected) == expected, f"seed {seed}"


def test_names_the_vocabulary_has_no_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are stored as they are, and tags are made of them all the same."""
    monkeypatch.setattr(Vocabulary, "id", lambda self, name: name)
    for seed in range(20):
        logs = history(seed)
        world, (store, published) = logs.world(), straight(logs)
        assert told_by_engine(published) == told_by_reference(world), f"seed {seed}"
        ours, theirs = facts_of_reference(world), facts_of_engine(store, 0, logs.settings)
        assert differences(ours, theirs) == [], f"seed {seed}"


def test_more_orders_than_a_profile_lists() -> None:
    """What has left the list of the newest 16 still counts, in money, in decayed sums, in gaps, in tags."""
    for seed in range(8):
        rng, logs, now = Random(seed), Logs(settings=ShopSettings(table_every=0)), 0
        for number in range(40):
            now += rng.choice([0, HOUR, 5 * DAY, 40 * DAY])
            coupon, revenue = rng.choice(["", "SAVE"]), rng.randrange(1, 300) * rng.choice([1, 1, 1, 1, 50])
            logs.track("Order Completed", "u", now, order_id=f"o{number}", revenue=revenue, coupon=coupon)
            if rng.random() < 0.3:
                name = f"o{rng.randrange(max(0, number - 10), number + 1)}"
                logs.track("Order Refunded", "u", now, order_id=name, refund_id=f"r{number}", revenue=rng.randrange(99))
        logs.tick(now + 1)
        world, (store, published) = logs.world(), straight(logs)
        assert told_by_engine(published) == told_by_reference(world), f"seed {seed}"
        ours, theirs = facts_of_reference(world), facts_of_engine(store, 0, logs.settings)
        del ours["u"]["orders"]
        assert differences(ours, theirs) == [], f"seed {seed}"
