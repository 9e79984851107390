"""HTML of views: section by section, and whole pages around them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from dashboard.answers.freshness import freshness
from dashboard.pages import charts, rows, series, told
from dashboard.pages.asked import Asked
from dashboard.pages.views import ALWAYS, EMPTY, VIEWS, Seen, View
from dashboard.shop import ShopView
from dashboard.words import lifts
from models.kernel import zones

Macro = Callable[[told.Told, int], Markup]
"""Shows a message, as of a time (event time, ms)."""
Parts = tuple[Any, ...]
"""What a section shows of an answer."""
KEPT = 512
"""Sections, and messages, that are kept as rendered: by language and choices."""
HOME = Path(__file__).parent
STATIC = HOME / "static"


class Section(Struct, frozen=True):
    """A part of a page: its id, its HTML, and a hash of that, by which a change is known."""

    id: str
    html: str
    version: str


def code(text: str) -> Markup:
    """Text in which what stands between backticks is code.

    >>> code("see `kairos dlq` & others")
    Markup('see <code>kairos dlq</code> &amp; others')
    """
    parts = [Markup.escape(part) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts))


class Renderer:
    """Renders everything for one shop."""

    def __init__(self, shop: ShopView) -> None:
        self.shop = shop
        self._environment = Environment(
            loader=FileSystemLoader(HOME / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            charts=charts, rows=rows, series=series, told=told, lifts=lifts, freshness=freshness
        )
        self._environment.globals.update(views=list(VIEWS.values()), static=self._static, shop=shop)
        self._environment.globals.update(rendered=self._message)
        self._environment.filters.update(code=code, path=lambda text: quote(text, safe=""))
        self._rendered: OrderedDict[tuple[str, Asked], tuple[Parts, Section]] = OrderedDict()
        self._messages: OrderedDict[tuple[told.Told, int, Asked], Markup] = OrderedDict()

    @cached_property
    def _versions(self) -> dict[str, str]:
        files = [path for path in STATIC.iterdir() if path.is_file()]
        return {path.name: blake2b(path.read_bytes(), digest_size=4).hexdigest() for path in files}

    def _static(self, name: str) -> str:
        """Where a file is; the address changes with the file."""
        return f"/static/{name}?v={self._versions[name]}"

    def sections(self, view: View, seen: Seen, asked: Asked) -> list[Section]:
        """The sections of a view: those that every view has first."""
        words = asked.words(self.shop.settings.time_zone)
        answer = None if seen.snapshot is None else view.answer(seen.snapshot, self.shop, seen.feed, words)
        empty = answer is None or not answer.freshness.as_of
        around = {"asked": asked, "view": view, "seen": seen, "answer": answer, "words": words}
        names = [*ALWAYS, EMPTY] if empty else [*ALWAYS, *(f"{view.name}/{name}" for name in view.sections)]
        return [self._section(name, around) for name in names]

    def _section(self, name: str, around: Mapping[str, Any]) -> Section:
        """A section; the one of before, where all that it shows of the answer is the same."""
        reads, key = self._reads(name), (name, replace(around["asked"], theme=""))
        if reads is None:
            return self._made(name, around)
        parts = tuple(getattr(around["answer"], part) for part in reads)
        before = self._rendered.pop(key, None)
        self._rendered[key] = before if before and before[0] == parts else (parts, self._made(name, around))
        while len(self._rendered) > KEPT:
            self._rendered.popitem(last=False)
        return self._rendered[key][1]

    def _made(self, name: str, around: Mapping[str, Any]) -> Section:
        html = self._environment.get_template(f"{name}.html").render(around)
        return Section(name.replace("/", "-"), html, blake2b(html.encode(), digest_size=6).hexdigest())

    def _message(self, macro: Macro, message: told.Told, as_of: int, asked: Asked) -> Markup:
        """A message as the macro shows it; the one of before, where that says the same: most are on the page for many
        looks."""
        key = message, zones.day(as_of, self.shop.settings.time_zone), asked
        html = self._messages.pop(key, None)
        self._messages[key] = macro(message, as_of) if html is None else html
        while len(self._messages) > KEPT:
            self._messages.popitem(last=False)
        return self._messages[key]

    @cache  # noqa: B019 - as long as the renderer, of which there is one
    def _reads(self, name: str) -> tuple[str, ...] | None:
        """The parts of the answer that a section's template shows; None where it shows anything that moves with each
        look: how old the answer is, the feed, or the answer whole."""
        source, _, _ = self._environment.loader.get_source(self._environment, f"{name}.html")  # type: ignore[union-attr]
        tree = self._environment.parse(source)
        names = [each.name for each in tree.find_all(nodes.Name)]
        parts = [
            each.attr
            for each in tree.find_all(nodes.Getattr)
            if isinstance(each.node, nodes.Name) and each.node.name == "answer"
        ]
        moves = "seen" in names or names.count("answer") != len(parts) or "freshness" in parts
        return None if moves or not parts else tuple(sorted(set(parts)))

    def page(self, view: View, sections: list[Section], asked: Asked) -> str:
        """A whole view, of its sections."""
        parts = {section.id: section for section in sections}
        always = {name: parts.pop(name) for name in ALWAYS}
        return self.other("view.html", asked, view=view, always=always, sections=list(parts.values()))

    def other(self, template: str, asked: Asked, **values: Any) -> str:
        """A page that is no view: a card, a list, a form. With ``seen`` among the values it says how old that is."""
        words = asked.words(self.shop.settings.time_zone)
        return self._environment.get_template(template).render(asked=asked, words=words, **values)
