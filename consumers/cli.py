"""`recordbus index` and `recordbus search`: the search index, and finding records in it."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

import orjson
import typer
from rich.console import Console

from consumers.search.criteria import Context, Criteria, IdentifierAsked
from consumers.search.document import Span
from consumers.search.inquiry.as_json import entity_as_json
from consumers.search.inquiry.show import show_entities
from consumers.search.plan import Sort
from consumers.search.show import as_json, freshness_line, show
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


def span(text: str) -> Span:
    """Read `20-30` or `25`; heights may be written as feet and inches: `5'8"` or `5'8-6'1`."""
    parts = re.fullmatch(r"""\s*(\d+'\d*|\d+)"?\s*(?:-\s*(\d+'\d*|\d+)"?)?\s*""", text)
    if parts is None:
        raise typer.BadParameter("write a number or low-high, for example 20-30")
    low = _number(parts[1])
    return Span(low, _number(parts[2]) if parts[2] else low)


def identifier(text: str) -> IdentifierAsked:
    """Read `type:value` or `type:value:issuer`."""
    kind, _, rest = text.partition(":")
    value, _, issuer = rest.partition(":")
    if not value:
        raise typer.BadParameter("write type:value or type:value:issuer, for example ssn:...")
    return IdentifierAsked(kind.strip(), value.strip(), issuer.strip() or None)


def _number(text: str) -> int:
    feet, mark, inches = text.partition("'")
    return int(feet) * 12 + int(inches or 0) if mark else int(feet)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


Many = list[str] | None


