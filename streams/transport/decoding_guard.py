"""The guard around aiokafka's decoding of batches: what it raises stays with the partition it is about.

Left to itself aiokafka raises it to whoever fetches, for any partition: the records before the batch, and those of
other partitions, are lost with it, and the next fetch ends in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from faust.types import TP

from streams.transport.fetched import Undecodable


class DecodingGuard:
    """Watches over one fetcher, in aiokafka's thread. A partition is paused before a batch that cannot be decoded,
    after the records in front of it, until `resume`.

    Parameters
    ----------
    fetcher
        An `aiokafka.consumer.fetcher.Fetcher` that has not fetched yet.
    """

    def __init__(self, fetcher: Any) -> None:
        self._fetcher = fetcher
        self._process = fetcher._proc_fetch_request
        self._paused: dict[TP, Any] = {}
        self._found: dict[TP, Undecodable] = {}
        fetcher._proc_fetch_request = self._processed

    async def _processed(self, assignment: Any, node: int, request: Any) -> bool:
        """In place of the fetcher's method, which buffers an answer: nobody takes it before it is guarded."""
        news: bool = await self._process(assignment, node, request)
        for tp, result in self._fetcher._records.items():
            records = getattr(result, "_partition_records", None)  # an error has none
            if records is not None and not hasattr(records, "guarded"):
                records.guarded = True
                unpacked, state = records._records_iterator, assignment.state_value(tp)
                records._records_iterator = self._until_undecodable(TP(*tp), unpacked, records, state)
        return news

    def _until_undecodable(self, tp: TP, unpacked: Iterator[Any], records: Any, state: Any) -> Iterator[Any]:
        """The records of one answer. What is raised depends on the codec, its package and the bytes."""
        try:
            yield from unpacked
        except Exception as error:
            self._found[tp] = Undecodable(records.next_fetch_offset, error)
            self._paused[tp] = state
            state.pause()

    def resume(self, wanted: set[TP]) -> None:
        """Fetch these again."""
        for tp in wanted & self._paused.keys():
            self._paused.pop(tp).resume()

    def found(self) -> dict[TP, Undecodable]:
        """What was met since the last call."""
        found, self._found = self._found, {}
        return found
