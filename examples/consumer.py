"""A consumer of what Kairos says: acts on each message once, on none too late, on none that was taken back.

    KAFKA_URL=127.0.0.1:9092 REDIS_URL=redis://127.0.0.1:6379/0 python examples/consumer.py --hold 60

It needs kafka-python and redis, and nothing of Kairos: copy it, and put your own `act` and `retract` in. What it relies
on is told in docs/delivery.md.

    topics ──▶ take: repeats and what has expired are dropped; what asks for action goes into a queue in Redis, and out
                │    of it again if it ends before it was acted on
                ▼
    queue  ──▶ act, in the order of arrival, each after it was held back for a while; then offsets are committed

Whatever fails ends the process. Started again, it reads on from the last commit and drops what it knows.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import CommitFailedError
from redis import Redis

Message = dict[str, Any]

TOPICS = ["cart-abandonments", "churn-alerts"]
KEEP = 31 * 24 * 3600
"""Seconds to remember an id: longer than anything asks for action (churn alerts: 30 days)."""
AT_ONCE = 100

TAKE = """#!lua
-- KEYS: mark of the id, queue, messages, marks of retracted ids ...   ARGV: seconds, subject, time, message or ''
if not redis.call('SET', KEYS[1], 1, 'NX', 'EX', ARGV[1]) then return 'repeat' end
for i = 4, #KEYS do redis.call('SET', KEYS[i], 1, 'EX', ARGV[1]) end
if ARGV[4] == '' then
    redis.call('ZREM', KEYS[2], ARGV[2])
    redis.call('HDEL', KEYS[3], ARGV[2])
    return 'ended'
end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[2])
redis.call('HSET', KEYS[3], ARGV[2], ARGV[4])
return 'queued'
"""
"""Remembers the id and does what follows, in one step: a crash cannot part them."""


def act(message: Message) -> None:
    """Send the reminder, start the campaign ... Here: a line (as JSON, for ids are what strangers sent)."""
    print("act", json.dumps([message["kind"], message["user_id"], message["id"]]), flush=True)


def retract(earlier: str) -> None:
    """What was said by the message of this id was wrong: if it was acted on, do not count it. Here: a line."""
    print("retract", earlier, flush=True)


def subject(message: Message) -> str:
    """What a message is about: a cart left at a time, or a shopper who is overdue. What ends it is about the same."""
    user = message["user_id"]
    return json.dumps([user, message["cart_id"], message["anchor"]] if "cart_id" in message else [user])


class Actions:
    """The queue of what is to be done, and the memory of what was said.

    Parameters
    ----------
    redis
        Holds both; it must not evict.
    hold
        Seconds an action waits, so that it can still be taken back: an order may come just after the reminder fell due.
    now
        The time in seconds. `expires_at` is event time: it is compared with this as long as the shop's clocks are
        right. Where history is replayed, everything has expired, as it should have.
    name
        What keys in Redis begin with.
    """

    def __init__(self, redis: Redis, hold: float, now: Callable[[], float] = time.time, name: str = "actions") -> None:
        self._redis, self._hold, self._now = redis, hold, now
        self._name = f"{{{name}}}"  # in braces: the keys of a script share a slot of a cluster
        self._queue, self._messages = f"{self._name}:queue", f"{self._name}:messages"
        self._take = redis.register_script(TAKE)

    def take(self, message: Message) -> str:
        """Take one message; what became of it: `repeat`, `expired`, `queued` or `ended`."""
        asks = "expires_at" in message
        if asks and self._late(message):
            return "expired"
        mark, earlier = self._mark(message["id"]), message.get("retract", [])
        if earlier and not self._redis.exists(mark):
            for wrong in earlier:  # before this is remembered: after a crash rather twice than never
                retract(wrong)
        keys = [mark, self._queue, self._messages, *map(self._mark, earlier)]
        outcome = self._take(keys, [KEEP, subject(message), self._now(), json.dumps(message) if asks else ""])
        return str(outcome, "ascii")

    def act(self) -> None:
        """Act on what has waited long enough. It leaves the queue before: a crash in between loses an action, where the
        other order would do it twice. Choose what is worse for yours."""
        until = self._now() - self._hold
        while due := self._redis.zrange(self._queue, "-inf", until, byscore=True, offset=0, num=AT_ONCE):
            for about in due:
                message = self._out_of_the_queue(about)
                if message is not None and not self._late(message):
                    act(message)

    def _out_of_the_queue(self, about: Any) -> Message | None:
        """What was to be done; None if another process was faster."""
        with self._redis.pipeline(transaction=True) as transaction:
            transaction.hget(self._messages, about)
            transaction.hdel(self._messages, about)
            transaction.zrem(self._queue, about)
            value, *_ = transaction.execute()
        return None if value is None else json.loads(value)

    def _late(self, message: Message) -> bool:
        return bool(message["expires_at"] <= self._now() * 1000)

    def _mark(self, message_id: str) -> str:
        return f"{self._name}:said:{message_id}"


def run(consumer: KafkaConsumer, actions: Actions, stop: threading.Event) -> None:
    """Take, act, commit, until `stop` is set."""
    while not stop.is_set():
        polled = consumer.poll(timeout_ms=500)
        for records in polled.values():
            for record in records:
                actions.take(json.loads(record.value))
        actions.act()
        if polled:
            commit(consumer)


def commit(consumer: KafkaConsumer) -> None:
    """After acting, never before. Where the partitions are another's by now, it gets all of it again: repeats."""
    try:
        consumer.commit()
    except CommitFailedError as error:
        print("not committed:", error, flush=True)


def main() -> None:
    """Run until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(description="Act on what Kairos says. Reads KAFKA_URL and REDIS_URL.")
    parser.add_argument("topics", nargs="*", default=TOPICS, help="default: %(default)s")
    parser.add_argument("--group", default="actions", help="the consumer group")
    parser.add_argument("--hold", type=float, default=60, help="seconds before it acts (%(default)s)")
    asked = parser.parse_args()
    for name in ("KAFKA_URL", "REDIS_URL"):
        if not os.environ.get(name):
            parser.error(f"{name} is not set: where is it? See the first lines of this file")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    consumer = KafkaConsumer(
        *asked.topics,
        bootstrap_servers=os.environ["KAFKA_URL"].split(","),
        group_id=asked.group,
        auto_offset_reset="earliest",  # a new group begins with the oldest; what has expired is dropped
        enable_auto_commit=False,
    )
    with Redis.from_url(os.environ["REDIS_URL"]) as redis:
        run(consumer, Actions(redis, asked.hold, name=asked.group), stop)
    consumer.close(autocommit=False)


if __name__ == "__main__":
    main()
