"""Who may look: nobody but this machine, unless a token is set. Programs send the token itself; people type it in once
and have a cookie from then on, which holds a proof that they knew it and not the token.
"""

from __future__ import annotations

import hmac
import re
from hashlib import sha256
from ipaddress import ip_address

from msgspec import Struct

from models.kernel.settings import DAY, SECOND

LASTS = 30 * DAY
"""How long a cookie is good for (ms)."""
SESSION = re.compile(r"(\d{10,15})\.([0-9a-f]{64})")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine, for itself."""


class Access(Struct, frozen=True, kw_only=True):
    """How the page is guarded.

    Attributes
    ----------
    bind
        The address it listens on.
    token
        What a program sends as ``Authorization: Bearer``, and a person types into the sign-in page; "": none is needed.
    hosts
        Names under which the page may be called, beside this machine's own and IP addresses: so no foreign name can
        be made to lead here (DNS rebinding).
    cors
        Origins whose scripts may read the API, such as ``https://shop.example``.
    proxied
        Whether a proxy ends TLS, so that its ``X-Forwarded-Proto`` is believed.
    """

    bind: str = "127.0.0.1"
    token: str = ""
    hosts: tuple[str, ...] = ()
    cors: tuple[str, ...] = ()
    proxied: bool = False

    def __repr__(self) -> str:
        """Without the token."""
        return f"Access(bind={self.bind!r}, hosts={self.hosts!r}, cors={self.cors!r})"

    def complaint(self) -> str | None:
        """Why the page must not start like this; None if it may.

        >>> Access(bind="0.0.0.0").complaint()
        'others could see every shopper at 0.0.0.0, and no token is set'
        >>> Access(bind="0.0.0.0", token="t0ken").complaint(), Access().complaint()
        (None, None)
        """
        if self.token or ip_address(self.bind).is_loopback:
            return None
        return f"others could see every shopper at {self.bind}, and no token is set"

    def called(self, host: str) -> bool:
        """Whether a ``Host`` header is one under which the page may be called.

        >>> [Access(hosts=("kairos.shop.example",)).called(host) for host in
        ...  ("localhost:8080", "10.0.0.7", "[::1]:80", "Kairos.shop.example", "evil.example:8080", "")]
        [True, True, True, True, False, False]
        """
        name = bare(host)
        return name in LOOPBACK or name in self.hosts or _is_address(name)

    def knows(self, token: str) -> bool:
        """Whether it is the token; takes as long whatever it is."""
        given, known = (sha256(text.encode(errors="surrogatepass")).digest() for text in (token, self.token))
        return hmac.compare_digest(given, known) and bool(self.token)

    def session(self, now: int) -> str:
        """The value of a cookie for somebody who knew the token at `now` (wall ms)."""
        return f"{now}.{self._proof(now)}"

    def valid(self, session: str, now: int) -> bool:
        """Whether a cookie's value is one of ours, for the token of today, and not too old.

        >>> access = Access(token="t0ken")
        >>> cookie = access.session(1_775_037_780_000)
        >>> access.valid(cookie, 1_775_037_790_000), access.valid(cookie, 1_785_037_780_000)
        (True, False)
        >>> Access(token="other").valid(cookie, 1_775_037_790_000), "t0ken" in cookie
        (False, False)
        """
        found = SESSION.fullmatch(session)
        if found is None or not self.token:
            return False
        issued = int(found[1])
        return hmac.compare_digest(found[2], self._proof(issued)) and -SECOND <= now - issued < LASTS

    def _proof(self, issued: int) -> str:
        return hmac.new(self.token.encode(), f"kairos session {issued}".encode(), sha256).hexdigest()


def bare(host: str) -> str:
    """A host without its port.

    >>> bare("[::1]:8080"), bare("A.example:80"), bare("a")
    ('::1', 'a.example', 'a')
    """
    found = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\](?::\d*)?|([^:]*)(?::\d*)?", host)
    return ((found[1] or found[2]) if found else "").lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
