"""What holds for every command: the settings it runs with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any


class Invocation:
    """This run of the command line."""

    config: str | None = None
    """The settings file that ``--config`` names."""


def settings(options: Mapping[str, str] | None = None) -> Any:
    """The settings of this run, over which `options` win (by variable). SettingsError if one is no good.

    Imports are heavy: `--help` must not make them.
    """
    from kairos.config.settings import load

    return load({**os.environ, **(options or {})}, Invocation.config)


def settings_with_kafka() -> Any:
    """The same, where a broker is needed."""
    from kairos.config.settings import required

    found = settings()
    required(found.brokers, "KAFKA_URL", "set it to host:port of a broker")
    return found


def settings_to_read(*, demo: bool) -> Any:
    """The settings of a command that reads what is there. With `demo` they name no server, and so lead to the demo that
    runs here; NoServer if there is none."""
    found = settings()
    if not demo:
        return found
    from msgspec.structs import replace

    from kairos.demo import run_file

    run_file.required()
    return replace(found, brokers=(), redis_url=None)
