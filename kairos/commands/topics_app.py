"""`kairos topics`: what its commands are called and take."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from kairos.config import parsing
from kairos.config.invocation import settings_with_kafka
from kairos.config.options import option
from kairos.errors import exit_on_error
from kairos.terminal.lines import say

# `kairos.kafka.topics` is imported where it is needed: Kafka takes a second, `--help` must not.

app = typer.Typer(help="The Kafka topics.", no_args_is_help=True)

Kept = Annotated[
    Any, typer.Option(parser=option(parsing.period), metavar="DURATION", help="How long records stay: 12h, 7d.")
]


@app.command()
def create(
    partitions: Annotated[int, typer.Option(min=1, help="Of each topic: at least as many as workers, ever.")] = 8,
    replication: Annotated[int | None, typer.Option(min=1, help="Copies. [the broker's default]")] = None,
    retention: Kept = "7d",
    output_retention: Kept = "30d",
    compact: Annotated[bool, typer.Option(help="Outputs: keep each shopper's newest message for ever.")] = False,
) -> None:
    """Make the topics that do not exist. What exists is left as it is."""
    with exit_on_error():
        from kairos.kafka import topics

        plan = topics.TopicPlan(partitions, replication or -1, retention, output_retention, compact)
        topics.create(settings_with_kafka(), plan, lambda line: say(Console(), line))


@app.command()
def describe(json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False) -> None:
    """Show the topics as they are; exit code 1 if a worker could not start with them."""
    with exit_on_error():
        from kairos.kafka import topics

        known = settings_with_kafka()
        found = topics.describe(known)
        topics.show(Console(), found, as_json=json)
        topics.refuse(known, found)
