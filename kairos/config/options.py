"""Options of commands whose text is read as settings are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from kairos.config import parsing


def option(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """A parser of settings as a parser of options."""

    def parser(value: Any) -> Any:
        try:
            return parse(value) if isinstance(value, str) else value
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None

    return parser


def moment(help: str) -> Any:
    """A point in time."""
    return typer.Option(parser=option(parsing.moment), metavar="TIME", help=help)
