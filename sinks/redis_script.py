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
        words = self.words(keys, args)
        try:
            return self._execute(*words)
        except NoScriptError:
            return self.by_text(words)

    def words(self, keys: Sequence[str], args: Sequence[Any]) -> list[Any]:
        """The command that runs it, on a server that knows it."""
        return ["EVALSHA", self._sha, len(keys), *keys, *args]

    def by_text(self, words: Sequence[Any]) -> Any:
        """Run such a command on a server that does not know the script."""
        return self._execute("EVAL", self._text, *words[2:])
