"""`recordbus index` and `recordbus search`: the search index, and finding records in it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from consumers.search.inquiry.as_json import entity_as_json
from consumers.search.inquiry.show import show_entities
from consumers.search.show import as_json, freshness_line, show
from consumers.search_options import OF_CRITERIA, Asker, context_of, criteria_of, takes
from recordbus import metrics
from recordbus.clock import SystemClock
from recordbus.errors import ExitCode
from recordbus.settings import load

index = typer.Typer(
    add_completion=False,
    help="Keep the search index up to date, and look after it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
search = typer.Typer(add_completion=False, help="Find records.", rich_markup_mode=None)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@index.command()
def run() -> None:
    """Keep the index up to date until told to end; it goes on from what it last stored."""
    from consumers.assembly import (
        connection_of,
        pace_of,
        prepare_worker,
        registry_of,
        until_told_to_stop,
    )
    from consumers.search.indexer import run_indexer

    settings = load()
    prepare_worker()
    should_stop = until_told_to_stop()
    port = metrics.serve(settings.metrics.port, settings.metrics.host)
    typer.echo(f"metrics at http://{settings.metrics.host}:{port}/metrics")
    run_indexer(
        connection_of(settings),
        registry_of(settings),
        settings.index_path(),
        SystemClock(),
        pace_of(settings),
        should_stop,
    )


@index.command()
def status(as_json_: AsJson = False) -> None:
    """Say how many records the index holds and how complete it is."""
    from consumers.search.engines.sqlite.reader import SqliteSearch

    engine = SqliteSearch(load().index_path())
    try:
        records, fresh = engine.count_by_department(), engine.freshness()
    finally:
        engine.close()
    if as_json_:
        told = {"records": sum(records.values()), "records_by_department": records,
                "complete_to_us": fresh.complete_to_us,
                "newest_us": dict(fresh.newest_us), "says": freshness_line(fresh)}  # fmt: skip
        typer.echo(orjson.dumps(told, option=orjson.OPT_SORT_KEYS))
        return
    typer.echo(f"{sum(records.values())} records; {freshness_line(fresh)}")


@index.command()
def rebuild(as_json_: AsJson = False) -> None:
    """Make the index anew from the log; searches use the old one until it is done."""
    from consumers.assembly import connection_of, prepare_worker, registry_of
    from consumers.search.indexer import rebuild_index

    settings = load()
    prepare_worker()
    console = Console(stderr=True)
    with console.status("reading the log") as line:
        records = rebuild_index(
            connection_of(settings),
            registry_of(settings),
            settings.index_path(),
            SystemClock(),
            lambda count: line.update(f"{count} records"),
        )
    typer.echo(orjson.dumps({"records": records}) if as_json_ else f"{records} records")


@index.command()
def verify(as_json_: AsJson = False) -> None:
    """Compare the index with the log and check its file; exit code 1 when they differ."""
    from consumers.assembly import connection_of, registry_of
    from consumers.search.indexer import verify_index

    settings = load()
    found = verify_index(connection_of(settings), registry_of(settings), settings.index_path())
    if as_json_:
        typer.echo(orjson.dumps(asdict(found) | {"is_right": found.is_right}))
    else:
        for word in ("missing", "surplus", "different", "problems"):
            for key in getattr(found, word):
                typer.echo(f"{word} {key}")
        result = "right" if found.is_right else "WRONG"
        typer.echo(f"{found.compared} keys compared: {result}")
    if not found.is_right:
        raise typer.Exit(ExitCode.FAILED)


@search.command()
@takes(*OF_CRITERIA, Asker)
def find(
    *,
    entities: Annotated[
        bool,
        typer.Option("--entities", help="Show first who and what the records are about."),
    ] = False,
    as_json_: AsJson = False,
    **asked: Any,
) -> None:
    """Find records by words, names, looks, vehicles, numbers, and more; every search is audited."""
    from consumers.assembly import search_of

    context, criteria = context_of(asked), criteria_of(asked)
    answer = search_of(load()).search(context, criteria, with_entities=entities)
    if as_json_:
        met = [entity_as_json(each) for each in answer.entities or ()]
        told = as_json(answer) | ({"entities": met} if entities else {})
        typer.echo(orjson.dumps(told))
        return
    console = Console()
    show_entities(answer.entities or (), console)
    show(answer, console)
