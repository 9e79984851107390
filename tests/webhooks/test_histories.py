"""What endpoints get, over random histories with faults, kills and restarts, against rules restated from the log and
from what arrived alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec
import pytest

from sinks.deliveries import Delivery
from sinks.webhooks import courier
from sinks.webhooks.endpoints import Endpoint
from tests.webhooks.histories import live
from tests.webhooks.virtual import run
from tests.webhooks.world import BEGIN, LOOK, MINUTE, Said, World

TOGETHER = 25
"""Histories a test."""
PATIENCE = 86_400.0


@pytest.fixture(autouse=True)
def _no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is to happen is to happen because somebody was told, not since it is looked at each second."""
    monkeypatch.setattr(courier, "TICK", 20 * MINUTE)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "block" in metafunc.fixturenames:
        metafunc.parametrize("block", range(-(-metafunc.config.getoption("--histories") // TOGETHER)))


def test_every_message_arrives_once_in_time_and_in_order_unless_it_was_taken_back(block: int) -> None:
    for seed in range(block * TOGETHER, (block + 1) * TOGETHER):
        world = World(seed)
        run(live(world))
        for endpoint in world.endpoints:
            problems = list(judged(world, endpoint))
            assert not problems, f"seed {seed}, {endpoint.name}: {problems[:5]}"


def judged(world: World, endpoint: Endpoint) -> Iterator[str]:
    """What is wrong with what an endpoint got."""
    everything = [said for log in world.log.values() for said in log]
    mine = [said for said in everything if wants(endpoint, said)]
    yield from _in_time(world, endpoint, everything)
    yield from _in_order(world, endpoint, mine)
    yield from _accounted(world, endpoint, mine)
    if strangers := {attempt.id for attempt in world.attempts[endpoint.name]} - {it.message["id"] for it in mine}:
        yield f"not for it: {strangers}"
    for queue in world.idle:
        if left := [entry.head.id for lane in queue.lanes.values() for entry in lane.entries.values()]:
            yield f"still waiting: {left}"


def wants(endpoint: Endpoint, said: Said) -> bool:
    message = said.message
    asks = "expires_at" in message
    return (
        said.place.topic in endpoint.topics
        and (not endpoint.kinds or message["kind"] in endpoint.kinds)
        and (not endpoint.channels or not asks or bool(set(endpoint.channels) & set(message["channels"])))
    )


def _first(world: World, endpoint: Endpoint) -> dict[str, float]:
    """When it got each message first."""
    first: dict[str, float] = {}
    for attempt in world.attempts[endpoint.name]:
        if attempt.taken:
            first.setdefault(attempt.id, attempt.arrived)
    return first


def _in_time(world: World, endpoint: Endpoint, everything: list[Said]) -> Iterator[str]:
    messages = {said.message["id"]: said.message for said in everything}
    for attempt in world.attempts[endpoint.name]:
        expires = messages[attempt.id].get("expires_at")
        if expires is not None and attempt.arrived * 1000 + BEGIN > expires + 1:
            yield f"{attempt.id} came {attempt.arrived:.3f}, after it expired"
    taken_back = {message: said.at for said in everything for message in said.message.get("retract", ())}
    for began, message in world.begun[endpoint.name]:
        if began > taken_back.get(message, float("inf")) + LOOK + 0.1:
            yield f"{message} was sent at {began:.3f}, taken back at {taken_back[message]:.3f}"


def _in_order(world: World, endpoint: Endpoint, mine: list[Said]) -> Iterator[str]:
    """A later message comes after an earlier one; where a process ended with that on the wire, after its attempt; where
    one was replaced and did not notice, which it does within seconds, after that."""
    first, sent = _first(world, endpoint), dict[str, float]()
    for attempt in world.attempts[endpoint.name]:
        if attempt.taken:
            ends = [end for end in world.ends if attempt.began < end < attempt.arrived]
            replaced = [at for at in world.takeovers if attempt.began - courier.SURE / 1000 < at < attempt.arrived]
            cut = attempt.began if ends or replaced else attempt.arrived
            sent.setdefault(attempt.id, min([cut, *replaced]))
    last: dict[object, tuple[float, str]] = defaultdict(lambda: (0.0, ""))
    for said in mine:
        message, key = said.message["id"], (said.place, said.message["user_id"])
        if message in first:
            if first[message] < last[key][0]:
                yield f"{message} came before {last[key][1]}"
            last[key] = sent[message], message


def _accounted(world: World, endpoint: Endpoint, mine: list[Said]) -> Iterator[str]:
    """Nothing is lost: what did not arrive has a reason that is true."""
    first, fates, done = _first(world, endpoint), defaultdict(set), dict[str, float]()
    attempted = {message for _, message in world.begun[endpoint.name]}
    for value in world.store.ended.get(endpoint.name, []):
        delivery = msgspec.json.decode(value, type=Delivery)
        fates[delivery.id].add(delivery.fate)
        done[delivery.id] = (delivery.at - BEGIN) / 1000
    known = {said.message["id"]: said for log in world.log.values() for said in log}
    taken_back = {message for said in known.values() for message in said.message.get("retract", ())}
    for said in mine:
        message, ident = said.message, said.message["id"]
        if ident in first:
            if fates[ident] >= {"delivered"} or fates[ident]:
                continue
            yield f"{ident} came, and nobody wrote it down"
        elif "delivered" in fates[ident]:
            yield f"{ident} never came, though it is said so"
        elif "expired" in fates[ident] and "expires_at" in message:
            if endpoint.keep > len(mine) and _owed(world, said, mine, done):
                yield f"{ident} expired, though all was well"
        elif "retracted" in fates[ident] and ident in taken_back:
            continue
        elif "undeliverable" in fates[ident] and ident in world.letters[endpoint.name]:
            if ident not in world.poison and not _long_tried(world, endpoint, ident):
                yield f"{ident} is a dead letter without need"
        elif message.get("retract") and message["kind"] in ("cancelled", "cleared"):
            if any(gone in first for gone in message["retract"]):
                yield f"{ident} was not sent, and takes back what came"
        else:
            yield f"{ident} is lost: {fates[ident]}"
    yield from _needless(world, endpoint, mine, attempted, known)


def _owed(world: World, said: Said, mine: list[Said], done: dict[str, float]) -> bool:
    """Whether a message was appended where all was well, and had to arrive: none before it was still tried."""
    before = [it for it in mine if it.message["user_id"] == said.message["user_id"] and it.at < said.at]
    clear = all(done.get(it.message["id"], said.at + 1) < said.at for it in before)
    valid = said.message["expires_at"] - BEGIN - said.at * 1000
    return (
        said.at > world.healthy + MINUTE and clear and valid >= MINUTE * 1000 and said.message["id"] not in world.poison
    )


def _long_tried(world: World, endpoint: Endpoint, message: str) -> bool:
    begun = [at for at, ident in world.begun[endpoint.name] if ident == message]
    return max(begun) - min(begun) > PATIENCE / 2


def _needless(
    world: World, endpoint: Endpoint, mine: list[Said], attempted: set[str], known: dict[str, Said]
) -> Iterator[str]:
    """What only takes something back is not sent where that was never sent, nor can have been."""
    if endpoint.kinds and not {"triggered", "raised", "suppressed"} & set(endpoint.kinds):
        return
    for said in mine:
        gone = said.message.get("retract", ())
        if said.message["id"] not in attempted or not gone or said.message["kind"] == "recovered":
            continue
        for message in gone:
            ended_since = any(end > known[message].at for end in world.ends)
            if message not in attempted and not (wants(endpoint, known[message]) and ended_since):
                yield f"{said.message['id']} was sent, though {message} never was"
