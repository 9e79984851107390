"""What `--help` of a command ends with: lists that are kept elsewhere, one entry a line."""

from __future__ import annotations

from kairos.config.variables import VARIABLES
from kairos.replay import formats


def variables() -> str:
    """Every setting, one a line (the first line keeps them so)."""
    width = max(map(len, VARIABLES))
    return "\b\nSettings:\n" + "\n".join(f"  {v.name:<{width}}  {v.doc}" for v in VARIABLES.values())


def replayed() -> str:
    """What `replay` reads, one format a line."""
    width = max(map(len, formats.ABOUT))
    listed = "\n".join(f"  {name:<{width}}  {about}" for name, about in formats.ABOUT.items())
    return f"\b\nFormats, and the names of files that are taken for them:\n{listed}"
