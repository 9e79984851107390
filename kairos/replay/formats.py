"""The formats by name, and which one a file is by its own."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import PurePath
from typing import Literal

from kairos.replay.row import Source
from models.kernel.settings import SharedSettings

Name = Literal["segment", "ga360", "online_retail", "cdnow", "taobao"]

ABOUT: dict[Name, str] = {
    "segment": "calls as JSON, one a line or in an array: what no other name claims",
    "ga360": "Parquet of a Google Analytics 360 export: *.parquet",
    "online_retail": "CSV or Parquet of UCI Online Retail: online_retail*, online retail*",
    "cdnow": "columns of text, of CDNOW: cdnow*",
    "taobao": "CSV of Taobao's UserBehavior: userbehavior*",
}
"""What each format reads, and the names of files that are taken for it."""

PATTERNS: dict[str, Name] = {
    "online[ _-]retail*": "online_retail",
    "cdnow*": "cdnow",
    "userbehavior*": "taobao",
    "*.parquet": "ga360",
}
"""File names, in lower case, under which the data sets go; the first that matches counts, and none means segment."""


def named(file: str) -> Name:
    """The format of a file by its name.

    >>> named("data/CDNOW_master.txt.gz"), named("Online Retail.csv"), named("events.parquet"), named("-")
    ('cdnow', 'online_retail', 'ga360', 'segment')
    """
    name = PurePath(file).name.lower()
    return next((found for pattern, found in PATTERNS.items() if fnmatch(name, pattern)), "segment")


def opened(name: Name, files: Sequence[str], shop: SharedSettings) -> Source:
    """Files in a format, in the order of their events. Raises ReplayError where they are not in it."""
    # Each is imported where it is chosen: Segment's needs no polars.
    match name:
        case "segment":
            from kairos.replay.segment import Segment

            return Segment(files, shop)
        case "ga360":
            from kairos.replay.ga360 import Ga360

            return Ga360(files)
        case "online_retail":
            from kairos.replay.online_retail import OnlineRetail

            return OnlineRetail(files, shop)
        case "cdnow":
            from kairos.replay.cdnow import Cdnow

            return Cdnow(files)
        case "taobao":
            from kairos.replay.taobao import Taobao

            return Taobao(files)
