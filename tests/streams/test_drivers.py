"""What a driver has to bring."""

from __future__ import annotations

import pytest
from faust.transport import base

from streams.transport import kafka, memory
from streams.transport.consumer import ChunkConsumer

BROUGHT = {"_read", "_log_end", "_bounds", "_partition_counts", "is_member", "missing"}


def test_a_driver_that_lacks_something_cannot_be_made() -> None:
    assert ChunkConsumer.__abstractmethods__ == BROUGHT

    class Lacking(ChunkConsumer, base.Consumer):  # type: ignore[misc]
        async def is_member(self) -> bool:
            return True

    with pytest.raises(TypeError, match=r"_bounds.*_log_end.*_partition_counts.*_read"):
        Lacking()


@pytest.mark.parametrize("driver", [kafka.Consumer, memory.Consumer])
def test_ours_lack_nothing(driver: type) -> None:
    assert not driver.__abstractmethods__


def test_a_crash_of_kafkas_thread_is_logged_not_printed(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        raise ValueError("quoted")
    except ValueError as error:
        kafka.Thread.on_crash(None, "{0!r} crashed: {1!r}", "Thread", error)
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("CRITICAL", "'Thread' crashed: ValueError('quoted')")
    assert "ValueError: quoted" in caplog.text
    assert capsys.readouterr() == ("", "")
