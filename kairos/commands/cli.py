"""`kairos`: the command line. What a command does is in its own module; here is what it is called and takes."""

from __future__ import annotations

import faulthandler
import sys
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from kairos.act.app import app as act_app
from kairos.commands import epilogs
from kairos.commands.arguments import Clock, Demo, Files, Format, Topic, Until, share
from kairos.commands.people_app import app as people_app
from kairos.commands.topics_app import app as topics_app
from kairos.config.invocation import Invocation, settings, settings_to_read
from kairos.config.options import moment
from kairos.dlq.app import app as dlq_app
from kairos.errors import NoServer, exit_on_error
from kairos.terminal import logs
from kairos.terminal.lines import say

# Other imports are made where they are needed: Kafka, Faust and polars take a second, `--help` must not.

app = typer.Typer(
    epilog="Settings are environment variables, or stand in a file; `kairos settings` shows them all.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(people_app)
app.add_typer(topics_app, name="topics")
app.add_typer(dlq_app, name="dlq")
app.add_typer(act_app, name="act")


def main() -> None:
    """Run the command line."""
    logs.install()
    if sys.stderr is not None and not faulthandler.is_enabled():  # none with `2>&-`
        faulthandler.enable()  # a crash in a C extension is told with the stack of every thread
    try:
        app()
    except Exception as bug:
        print(logs.traced(bug), file=sys.stderr)
        sys.exit(1)


@app.callback()
def invoked(
    config: Annotated[
        str | None, typer.Option(metavar="FILE", help="Settings file, TOML; before the command. [KAIROS_CONFIG]")
    ] = None,
) -> None:
    """Real-time customer marketing: events in, the right message at the right moment out."""
    Invocation.config = config


def _stderr() -> Console:
    return Console(stderr=True)


@app.command(epilog=epilogs.replayed())
def replay(
    files: Files,
    format: Format = None,
    local: Annotated[bool, typer.Option("--local", help="Through the engine in this process, without Kafka.")] = False,
    shards: Annotated[int | None, typer.Option(min=1, max=1024, help="Of --local. [8]")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until the workers are through; reads REDIS_URL.")] = False,
    until: Until = None,
    dump: Annotated[str | None, typer.Option(metavar="FILE", help="Write all profiles and outputs, sorted.")] = None,
    tables: Annotated[
        str | None, typer.Option(metavar="FILE", help="Judge by these RFM cuts; others are computed.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object, the last line.")] = False,
) -> None:
    """Load files of events into Kafka, or fold them right here."""
    with exit_on_error():
        from kairos.replay import command

        options = command.ReplayOptions(tuple(files), format, local, shards, wait, until, dump, tables, json)
        command.replay(settings(), options, _stderr())


@app.command()
def profile(
    shopper: Annotated[str, typer.Argument(metavar="ID", help="The shopper's id: the Kafka key of their events.")],
    json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
    demo: Demo = False,
) -> None:
    """Show what is known of a shopper. Looks into REDIS_URL, else into the demo that runs in this folder."""
    with exit_on_error():
        from dashboard.answers.shopper import shopper as card
        from dashboard.shop import ShopView
        from kairos import wiring
        from kairos.commands import profile
        from kairos.demo import run_file

        known = settings_to_read(demo=demo)
        with run_file.mentioned(elsewhere=bool(known.redis_url)):
            found = card(wiring.reader(known), shopper, ShopView(settings=known.shop))
            if found is None:
                raise NoServer(f"no shopper {shopper!r}: never seen, or forgotten after a long silence")
        profile.show(Console(), found, known.shop.time_zone, as_json=json)


@app.command()
def tail(
    topic: Topic,
    from_start: Annotated[bool, typer.Option("--from-start", help="Begin with the oldest that is kept.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Messages as they are, one a line.")] = False,
    demo: Demo = False,
) -> None:
    """Follow a topic, input or output. Looks into KAFKA_URL, else (outputs) into REDIS_URL, else into the demo that
    runs in this folder. Ctrl-C ends it."""
    with exit_on_error():
        from kairos.commands import tail
        from kairos.demo import run_file

        known = settings_to_read(demo=demo)
        if (known.brokers or known.redis_url) and run_file.running():
            say(_stderr(), run_file.ASIDE)  # now: a topic may stay silent for ever
        tail.run(known, Console(), topic, from_start=from_start, as_json=json)


@app.command()
def tables(
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False, demo: Demo = False
) -> None:
    """Show the RFM cuts. Fixed ones, and those computed from all buyers by date; `replay --tables` takes the JSON."""
    with exit_on_error():
        from kairos import wiring
        from kairos.commands import tables
        from kairos.demo import run_file

        known = settings_to_read(demo=demo)
        with run_file.mentioned(elsewhere=bool(known.redis_url)):
            reader = wiring.reader(known)
            if known.redis_url and not reader.partitions() and run_file.running():
                say(_stderr(), run_file.ASIDE)
            tables.show(Console(), reader, as_json=json)


@app.command()
def model(
    json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False, demo: Demo = False
) -> None:
    """Show the churn model's card: how its predictions did in this shop, beside a baseline."""
    with exit_on_error():
        from kairos import wiring
        from kairos.commands import model
        from kairos.demo import run_file

        known = settings_to_read(demo=demo)
        with run_file.mentioned(elsewhere=bool(known.redis_url)):
            model.show(Console(), wiring.reader(known), as_json=json)


@app.command()
def lift(json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False, demo: Demo = False) -> None:
    """Show what messages bring: who orders after one, beside the shoppers who are held out and get none."""
    with exit_on_error():
        from kairos import wiring
        from kairos.commands import lift
        from kairos.demo import run_file

        known = settings_to_read(demo=demo)
        with run_file.mentioned(elsewhere=bool(known.redis_url)):
            lift.show(Console(), wiring.reader(known), known.shop.holdout, as_json=json)


@app.command()
def learners(json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False) -> None:
    """Show what is learned of shoppers, and by what: River's class of the same kind, bytes of state, time of a step."""
    with exit_on_error():
        from kairos.commands import learners

        learners.show(Console(), as_json=json)


@app.command("settings")
def show_settings(json: Annotated[bool, typer.Option("--json", help="As one JSON list.")] = False) -> None:
    """Show every setting: its value, and where it comes from. Passwords are hidden."""
    with exit_on_error():
        from kairos.config import settings_table, sources

        given = sources.given(file=Invocation.config)
        settings_table.show(Console(), settings_table.rows(given), as_json=json)


@app.command()
def doctor(json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False) -> None:
    """Look at Kafka, Redis and the topics, and say what to do. Changes nothing; exit code 1 if there is a problem."""
    with exit_on_error():
        from kairos.doctor import command

        command.run(settings(), Console(), as_json=json)


@app.command()
def skip(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="An input, by its name in Kafka.")],
    partition: Annotated[int, typer.Argument(metavar="PARTITION", min=0, help="Which of its partitions.")],
    to: Annotated[
        int | None, typer.Option(min=1, metavar="OFFSET", help="Go on here. [after the batch that cannot be decoded]")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Lead the workers past a batch that cannot be decoded. What it held is lost; only forward, workers may run."""
    with exit_on_error():
        from kairos.commands import skip

        skip.run(settings(), topic, partition, to, yes)


@app.command()
def simulate(
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="JSON lines, not Kafka; .gz too; - is stdout.")
    ] = None,
    preset: Annotated[Literal["calibrated", "busy"], typer.Option(help="Like real shops, or busier.")] = "calibrated",
    shoppers: Annotated[
        int | None, typer.Option(min=1, help="How many come. [10,000 in 90 days; --live: as many as the rate takes]")
    ] = None,
    start: Annotated[Any, moment("When the shop opens. [2024-03-04T00:00Z]")] = None,
    days: Annotated[float | None, typer.Option(min=0, help="How long it is open. [90; paced: until Ctrl-C]")] = None,
    until: Annotated[Any, moment("When it closes, instead.")] = None,
    live: Annotated[bool, typer.Option("--live", help="The shop opens now, and event time is the time.")] = False,
    rate: Annotated[
        float | None, typer.Option(min=0.01, help="Events sent a second. [all at once; --live: 10]")
    ] = None,
    speed: Annotated[
        float | None, typer.Option(min=0.01, help="Instead of --rate: event time runs so many times as fast.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed, the same events.")] = 7,
    drift: Annotated[Any, moment("From then on people buy half as often.")] = None,
    duplicates: Annotated[float, share("Delivered twice")] = 0.0,
    late: Annotated[float, share("Delivered an hour or more late")] = 0.0,
    out_of_order: Annotated[float, share("Delivered some seconds late")] = 0.0,
    bad: Annotated[float, share("Records that are no good, besides")] = 0.0,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> None:
    """Make up a shop's events, into Kafka or a file. The shop lives by the rates of real ones (docs/simulator.md)."""
    with exit_on_error():
        from kairos.simulate import command
        from kairos.simulate.options import SimulateOptions

        faults = duplicates, late, out_of_order, bad
        options = SimulateOptions(
            preset, out, days, until, start, live, rate, speed, shoppers, seed, drift, *faults, json
        )
        command.simulate(settings(), options, _stderr())


@app.command(epilog=epilogs.variables())
def worker(
    clock: Clock = None,
    log_level: Annotated[
        Literal["debug", "info", "warning"] | None, typer.Option(help="How much is told. [KAIROS_LOG_LEVEL, else info]")
    ] = None,
    log_format: Annotated[
        Literal["text", "json"] | None, typer.Option(help="Lines or JSON. [KAIROS_LOG_FORMAT, else text]")
    ] = None,
) -> None:
    """Fold events from Kafka into Redis, and say what follows from them. SIGTERM or Ctrl-C ends it cleanly."""
    with exit_on_error():
        from kairos.commands import worker

        options = {"KAIROS_CLOCK": clock, "KAIROS_LOG_LEVEL": log_level, "KAIROS_LOG_FORMAT": log_format}
        worker.run(settings({name: value for name, value in options.items() if value}))


@app.command()
def dashboard(demo: Demo = False) -> None:
    """Serve the live page and the read API. Looks into REDIS_URL, else into the demo that runs in this folder. SIGTERM
    or Ctrl-C ends it."""
    with exit_on_error():
        from kairos.commands import dashboard

        dashboard.run(settings_to_read(demo=demo))


@app.command()
def demo(
    seconds: Annotated[float | None, typer.Option(min=1, help="End by itself. [until Ctrl-C]")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Lines, on a terminal too.")] = False,
    picture: Annotated[
        str | None, typer.Option(metavar="NAME", hidden=True, help="At the end: NAME.svg, NAME.txt.")
    ] = None,
) -> None:
    """See it run: a small shop that is made up, nothing else needed."""
    with exit_on_error():
        from kairos.demo import command

        command.run(settings(), command.DemoOptions(seconds, plain, picture), Console())
