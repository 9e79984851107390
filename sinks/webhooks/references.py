"""Values that are not written into the endpoints file, but named there: ``env:NAME`` or ``file:PATH``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def resolve(value: str, environ: Mapping[str, str], folder: Path) -> str:
    """The value that is meant.

    Parameters
    ----------
    value
        ``env:NAME``: what an environment variable holds; ``file:PATH``: what a file holds, without blanks and ends of
        lines around it; else it is the value itself.
    environ
        The environment.
    folder
        What a relative PATH counts from.

    Raises
    ------
    ValueError
        The variable is not set, or is empty; the file cannot be read, or holds nothing. Of what they hold the message
        says nothing.

    Examples
    --------
    >>> resolve("env:KEY", {"KEY": "k1"}, Path()), resolve("as it is", {}, Path())
    ('k1', 'as it is')
    """
    kind, colon, name = value.partition(":")
    if not colon or kind not in ("env", "file"):
        return value
    found = environ.get(name, "").strip() if kind == "env" else read(name, folder).strip()
    if not found:
        raise ValueError(f"the environment variable {name} is not set" if kind == "env" else f"{name} is empty")
    return found


def read(path: str, folder: Path) -> str:
    """What a file holds. ValueError if it cannot be read as UTF-8; of what it holds the message says nothing."""
    try:
        return (folder / path).read_text("utf-8")
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or type(error).__name__}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is no text in UTF-8") from None
