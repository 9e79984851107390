"""A table of the endpoints file, as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import asdict, fields, replace

from sinks.webhooks.presets import PRESETS
from sinks.webhooks.references import read, resolve

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
SECOND = 1000
OWN = "file:"
"""So begins a template that is the shop's own: its path follows."""


class FileTable(Struct, frozen=True, kw_only=True):
    """What an endpoint's table may hold; of each key what `sinks.webhooks.endpoints.Endpoint` says of its field."""

    topics: tuple[str, ...]
    url: str = ""
    kinds: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    secret: str | tuple[str, ...] = ()
    template: str = "generic"
    options: dict[str, str] = {}
    headers: dict[str, str] = {}
    concurrency: Annotated[int, Meta(ge=1, le=256)] = 8
    timeout: Annotated[float, Meta(gt=0, le=60)] = 15
    keep: Annotated[int, Meta(ge=0, le=1_000_000)] = 10_000
    allow: tuple[str, ...] = ()

    @staticmethod
    def of(name: str, table: Any) -> FileTable:
        """The table with this name. ValueError if name, a key or a value's type is no good; it repeats no value."""
        if not NAME.fullmatch(name):
            raise ValueError("its name may have letters, digits, '.', '_' and '-' only, 64 of them at most")
        if not isinstance(table, dict):
            raise ValueError(f"expected a table, [endpoints.{name}]")
        known_keys(table, [field.name for field in fields(FileTable)], "an endpoint")
        try:
            return msgspec.convert(table, FileTable)
        except msgspec.ValidationError as error:
            said, _, path = str(error).partition(" - at `$.")
            raise ValueError(f"{path.rstrip('`')}: {said}" if path else f"{said}") from None

    def resolved(self, environ: Mapping[str, str], folder: Path) -> FileTable:
        """The same with what is only named in it: see `sinks.webhooks.references`."""
        secrets = (self.secret,) if isinstance(self.secret, str) else self.secret

        def found(field: str, value: str) -> str:
            try:
                return resolve(value, environ, folder)
            except ValueError as error:
                raise ValueError(f"{field}: {error}") from None

        return replace(
            self,
            url=found("url", self.url),
            secret=tuple(found("secret", secret) for secret in secrets),
            options={key: found(f"options.{key}", value) for key, value in self.options.items()},
            headers={key: found(f"headers.{key}", value) for key, value in self.headers.items()},
        )

    def endpoint_fields(self, folder: Path) -> dict[str, Any]:
        """The fields of the endpoint, but for its name; the own template read from its file."""
        given = asdict(self)
        try:
            source = read(self.template.removeprefix(OWN), folder) if self.template.startswith(OWN) else ""
        except ValueError as error:
            raise ValueError(f"template: {error}") from None
        preset = PRESETS.get(self.template)
        return given | {
            "secrets": given.pop("secret"),
            "timeout": round(self.timeout * SECOND),
            "source": source,
            "url": self.url or (preset.url if preset else ""),
            "allow": tuple(one.lower() for one in self.allow),
        }


def known_keys(given: Iterable[str], known: Iterable[str], whose: str) -> None:
    """ValueError if a key is none of those known: it names the nearest one."""
    known = list(known)
    for key in given:
        if key not in known:
            raise ValueError(f"{whose} has no {key}{nearest(key, known)}")


def nearest(word: str, known: Iterable[str]) -> str:
    """What may be meant by a word that is none of those known, which are not many.

    >>> nearest("topic", ["topics", "url"]), nearest("x", ["topics", "url"])
    ('; did you mean topics?', ': topics, url')
    """
    known = list(known)
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else f": {', '.join(known)}"
