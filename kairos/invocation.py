"""What holds for every command: the settings it runs with."""

from __future__ import annotations

from typing import Any


class Invocation:
    """This run of the command line."""

    config: str | None = None
    """The settings file that ``--config`` names."""


def settings() -> Any:
    """The settings of this run; SettingsError if one is no good. (Imports are heavy: `--help` must not make them.)"""
    from kairos.settings import load

    return load(file=Invocation.config)


def settings_with_kafka() -> Any:
    """The same, where a broker is needed."""
    from kairos.settings import required

    found = settings()
    required(found.brokers, "KAFKA_URL", "set it to host:port of a broker")
    return found
