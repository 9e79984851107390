"""Arguments and options that several commands take, or that are long to say."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from kairos.config.options import moment
from kairos.replay import formats

Clock = Annotated[
    Literal["wall", "event"] | None,
    typer.Option(help="wall: live; event: history with ticks, as `replay` writes it. [KAIROS_CLOCK, else wall]"),
]
Files = Annotated[
    list[str], typer.Argument(help="Files, in the order of their events; .gz and .zst too; - is standard input.")
]
Format = Annotated[
    formats.Name | None,
    typer.Option(help="What the files hold: see below. [by the first file's name]"),
]
Topic = Annotated[
    str,
    typer.Argument(
        metavar="TOPIC",
        help="An output (user-tags, churn-alerts, cart-abandonments, dead-letters), an input (clickstream, cart, "
        "orders), or any topic by its name.",
    ),
]
Until = Annotated[Any, moment("Let event time run on to here (ISO 8601).")]
Demo = Annotated[
    bool, typer.Option("--demo", help="Of the demo that runs in this folder, whatever KAFKA_URL and REDIS_URL say.")
]


def share(help: str) -> Any:
    """An option that is a share of all events."""
    return typer.Option(min=0, max=1, metavar="SHARE", help=f"{help}: share of all events, 0 to 1.")
