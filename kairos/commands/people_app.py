"""`kairos members` and `kairos audience`: what they are called and take."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from kairos.commands.arguments import Demo
from kairos.config.invocation import settings_to_read
from kairos.config.options import moment
from kairos.errors import exit_on_error

# Other imports are made where they are needed: Kafka takes a second, `--help` must not.

app = typer.Typer()

Tag = Annotated[str, typer.Argument(metavar="TAG", help="As it is announced: segment:loyal, interest:shoes.")]


@app.command()
def members(
    tag: Tag,
    limit: Annotated[int | None, typer.Option(min=1, help="The newest so many. [all]")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="As CSV, with a line of names.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    demo: Demo = False,
) -> None:
    """List who holds a tag, or is in a segment or stage: since when, and what they spent; the newest first. Looks at
    every profile."""
    with exit_on_error():
        from kairos import wiring
        from kairos.commands import members
        from kairos.demo import run_file

        known = settings_to_read(demo=demo)
        with run_file.mentioned(elsewhere=bool(known.redis_url)):
            form = "json" if json else "csv" if csv else "text"
            members.run(wiring.reader(known), Console(), tag, known.shop, limit=limit, form=form)


@app.command()
def audience(
    tag: Tag,
    since: Annotated[Any, moment("Only who began or ceased to hold it since; reads KAFKA_URL too. [all]")] = None,
    out: Annotated[str | None, typer.Option("--out", "-o", metavar="FILE", help="Into a file, whole or not.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line. [CSV]")] = False,
    sha256: Annotated[bool, typer.Option("--sha256", help="With each id's hash, as ad platforms match it.")] = False,
    demo: Demo = False,
) -> None:
    """List whom to add to an audience, or with --since whom to add and to remove, for systems that keep lists of
    people. Looks at every profile, shard by shard; says as of when."""
    with exit_on_error():
        from kairos import wiring
        from kairos.commands import audience
        from kairos.demo import run_file

        known = settings_to_read(demo=demo)
        with run_file.mentioned(elsewhere=bool(known.redis_url)):
            options = audience.AudienceOptions(tag, since, out, json, sha256)
            reader = wiring.reader(known)
            with audience.who_left(known, reader, options) as left:
                audience.run(reader, known.shop, options, Console(stderr=True), left)
