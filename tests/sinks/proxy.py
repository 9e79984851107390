"""A network between client and server that can lose an answer."""

from __future__ import annotations

import socket
from contextlib import suppress
from select import select
from threading import Thread
from types import TracebackType
from typing import Self


class Proxy:
    """Listens on `port` and passes everything on, except answers it was told to lose."""

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._doomed = b""
        self._left = 0
        self.port: int = self._listener.getsockname()[1]
        self.lost = 0

    def lose_answers(self, command: bytes, times: int) -> None:
        """The next `times` requests with `command` in them are carried out, but the connection breaks before the
        answer."""
        self._doomed, self._left = command, times

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Until one side hangs up. Requests are not pipelined: one goes up, its answer comes down."""
        with client, socket.create_connection(("127.0.0.1", self._upstream)) as server, suppress(OSError):
            request = b""
            while True:
                readable, _, _ = select([client, server], [], [])
                data = readable[0].recv(1 << 20)
                if not data:
                    return
                if readable[0] is client:
                    request += data
                    server.sendall(data)
                    continue
                if self._left and self._doomed in request:
                    self._left, self.lost = self._left - 1, self.lost + 1
                    return
                request = b""
                client.sendall(data)
