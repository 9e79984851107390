"""Which tags there are, from the registry of features: the table of docs/tags.md, and what the schema says of `tag`."""

from __future__ import annotations

from pathlib import Path

from models.features import SHOPPERS
from models.fold import Fold

BEGIN, END = "<!-- tags: written by `make contract` -->", "<!-- /tags -->"


def names(fold: Fold = SHOPPERS) -> list[str]:
    """Every tag, in the order of telling; of a family ``interest:<category>``."""
    return [tag.name for feature in fold.features for tag in feature.tags]


def table(fold: Fold = SHOPPERS) -> str:
    """When each tag begins and ends, as a table in Markdown."""
    rows = [f"| `{tag.name}` | {tag.enters} | {tag.exits} |" for feature in fold.features for tag in feature.tags]
    return "\n".join(["| tag | enters | exits |", "|---|---|---|", *rows])


def page(text: str, fold: Fold = SHOPPERS) -> str:
    """A page with its table written anew, between the marks. Raises ValueError where there are none."""
    before, after = text.index(BEGIN) + len(BEGIN), text.index(END)
    return f"{text[:before]}\n\n{table(fold)}\n\n{text[after:]}"


def write(path: Path) -> None:
    """Write the table of a page anew."""
    path.write_text(page(path.read_text("utf-8")), "utf-8")
