"""A Lua script of ours on the server: sent once, then called by its hash."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redis.exceptions import NoScriptError

if TYPE_CHECKING:
    from redis import Redis

FOLDER = Path(__file__).with_name("lua")


class Script:
    """``lua/<name>.lua``. Thread-safe; knows nothing of the server's state."""

    def __init__(self, client: Redis, name: str) -> None:
        self._execute: Callable[..., Any] = client.execute_command
        self._text = (FOLDER / f"{name}.lua").read_text("utf-8")
        self._sha = sha1(self._text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[str], args: Sequence[Any]) -> Any:
        """Run it. A server that does not know it (restarted, failed over, flushed) gets the text in the same call."""
        try:
            return self._execute("EVALSHA", self._sha, len(keys), *keys, *args)
        except NoScriptError:
            return self._execute("EVAL", self._text, len(keys), *keys, *args)
