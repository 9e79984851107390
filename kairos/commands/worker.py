"""`kairos worker`: the Faust worker, with readable logs and an exit code that tells."""

from __future__ import annotations

import asyncio
import logging

from kairos import wiring
from kairos.config.settings import Settings
from kairos.terminal.log_format import configure
from models.kernel.events import ROLES

logger = logging.getLogger("kairos.worker")


def run(settings: Settings) -> None:
    """Work until SIGTERM or Ctrl-C; never returns.

    The process ends with 0 after a clean stop, with another code after a crash. SettingsError if a setting is missing.
    """
    app = wiring.ready(settings)
    configure(settings.log)
    for role, names in zip(ROLES, settings.roles, strict=True):
        logger.info("reads %s from %s", role, ", ".join(names))
    logger.info("group %s, namespace %s, clock %s", settings.group, settings.namespace, settings.clock)

    from streams.process import Worker

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = Worker(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()
