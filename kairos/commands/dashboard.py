"""`kairos dashboard`: the live page and the read API, in a process of their own."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from dashboard import server
from dashboard.access import Access
from dashboard.shop import ShopView
from dashboard.watch import Watcher
from kairos import wiring
from kairos.config.settings import DashboardSettings, Settings
from kairos.errors import SettingsError
from kairos.terminal.log_format import configure
from sinks.store import ReadModel


def run(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises
    ------
    SettingsError
        The address is not to be had, or others could look without a token.
    NoServer
        No Redis is named, and no demo runs here.
    """
    configure(settings.log)
    reader = wiring.page_reader(settings)
    clock = settings.clock if settings.redis_url else "event"
    asyncio.run(_serve(settings, reader, clock))


async def _serve(settings: Settings, reader: ReadModel, clock: str) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with page(settings, reader, clock) as url:
        print(f"page: {url}", flush=True)
        wiring.collect_seldom()
        await stop.wait()


@asynccontextmanager
async def page(settings: Settings, reader: ReadModel, clock: str, *, port: int | None = None) -> AsyncIterator[str]:
    """The page, served as long as this is entered; its address. Errors as `run`.

    Parameters
    ----------
    clock
        As of the workers: ``wall`` or ``event``.
    port
        Another port than the settings'; 0: any that is free.
    """
    where = settings.dashboard
    shop = ShopView(settings=settings.shop, clock=clock, name=where.name)
    wanted = where.port if port is None else port
    app = server.build(Watcher(reader), shop, access(where))
    async with AsyncExitStack() as stack:
        try:
            bound = await stack.enter_async_context(server.serving(app, where.bind, wanted))
        except OSError as error:
            raise SettingsError(f"KAIROS_DASHBOARD_PORT={wanted}: {where.bind}: {error.strerror or error}") from None
        yield address(where.bind, bound)


def access(where: DashboardSettings) -> Access:
    """Who may look. SettingsError if everybody could, and no token is set."""
    found = Access(bind=where.bind, token=where.token, hosts=where.hosts, cors=where.cors, proxied=where.proxied)
    if complaint := found.complaint():
        raise SettingsError(f"KAIROS_DASHBOARD_BIND: {complaint}: set KAIROS_DASHBOARD_TOKEN")
    return found


def address(bind: str, port: int) -> str:
    """Where a browser on this machine finds the page.

    >>> address("127.0.0.1", 8080), address("0.0.0.0", 80), address("::1", 80)
    ('http://127.0.0.1:8080/', 'http://127.0.0.1:80/', 'http://[::1]:80/')
    """
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(bind, f"[{bind}]" if ":" in bind else bind)
    return f"http://{host}:{port}/"
