"""Where the outputs of the demo go: the newest of each topic are kept for the view, and each is told once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from sinks.outputs import Message, Outputs

Send = Callable[[str, int, bytes | None, bytes], None]
"""Called with a message's role, partition, key and value."""

KEPT = 60
"""Messages of a topic: more than fit on a screen."""


class Published:
    """Implements `sinks.outputs.Outputs`. Silent until `live`: what history says is counted in Redis, not shown.

    Parameters
    ----------
    topics
        Name on the broker by role, as in the settings.
    told
        Called with each message, as JSON.
    send
        Takes each on to where it is delivered.
    broker
        Takes records that are forwarded.

    Attributes
    ----------
    newest
        Messages by role, newest first.
    """

    def __init__(self, topics: Mapping[str, str], told: Callable[[bytes], None], send: Send, broker: Outputs) -> None:
        self.live = False
        self.newest: dict[str, deque[bytes]] = {role: deque(maxlen=KEPT) for role in topics}
        self._role = {topic: role for role, topic in topics.items()}
        self._told = told
        self._send = send
        self._broker = broker

    async def publish(self, partition: int, messages: Sequence[Message]) -> None:
        """Take all."""
        outputs = [message for message in messages if message.partition is None]
        if len(outputs) < len(messages):
            await self._broker.publish(partition, [message for message in messages if message.partition is not None])
        if not self.live:
            return
        for message in outputs:
            role = self._role[message.topic]
            self.newest[role].appendleft(message.value)
            self._told(message.value)
            self._send(role, partition, message.key, message.value)
