"""For Faust's own command line: `faust -A streams.app worker -l info`. Nothing imports this module."""

from __future__ import annotations

from kairos.wiring import faust_app

app = faust_app()
