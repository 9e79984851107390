"""What a reader asked for, beside the view: by the URL, a cookie, or the browser's language."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote, urlencode

from aiohttp import web
from msgspec import Struct

from dashboard.words import Words
from dashboard.words.catalog import LANGUAGES, chosen

LANG, THEME = "lang", "theme"
"""Names of parameters that are remembered by cookies."""
THEMES = ("auto", "light", "dark")


class Asked(Struct, frozen=True):
    """A reader's choices.

    Attributes
    ----------
    lang
        One of `LANGUAGES`.
    amounts
        Whether amounts are shown: ``?hide=money`` hides them.
    wall
        ``?wall``: for a monitor on the wall.
    tags
        ``?feed=all``: whether the feed has changes of tags too.
    theme
        One of `THEMES`.
    """

    lang: str = "en"
    amounts: bool = True
    wall: bool = False
    tags: bool = False
    theme: str = "auto"

    def words(self, zone: str) -> Words:
        """What this reader reads, in a shop of that time zone."""
        return _words(LANGUAGES[self.lang], zone, self.amounts)

    def parameters(self, **changes: str | None) -> str:
        """The parameters that lead to the same choices, with changes (None: without), as ``?hide=money``; "" if none.

        >>> Asked(amounts=False).parameters(wall=""), Asked(amounts=False).parameters(hide=None)
        ('?hide=money&wall', '')
        """
        wanted: dict[str, str | None] = {
            "hide": None if self.amounts else "money",
            "wall": "" if self.wall else None,
            "feed": "all" if self.tags else None,
        }
        kept = {name: value for name, value in (wanted | changes).items() if value is not None}
        text = "&".join(name if value == "" else urlencode({name: value}) for name, value in kept.items())
        return f"?{text}" if text else ""

    def shopper(self, user: str) -> str:
        """Where a shopper's card is. A browser takes the ids ``.`` and ``..`` in a path for steps: they are asked for.

        >>> Asked().shopper("a/b é"), Asked().shopper("..")
        ('/shoppers/a%2Fb%20%C3%A9', '/shoppers/find?id=..')
        """
        if user in (".", "..", "find"):
            return "/shoppers/find" + self.parameters(id=user)
        return f"/shoppers/{quote(user, safe='')}" + self.parameters()

    def tag(self, tag: str) -> str:
        """Where the holders of a tag are.

        >>> Asked(amounts=False).tag("interest:a/b")
        '/tags/interest:a%2Fb?hide=money'
        """
        return f"/tags/{quote(tag, safe=':')}" + self.parameters()


@cache
def _words(locale: str, zone: str, amounts: bool) -> Words:
    return Words(locale, zone, amounts=amounts)


def asked(request: web.Request) -> Asked:
    """What a request asks for."""
    query = request.query
    theme = query.get(THEME) or request.cookies.get(THEME, "")
    return Asked(
        lang=chosen(query.get(LANG)) or chosen(request.cookies.get(LANG)) or accepted(request),
        amounts=query.get("hide") != "money",
        wall="wall" in query,
        tags=query.get("feed") == "all",
        theme=theme if theme in THEMES else THEMES[0],
    )


def accepted(request: web.Request) -> str:
    """The first language of ``Accept-Language`` that there is, by the weights given; English if there is none."""
    wanted = []
    for part in request.headers.get("Accept-Language", "").split(","):
        tag, _, weight = part.partition(";q=")
        try:
            wanted.append((-float(weight or 1), chosen(tag.strip())))
        except ValueError:
            continue
    found = [lang for weight, lang in sorted(wanted, key=lambda pair: pair[0]) if lang and weight]
    return found[0] if found else next(iter(LANGUAGES))


def remember(request: web.Request, response: web.StreamResponse) -> None:
    """Keep language and theme for a year, if the URL chose them."""
    for name, known in ((LANG, LANGUAGES), (THEME, THEMES)):
        value = chosen(request.query.get(name)) if name == LANG else request.query.get(name)
        if value and value in known:
            response.set_cookie(name, value, max_age=31_536_000, httponly=True, samesite="Lax")
