"""The translations: a gettext catalogue a language, read when the language is first asked for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.pofile import read_po

LANGUAGES = {"en": "en", "zh-CN": "zh_CN"}
"""Languages of the page, by the tag that `lang` and `Accept-Language` have; the value is Babel's name. The first is the
one texts are written in."""

Texts = dict[str, tuple[str, ...]]


def message(text: str) -> str:
    """The text itself, marked as one to be translated where it is shown.

    >>> message("Orders")
    'Orders'
    """
    return text


@cache
def texts(locale: Locale) -> Texts:
    """Translations by English text: one, or the forms of a plural in the order of the language's rule. Empty for
    English."""
    path = Path(__file__).with_name(f"{locale.language}_{locale.territory}.po")
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale)
    found: Texts = {}
    for entry in catalogue:
        key = entry.id if isinstance(entry.id, str) else entry.id[0]
        forms = tuple(map(str, (entry.string,) if isinstance(entry.string, str) else entry.string or ()))
        if key and all(forms):
            found[key] = forms
    return found


def chosen(wanted: str | None) -> str | None:
    """The language of the page that a tag asks for, None if there is none.

    >>> chosen("zh-cn"), chosen("zh"), chosen("en-GB"), chosen("fr"), chosen(None)
    ('zh-CN', 'zh-CN', 'en', None, None)
    """
    first = (wanted or "").replace("_", "-").split("-")[0].lower()
    return next((tag for tag in LANGUAGES if tag.split("-")[0] == first), None)
