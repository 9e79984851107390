"""`kairos dlq`: what its commands are called and take."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from kairos.config import parsing
from kairos.config.invocation import settings
from kairos.config.options import moment, option
from kairos.errors import exit_on_error
from models.decoding.rejections import MISROUTED, PRECEDENCE
from models.kernel.outputs import UNDELIVERABLE

# Other imports are made where they are needed: Kafka takes a second, `--help` must not.

app = typer.Typer(help="Dead letters: records that could not be used.", no_args_is_help=True)

Codes = Annotated[
    list[str] | None,
    typer.Option(
        "--code",
        parser=option(parsing.choice(*PRECEDENCE, MISROUTED, UNDELIVERABLE)),
        metavar="CODE",
        help="Of this code; may come several times.",
    ),
]
Role = Annotated[Literal["clickstream", "cart", "orders"] | None, typer.Option(help="From the topics of this role.")]
Shopper = Annotated[str | None, typer.Option(metavar="ID", help="Of this shopper, by content or by key.")]
Since = Annotated[Any, moment("With an event time not before (ISO 8601).")]
Until = Annotated[Any, moment("With an event time before.")]
Limit = Annotated[int | None, typer.Option(min=1, help="The newest so many, by event time.")]
Json = Annotated[bool, typer.Option("--json", help="The messages as they are, one a line.")]
Ident = Annotated[str, typer.Argument(metavar="ID", help="The letter's id, as `list` shows it.")]


def _settings() -> Any:
    from kairos.config.settings import required

    found = settings()
    why = "dead letters are kept in Kafka. (Those of a demo: `kairos tail --demo dead-letters --from-start`)"
    required(found.brokers, "KAFKA_URL", why)
    return found


@app.command("list")
def list_(
    code: Codes = None,
    since: Since = None,
    until: Until = None,
    role: Role = None,
    shopper: Shopper = None,
    limit: Limit = None,
    json: Json = False,
) -> None:
    """List dead letters, oldest first, and how many there are of each code."""
    with exit_on_error():
        from kairos.dlq import listing
        from kairos.dlq.selection import Selection

        selection = Selection((), code or (), role, shopper, since, until, limit)
        listing.run(_settings(), selection, Console(), as_json=json)


@app.command()
def show(
    ident: Ident,
    json: Json = False,
    raw: Annotated[bool, typer.Option("--raw", help="The record's bytes alone, into a file or a pipe.")] = False,
) -> None:
    """Show all that is known of a dead letter, its bytes, and what to do about it."""
    with exit_on_error():
        from kairos.dlq import showing

        showing.run(_settings(), ident, Console(), as_json=json, raw=raw)


@app.command()
def redrive(
    idents: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Letters by id.")] = None,
    code: Codes = None,
    since: Since = None,
    until: Until = None,
    role: Role = None,
    shopper: Shopper = None,
    limit: Limit = None,
    everything: Annotated[bool, typer.Option("--all", help="All there are.")] = False,
    replace: Annotated[
        str | None, typer.Option(metavar="FILE", help="Send this corrected message instead, for one ID; - is stdin.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Send records of dead letters again, as they came: to the input of their role, in their shopper's partition; what
    an endpoint did not take to that endpoint."""
    with exit_on_error():
        from kairos.dlq import redrive
        from kairos.dlq.selection import Selection

        selection = Selection(idents or (), code or (), role, shopper, since, until, limit)
        options = redrive.RedriveOptions(selection, everything, replace, dry_run, yes)
        redrive.run(_settings(), options, Console(stderr=True))
