"""`kairos worker`: the Faust worker, with readable logs and an exit code that tells."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Literal

import msgspec

from kairos import wiring
from kairos.settings import Settings
from models.events import ROLES

logger = logging.getLogger("kairos.worker")

CHATTY = ("faust", "mode", "aiokafka")
"""Libraries that tell each of their steps; of use only when looking for a fault in them."""


def run(settings: Settings, clock: Literal["wall", "event"] | None = None, level: str = "info") -> None:
    """Work until SIGTERM or Ctrl-C; never returns.

    The process ends with 0 after a clean stop, with another code after a crash. SettingsError if a setting is missing.
    """
    settings = msgspec.structs.replace(settings, clock=clock or settings.clock)
    app = wiring.ready(settings)
    _logging(level)
    for role, names in zip(ROLES, settings.roles, strict=True):
        logger.info("reads %s from %s", role, ", ".join(names))
    logger.info("group %s, namespace %s, clock %s", settings.group, settings.namespace, settings.clock)

    import faust

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = faust.Worker(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()


def _logging(level: str) -> None:
    """Standard error, one line a record; libraries are quiet unless the level is debug."""
    logging.basicConfig(
        level=level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)-8s %(name)s: %(message)s",
        force=True,
    )
    if level == "debug":
        return
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for handler in logging.root.handlers:
        handler.addFilter(_worth_telling)


def _worth_telling(record: logging.LogRecord) -> bool:
    """Not where mode's services of ours tell that they start and stop: ``[^--Consumer]: Starting...``."""
    return record.levelno > logging.INFO or not record.getMessage().startswith("[^")
