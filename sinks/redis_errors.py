"""What a Redis error means for a store: try again, or call somebody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis import exceptions as errors

from sinks.store import Refused, StoreError, Unavailable

ADVICE = {
    "OOM": "Redis is out of memory: raise maxmemory or free some, and keep maxmemory-policy at noeviction",
    "READONLY": "this Redis is a replica: point REDIS_URL at the primary",
    "WRONGTYPE": "a key of this namespace was written by something else: choose another namespace, or remove that key",
    "MISCONF": "Redis cannot save to disk and takes no writes: free disk space, or look into its log",
    "NOPERM": "the Redis user lacks rights: docs/redis-keys.md lists what it needs",
    "NOAUTH": "Redis wants a password: put it into REDIS_URL",
    "WRONGPASS": "Redis does not take this user or password: correct REDIS_URL",
    "COMPILE": "this server is older than Redis 7, whose scripts can refuse before their first write: upgrade it",
    "FEED": "the feed was written by something else, or restored apart from the rest: remove that key",
}
"""By the first word of the server's answer: what to do."""

PASSING = ("BUSY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS")
"""Answers that will change without anybody's help."""

LOGIN = (errors.AuthenticationError, errors.AuthorizationError)  # redis-py calls these connection errors
WORDS = {errors.OutOfMemoryError: "OOM", errors.ReadOnlyError: "READONLY", errors.NoPermissionError: "NOPERM"}
"""redis-py drops the first word of some answers and raises a class of their own."""


def explain(error: Exception) -> StoreError:
    """The store's error for redis-py's.

    >>> explain(errors.ReadOnlyError("You can't write against a read only replica."))
    Refused("this Redis is a replica: point REDIS_URL at the primary (You can't write against a read only replica.)")
    >>> type(explain(errors.TimeoutError("Timeout reading from socket"))).__name__
    'Unavailable'
    """
    text = str(error)
    first = text.split(" ", 1)[0]
    if isinstance(error, LOGIN):
        word = "NOAUTH" if "required" in text else "WRONGPASS"
        return Refused(f"{ADVICE[word]} ({text})")
    if first in PASSING or isinstance(error, errors.ClusterError | errors.TryAgainError):
        return Unavailable(text)
    if isinstance(error, errors.ResponseError):
        word = "COMPILE" if "compiling script" in text else WORDS.get(type(error), first)
        advice = ADVICE.get(word)
        return Refused(f"{advice} ({text})" if advice else text)
    return Unavailable(text or type(error).__name__)


@contextmanager
def store_errors() -> Iterator[None]:
    """Raise StoreError where redis-py raises its own; everything else passes."""
    try:
        yield
    except (errors.RedisError, errors.RedisClusterException) as error:
        raise explain(error) from error
