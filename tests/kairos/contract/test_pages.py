"""Tables that are written into pages: docs/tags.md and docs/feeds.md are what `make contract` would make of them."""

from __future__ import annotations

import pytest

from kairos.contract.__main__ import DOCS, PAGES
from kairos.contract.tables import written
from models.decoding.conventions import CONVENTIONS
from models.decoding.names import NAMES, normalised


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_as_it_would_be_written(name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    assert PAGES[name](text) == text, "make contract"


def test_every_name_stands_in_the_page_of_feeds_or_in_the_contract() -> None:
    text = (DOCS / "feeds.md").read_text("utf-8") + (DOCS / "contract.md").read_text("utf-8")
    assert [name for convention in CONVENTIONS for name in convention.names if name not in text] == []
    assert [theirs for meaning in NAMES.values() for theirs in meaning.fields if theirs not in normalised(text)] == []


def test_a_page_without_marks_is_an_error() -> None:
    with pytest.raises(ValueError, match="substring not found"):
        written("# Tags", "tags", "")
