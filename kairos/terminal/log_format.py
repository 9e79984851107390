"""A worker's log on standard error: a line a record for people, or a JSON object a record for machines."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from kairos.config.settings import LogSettings
from kairos.terminal.escape import safe, safe_json
from kairos.terminal.redact import hashed

TEXT = "%(asctime)s %(levelname)-8s %(name)s: %(message)s"
CHATTY = ("faust", "mode", "aiokafka")
"""Libraries that tell each of their steps; of use only when looking for a fault in them."""
OURS = ("streams", "sinks", "kairos", "models", "dashboard")
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has. The rest are fields that `extra` gave it."""


class Json(logging.Formatter):
    """One object a record: time (UTC), level, logger, message, what `extra` gave, and the traceback if there is one."""

    def __init__(self, log: LogSettings) -> None:
        super().__init__()
        self._plain = log.ids == "plain"

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        at = datetime.fromtimestamp(record.created, UTC)
        said: dict[str, Any] = {
            "time": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.name.partition(".")[0] in OURS:
            said |= {name: self._field(name, value) for name, value in vars(record).items() if _extra(name)}
        if record.exc_info:
            said["traceback"] = record.exc_text or self.formatException(record.exc_info)
        return safe_json(json.dumps(said, ensure_ascii=False))

    def _field(self, name: str, value: Any) -> Any:
        if name == "shopper" and not self._plain:
            return hashed(str(value))
        return value if isinstance(value, int | float | bool | None) else safe(str(value))


def _extra(name: str) -> bool:
    return name not in STANDARD and not name.startswith("_")


def configure(log: LogSettings) -> None:
    """Log to standard error; libraries are quiet unless the level is debug."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json(log) if log.format == "json" else logging.Formatter(TEXT))
    logging.basicConfig(level=log.level.upper(), handlers=[handler], force=True)
    if log.level == "debug":
        return
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    handler.addFilter(_worth_telling)


def _worth_telling(record: logging.LogRecord) -> bool:
    """Not where mode's services of ours tell that they start and stop: ``[^--Consumer]: Starting...``."""
    return record.levelno > logging.INFO or not record.getMessage().startswith("[^")
