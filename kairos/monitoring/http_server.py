"""The HTTP server of a process: `/metrics`, `/health` and `/ready`, in a thread of its own, so that it also answers
while the loop does not.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Protocol
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import msgspec
from prometheus_client import CollectorRegistry, make_wsgi_app

from kairos.config.settings import MetricsSettings
from kairos.errors import SettingsError
from kairos.monitoring.health import Answer

Respond = Callable[[str, list[tuple[str, str]]], Any]
App = Callable[[dict[str, Any], Respond], Iterable[bytes]]
CODES = {200: "200 OK", 404: "404 Not Found", 405: "405 Method Not Allowed", 503: "503 Service Unavailable"}


class Judge(Protocol):
    """Who answers how a process is."""

    async def start(self) -> None:
        """Judge from now on."""
        ...

    async def stop(self) -> None:
        """Judge no more."""
        ...

    def alive(self) -> Answer:
        """For `/health`."""
        ...

    def ready(self) -> Answer:
        """For `/ready`."""
        ...


class HttpServer:
    """Implements `streams.process.Resource`.

    Parameters
    ----------
    settings
        Where to listen.
    registry
        What `/metrics` shows.
    health
        Who judges; started and stopped along with this.

    Raises
    ------
    SettingsError
        The port is not to be had.
    """

    def __init__(self, settings: MetricsSettings, registry: CollectorRegistry, health: Judge) -> None:
        self._health = health
        try:
            self._server = _Server(settings.bind, settings.port)
        except OSError as error:
            raise SettingsError(
                f"KAIROS_METRICS_PORT={settings.port}: {settings.bind}: {error.strerror or error}. "
                "Each worker on a machine needs a port of its own; 0: none"
            ) from None
        self._server.set_app(_app(registry, health))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="http_server", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    async def start(self) -> None:
        """Answer from now on."""
        await self._health.start()
        self._thread.start()

    async def stop(self) -> None:
        """Answer no more."""
        await self._health.stop()
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 16

    def __init__(self, bind: str, port: int) -> None:
        self.address_family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        super().__init__((bind, port), _Handler)

    def server_bind(self) -> None:
        """As WSGIServer does, but without asking the name service who we are."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _Handler(WSGIRequestHandler):
    timeout = 10.0  # seconds a client may take for its request

    def log_message(self, format: str, *args: Any) -> None:
        """A scrape each few seconds is no news."""


def _app(registry: CollectorRegistry, health: Judge) -> App:
    metrics: Any = make_wsgi_app(registry, disable_compression=True)
    judged = {"/health": health.alive, "/ready": health.ready}

    def answer(environ: dict[str, Any], respond: Respond) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path != "/metrics" and path not in judged:
            return _text(respond, 404, "/metrics, /health, /ready\n")
        if environ["REQUEST_METHOD"] != "GET":
            return _text(respond, 405, "GET only\n")
        if path == "/metrics":
            return metrics(environ, respond)  # type: ignore[no-any-return]
        return _judgement(respond, judged[path]())

    return answer


def _judgement(respond: Respond, answer: Answer) -> Iterable[bytes]:
    respond(CODES[200 if answer.ok else 503], [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [msgspec.json.encode(answer) + b"\n"]


def _text(respond: Respond, code: int, said: str) -> Iterable[bytes]:
    respond(CODES[code], [("Content-Type", "text/plain")])
    return [said.encode()]
