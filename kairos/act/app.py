"""`kairos act`: what its commands are called and take."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from kairos.config.invocation import settings
from kairos.errors import exit_on_error

# Other imports are made where they are needed: Kafka takes a second, `--help` must not.

app = typer.Typer(help="Send messages to endpoints: webhooks of other systems.", invoke_without_command=True)

File = Annotated[str | None, typer.Option(metavar="FILE", help="Who gets what, TOML. [KAIROS_ENDPOINTS]")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The endpoint, as in the file.")]


def _settings(file: str | None) -> Any:
    return settings({"KAIROS_ENDPOINTS": file} if file else None)


@app.callback()
def act(
    context: typer.Context,
    endpoints: File = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what would go where.")] = False,
) -> None:
    """Send messages of output topics to endpoints (docs/webhooks.md). SIGTERM or Ctrl-C ends it cleanly."""
    if context.invoked_subcommand is not None:
        context.obj = endpoints
        return
    with exit_on_error():
        from kairos.act import command

        command.run(_settings(endpoints), Console(), checking=check)


@app.command()
def on(context: typer.Context, name: Name) -> None:
    """Switch an endpoint on again, as after it said 410: messages that waited are sent, if they still hold."""
    _switch(context, name, on=True)


@app.command()
def off(context: typer.Context, name: Name) -> None:
    """Switch an endpoint off: its messages wait."""
    _switch(context, name, on=False)


def _switch(context: typer.Context, name: str, *, on: bool) -> None:
    with exit_on_error():
        from kairos.act import command
        from kairos.terminal.times import now

        command.switch(_settings(context.obj), Console(), name, on=on, at=now())