@search.command()
def find(
    text: Annotated[str, typer.Argument(help="Words to find; quote phrases, * ends a word.")] = "",
    name: Annotated[str, typer.Option(help="A person's name, in any order, with * and ?.")] = "",
    dob: Annotated[str, typer.Option(help="Date of birth: YYYY-MM-DD, YYYY-MM or YYYY.")] = "",
    sex: Annotated[Many, typer.Option(help="Sex: code or word.")] = None,
    age: Annotated[
        Span | None, typer.Option(parser=span, metavar="FROM-TO", help="Age today: 20-30.")
    ] = None,
    age_at_event: Annotated[
        Span | None,
        typer.Option(parser=span, metavar="FROM-TO", help="Age when it happened: 20-30."),
    ] = None,
    height: Annotated[
        Span | None,
        typer.Option(parser=span, metavar="FROM-TO", help="Height in inches, or 5'8-6'0."),
    ] = None,
    weight: Annotated[
        Span | None, typer.Option(parser=span, metavar="FROM-TO", help="Weight in pounds.")
    ] = None,
    build: Annotated[Many, typer.Option(help="Build: code or word.")] = None,
    hair: Annotated[Many, typer.Option(help="Hair colour: code or word.")] = None,
    eyes: Annotated[Many, typer.Option(help="Eye colour: code or word.")] = None,
    complexion: Annotated[Many, typer.Option(help="Complexion; see --suspect-record.")] = None,
    race: Annotated[Many, typer.Option(help="Race; see --suspect-record.")] = None,
    ethnicity: Annotated[Many, typer.Option(help="Ethnicity; see --suspect-record.")] = None,
    country_of_birth: Annotated[
        Many, typer.Option(help="Country of birth; only to identify a person.")
    ] = None,
    marks: Annotated[
        Many, typer.Option(help="Scar, mark or tattoo: 'TAT L ARM' or 'tattoo left arm dragon'.")
    ] = None,
    category: Annotated[Many, typer.Option(help="In what capacity a person is named.")] = None,
    plate: Annotated[str, typer.Option(help="Plate or a part of one, with * and ?.")] = "",
    plate_state: Annotated[str, typer.Option(help="State of the plate.")] = "",
    vin: Annotated[str, typer.Option(help="VIN, or its last eight characters.")] = "",
    make: Annotated[Many, typer.Option(help="Vehicle make: code or word.")] = None,
    model: Annotated[str, typer.Option(help="Vehicle model.")] = "",
    style: Annotated[Many, typer.Option(help="Vehicle style: code or word.")] = None,
    colour: Annotated[
        Many, typer.Option("--colour", "--color", help="Vehicle colour: code or word.")
    ] = None,
    year: Annotated[
        Span | None, typer.Option(parser=span, metavar="FROM-TO", help="Model year: 2010-2015.")
    ] = None,
    organisation: Annotated[
        str, typer.Option("--organisation", "--organization", help="Name of an organisation.")
    ] = "",
    phone: Annotated[str, typer.Option(help="Phone, with or without area code.")] = "",
    email: Annotated[str, typer.Option(help="E-mail address.")] = "",
    address: Annotated[str, typer.Option(help="Address or a part of one.")] = "",
    identifiers: Annotated[
        list[IdentifierAsked] | None,
        typer.Option(
            "--identifier",
            parser=identifier,
            metavar="TYPE:VALUE[:ISSUER]",
            help="type:value or type:value:issuer.",
        ),
    ] = None,
    number: Annotated[str, typer.Option(help="Incident, case or record number.")] = "",
    offence: Annotated[Many, typer.Option(help="Offence: NIBRS code.")] = None,
    any_of: Annotated[str, typer.Option("--any", help="Words of which one must be there.")] = "",
    none_of: Annotated[str, typer.Option("--none", help="Words that must not be there.")] = "",
    department: Annotated[Many, typer.Option(help="Only records of this department.")] = None,
    kind: Annotated[Many, typer.Option(help="Only this kind of record.")] = None,
    basis: Annotated[Many, typer.Option(help="Only with an association on this basis.")] = None,
    evidence: Annotated[Many, typer.Option(help="Only fact, or only assessment.")] = None,
    from_: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")
    ] = None,
    to: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day.")] = None,
    sort: Annotated[Sort, typer.Option(help="Order of the results.")] = Sort.BEST,
    page: Annotated[int, typer.Option(help="Which page of results.")] = 1,
    page_size: Annotated[int, typer.Option(help="Results on a page.")] = 25,
    hide_small_counts: Annotated[
        bool, typer.Option("--hide-small-counts", help="Hide counts under 5, round the others.")
    ] = False,
    purpose: Annotated[str, typer.Option(help="Why: a purpose of the closed list.")] = "",
    case: Annotated[str, typer.Option(help="For which case.")] = "",
    requester: Annotated[str, typer.Option(help="Who asks.")] = "",
    on_behalf_of: Annotated[str | None, typer.Option(help="For whom, if for another.")] = None,
    agency: Annotated[str | None, typer.Option(help="ORI of the requester's agency.")] = None,
    suspect_record: Annotated[
        str | None, typer.Option(help="Number of the record that describes the suspect.")
    ] = None,
    entities: Annotated[
        bool,
        typer.Option("--entities", help="Show first who and what the records are about."),
    ] = False,
    as_json_: AsJson = False,
) -> None:
    """Find records by words, names, looks, vehicles, numbers, and more; every search is audited."""
    from consumers.assembly import search_of

    context = Context(requester, purpose, case, on_behalf_of, agency, suspect_record)
    criteria = Criteria(
        text=text, text_any=any_of, text_none=none_of, name=name, date_of_birth=dob,
        sex=tuple(sex or ()), hair=tuple(hair or ()), eyes=tuple(eyes or ()),
        build=tuple(build or ()), complexion=tuple(complexion or ()), race=tuple(race or ()),
        ethnicity=tuple(ethnicity or ()), country_of_birth=tuple(country_of_birth or ()),
        age=age, age_at_event=age_at_event, height=height, weight=weight,
        marks=tuple(marks or ()), categories=tuple(category or ()), plate=plate,
        plate_state=plate_state, vin=vin, make=tuple(make or ()), model=model,
        style=tuple(style or ()), colour=tuple(colour or ()), vehicle_year=year,
        organisation=organisation, phone=phone, email=email, address=address,
        identifiers=tuple(identifiers or ()), number=number, offences=tuple(offence or ()),
        departments=tuple(department or ()), record_kinds=tuple(kind or ()),
        bases=tuple(basis or ()), evidence=tuple(evidence or ()), from_day=_day(from_),
        until_day=_day(to), sort=sort, page=page, page_size=page_size,
        hide_small_counts=hide_small_counts,
    )  # fmt: skip
    answer = search_of(load()).search(context, criteria, with_entities=entities)
    if as_json_:
        met = [entity_as_json(each) for each in answer.entities or ()]
        told = as_json(answer) | ({"entities": met} if entities else {})
        typer.echo(orjson.dumps(told))
        return
    console = Console()
    show_entities(answer.entities or (), console)
    show(answer, console)
