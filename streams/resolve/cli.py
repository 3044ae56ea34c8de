"""`recordbus resolve`: which records of some files are about one person, and why."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from recordbus.errors import Misconfigured
from streams.resolution.batch import resolve as resolve_batch
from streams.resolution.model import Model, ModelError
from streams.resolve.agreement import agreement
from streams.resolve.files import PeopleFile
from streams.resolve.outcome import write_explanations, write_links
from streams.resolve.people import People
from streams.resolve.report import Spent, report, shown
from streams.resolve.truth import beside_truth
from streams.shipped_models import shipped

resolve = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@resolve.command(name="resolve")
def of_files(
    inputs: Annotated[list[Path], typer.Argument(help="CSV files of people, one record a line.")],
    output: Annotated[
        Path, typer.Option("--output", help="Where to write source, record_id, entity_id.")
    ],
    explain: Annotated[
        Path | None,
        typer.Option("--explain", help="Where to write why and why not, in JSON lines."),
    ] = None,
    compare_with: Annotated[
        Path | None,
        typer.Option("--compare-with", help="A CSV file of source, record_id, true_id."),
    ] = None,
    date_format: Annotated[
        str | None, typer.Option("--date-format", help="How dates are written: %m/%d/%Y, say.")
    ] = None,
    model: Annotated[
        Path | None, typer.Option("--model", help="A model file; else the one that is shipped.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say which records of CSV files are about one person, without a bus.

    Nothing leaves this machine, and nothing is kept but the files that are named.
    """
    began = (time.monotonic(), time.process_time())
    weights = shipped("person") if model is None else load_model(model)
    with _without_cycle_search():
        people = read_people(inputs, date_format)
        found = resolve_batch(people.mentions, weights)
    write_links(output, people, found)
    spent = Spent(time.monotonic() - began[0], time.process_time() - began[1], _peak_mebibytes())
    if explain is not None:
        write_explanations(explain, found)
    agreed = None
    if compare_with is not None:
        agreed = agreement(beside_truth(compare_with, people.names, found.entities))
    told = report(found, spent, agreed)
    typer.echo(json.dumps(told) if as_json else shown(told))


def read_people(paths: list[Path], date_format: str | None) -> People:
    """Read every record of some files, after all their headers were found to be good."""
    people = People(date_format)
    for file in [PeopleFile(path) for path in paths]:
        if file.extra:
            _warn(f"{file.path}: not used: {', '.join(file.extra)}")
        people.add(file)
    for warning in people.warnings():
        _warn(warning)
    return people


def load_model(path: Path) -> Model:
    """Read a model file of persons; raises Misconfigured that says what is wrong with it."""
    try:
        model = Model.load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ModelError) as wrong:
        raise Misconfigured(
            f"cannot use {path}: {wrong}", hint="make one with `recordbus resolution train`"
        ) from None
    if model.kind != "person":
        raise Misconfigured(f"{path} is a model of {model.kind}, and these are persons")
    return model


@contextmanager
def _without_cycle_search() -> Iterator[None]:
    """Switch the cycle collector off: mentions make no cycles, and each search visits them all."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _warn(text: str) -> None:
    typer.echo(f"warning: {text}", err=True)


def _peak_mebibytes() -> float:
    units = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / units
