"""A worker under clock=wall starts only where the clocks agree and patience suffices."""

from __future__ import annotations

import pytest

from kairos.config.settings import Settings
from kairos.errors import SettingsError
from kairos.monitoring import preflight
from streams.shard import EngineSettings


class Clock:
    """Redis, as far as it tells the time."""

    def time(self) -> tuple[int, int]:
        return 1_000, 500_000


def check(settings: Settings, at: float) -> None:
    preflight.check(settings, Clock(), 100, lambda: at)  # type: ignore[arg-type]


@pytest.mark.parametrize("at", [941.0, 1_000.5, 1_060.0])
def test_clocks_that_agree_within_a_minute(at: float) -> None:
    check(Settings(), at)


@pytest.mark.parametrize("at", [940.0, 1_061.0])
def test_clocks_that_do_not(at: float) -> None:
    with pytest.raises(SettingsError, match="NTP"):
        check(Settings(), at)
    check(Settings(clock="event"), at)


def test_patience_below_three_fetch_waits_is_refused() -> None:
    check(Settings(engine=EngineSettings(max_idle=300)), 1_000)
    with pytest.raises(SettingsError, match="at least 300 ms"):
        check(Settings(engine=EngineSettings(max_idle=299)), 1_000)
