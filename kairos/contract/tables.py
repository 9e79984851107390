"""Tables that `make contract` writes into pages of docs, between two marks that name them."""

from __future__ import annotations

from collections.abc import Iterable


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    heads = tuple(heads)
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]])


def written(text: str, name: str, content: str) -> str:
    """A page with what stands between the marks of this name written anew.

    Raises
    ------
    ValueError
        The page has no such marks.

    Examples
    --------
    >>> page = "# Tags\\n\\n<!-- tags: written by `make contract` -->\\nold\\n<!-- /tags -->\\n"
    >>> print(written(page, "tags", table(["tag"], [["`bot`"]])))
    # Tags
    <BLANKLINE>
    <!-- tags: written by `make contract` -->
    <BLANKLINE>
    | tag |
    |---|
    | `bot` |
    <BLANKLINE>
    <!-- /tags -->
    <BLANKLINE>
    """
    begin = f"<!-- {name}: written by `make contract` -->"
    before, after = text.index(begin) + len(begin), text.index(f"<!-- /{name} -->")
    return f"{text[:before]}\n\n{content}\n\n{text[after:]}"
