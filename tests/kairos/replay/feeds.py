"""What a format makes of a file, taken apart again, and taken by the engine's reader."""

from __future__ import annotations

import json
from typing import Any

from kairos.replay.row import Row, Source
from kairos.terminal.times import iso
from models.decoding.decoder import Decoder
from models.features import ShopSettings
from models.kernel.events import Event


def rows(source: Source) -> list[Row]:
    """All rows of a source."""
    return [row for batch in source for row in batch]


def said(source: Source) -> list[tuple[str, dict[str, Any]]]:
    """Event times, and the calls without what all of them have; key and user are the same, and so are the times."""
    found = []
    for e, _, key, value in rows(source):
        assert e is not None
        call = json.loads(value)
        assert call.pop("type") == "track"
        assert call["userId"].encode() == key
        assert Decoder(ShopSettings()).read(value, recorded=-1).e == e
        del call["timestamp"]
        found.append((iso(e), call))
    return found


def read(source: Source) -> list[tuple[str, Event | None]]:
    """Shoppers, and events as the engine reads them: none is refused, and it agrees on time, role and key."""
    reader, found = Decoder(ShopSettings()), []
    for e, role, key, value in rows(source):
        reading = reader.read(value, recorded=-1)
        assert reading.rejected is None
        assert (reading.e, reading.role, reading.shopper.encode()) == (e, role, key)
        found.append((reading.shopper, reading.event))
    return found
