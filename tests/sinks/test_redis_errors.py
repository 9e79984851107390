"""Answers of servers that tests cannot bring about here, as Redis 6 and 7 word them."""

from __future__ import annotations

import pytest
from redis import exceptions as errors

from sinks.redis_errors import explain
from sinks.store import Refused, Unavailable


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist on disk.", "disk"),
        ("Error compiling script (new function): user_script:1: unexpected symbol near '#'", "older than Redis 7"),
        ("WRONGTYPE Operation against a key holding the wrong kind of value", "another namespace"),
        ("unknown command 'EVALSHA'", "^unknown command"),
    ],
)
def test_somebody_must_act(answer: str, advice: str) -> None:
    error = explain(errors.ResponseError(answer))
    assert isinstance(error, Refused)
    with pytest.raises(Refused, match=advice):
        raise error


@pytest.mark.parametrize(
    "error",
    [
        errors.BusyLoadingError("Redis is loading the dataset in memory"),
        errors.ResponseError("BUSY Redis is busy running a script. You can only call SCRIPT KILL"),
        errors.ResponseError("NOREPLICAS Not enough good replicas to write."),
        errors.ClusterDownError("CLUSTERDOWN The cluster is down"),
        errors.MasterDownError("MASTERDOWN Link with MASTER is down"),
        errors.TryAgainError("TRYAGAIN Multiple keys request during rehashing of slot"),
        errors.ConnectionError("Connection closed by server."),
        errors.TimeoutError("Timeout reading from socket"),
        errors.InvalidResponse("Protocol Error"),
    ],
)
def test_it_may_pass(error: errors.RedisError) -> None:
    assert isinstance(explain(error), Unavailable)
