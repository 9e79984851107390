"""The presets: a file and a line each."""

from __future__ import annotations

from sinks.webhooks.preset import Preset
from sinks.webhooks.presets.audiences import AUDIENCES
from sinks.webhooks.presets.braze import BRAZE
from sinks.webhooks.presets.customer_io import CUSTOMER_IO
from sinks.webhooks.presets.generic import GENERIC
from sinks.webhooks.presets.klaviyo import KLAVIYO
from sinks.webhooks.presets.slack import SLACK

PRESETS: dict[str, Preset] = {
    "generic": GENERIC,
    "slack": SLACK,
    "klaviyo": KLAVIYO,
    "braze": BRAZE,
    "customer_io": CUSTOMER_IO,
    "audiences": AUDIENCES,
}
"""By the name that an endpoint says as its `template`."""
