"""`recordbus show`, `path`, `why`, `why-not` and `network`: questions about entities."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from consumers.search.criteria import Context
from recordbus.settings import load


def _command(says: str) -> typer.Typer:
    return typer.Typer(add_completion=False, help=says, rich_markup_mode=None)


show = _command("Show an entity and its associations.")
path = _command("Find the shortest ways between two entities.")
why = _command("Say why two mentions are one entity.")
why_not = _command("Say why two mentions are not one entity.")
network = _command("Draw what is around an entity.")

_ENTITY = "Id of an entity, or its first 8 characters or more."
_MENTION = "A mention: <record key>.<local id>, the key cut to 8 characters or more."
Purpose = Annotated[str, typer.Option(help="Why: a purpose of the closed list.")]
Case = Annotated[str, typer.Option(help="For which case.")]
Requester = Annotated[str, typer.Option(help="Who asks.")]
OnBehalfOf = Annotated[str | None, typer.Option(help="For whom, if for another.")]
Agency = Annotated[str | None, typer.Option(help="ORI of the requester's agency.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Assessments = Annotated[
    bool, typer.Option("--assessments", help="Follow assessments too, not only facts.")
]


@show.command()
def show_entity(
    entity: Annotated[str, typer.Argument(help=_ENTITY, show_default=False)],
    purpose: Purpose = "",
    case: Case = "",
    requester: Requester = "",
    on_behalf_of: OnBehalfOf = None,
    agency: Agency = None,
    as_json: AsJson = False,
) -> None:
    """Show what records say of an entity, and its associations by basis; audited like a search."""
    from consumers.assembly import inquiries_of
    from consumers.search.inquiry.as_json import page_as_json
    from consumers.search.inquiry.show import show_page

    context = Context(requester, purpose, case, on_behalf_of, agency)
    page = inquiries_of(load()).show(context, entity)
    if as_json:
        _print_json(page_as_json(page))
    else:
        show_page(page, Console())


@path.command()
def find_path(
    start: Annotated[str, typer.Argument(help=_ENTITY, show_default=False)],
    end: Annotated[str, typer.Argument(help=_ENTITY, show_default=False)],
    assessments: Assessments = False,
    purpose: Purpose = "",
    case: Case = "",
    requester: Requester = "",
    on_behalf_of: OnBehalfOf = None,
    agency: Agency = None,
    as_json: AsJson = False,
) -> None:
    """Find the shortest ways between two entities, each step with its records; audited."""
    from consumers.assembly import inquiries_of
    from consumers.search.inquiry.as_json import ways_as_json
    from consumers.search.inquiry.show import show_ways

    context = Context(requester, purpose, case, on_behalf_of, agency)
    answer = inquiries_of(load()).path(context, start, end, with_assessments=assessments)
    if as_json:
        _print_json(ways_as_json(answer))
    else:
        show_ways(answer, Console())


@why.command()
def say_why(
    first: Annotated[str, typer.Argument(help=_MENTION, show_default=False)],
    second: Annotated[str, typer.Argument(help=_MENTION, show_default=False)],
    purpose: Purpose = "",
    case: Case = "",
    requester: Requester = "",
    on_behalf_of: OnBehalfOf = None,
    agency: Agency = None,
    as_json: AsJson = False,
) -> None:
    """Say what makes two mentions one entity, worked out again from their records; audited."""
    context = Context(requester, purpose, case, on_behalf_of, agency)
    _explain(context, "why", first, second, as_json, expects_one=True)


@why_not.command()
def say_why_not(
    first: Annotated[str, typer.Argument(help=_MENTION, show_default=False)],
    second: Annotated[str, typer.Argument(help=_MENTION, show_default=False)],
    purpose: Purpose = "",
    case: Case = "",
    requester: Requester = "",
    on_behalf_of: OnBehalfOf = None,
    agency: Agency = None,
    as_json: AsJson = False,
) -> None:
    """Say what keeps two mentions apart, worked out again from their records; audited."""
    context = Context(requester, purpose, case, on_behalf_of, agency)
    _explain(context, "why-not", first, second, as_json, expects_one=False)


@network.command()
def draw_network(
    entity: Annotated[str, typer.Argument(help=_ENTITY, show_default=False)],
    output: Annotated[
        Path,
        typer.Option(help="Where to: a file ending in .html, .svg, .graphml or .csv.",
                     show_default=False),
    ],
    depth: Annotated[int, typer.Option(help="How many steps out, 1 to 4.")] = 1,
    assessments: Assessments = False,
    purpose: Purpose = "",
    case: Case = "",
    requester: Requester = "",
    on_behalf_of: OnBehalfOf = None,
    agency: Agency = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Draw what is around an entity: a picture with legend and table, or a table; audited."""
    from consumers.assembly import inquiries_of
    from consumers.search.inquiry.as_json import network_as_json
    from consumers.search.picture.files import drawn, show_drawn, writer_of

    write = writer_of(output)
    context = Context(requester, purpose, case, on_behalf_of, agency)
    answer = inquiries_of(load()).network(context, entity, depth, with_assessments=assessments)
    drawn(output, write(answer))
    if as_json:
        _print_json(network_as_json(answer) | {"output": str(output)})
    else:
        show_drawn(answer, output, Console())


def _explain(
    context: Context, command: str, first: str, second: str, as_json: bool, *, expects_one: bool
) -> None:
    from consumers.assembly import why_of
    from consumers.search.inquiry.show_why import show_why, why_as_json

    found = why_of(load()).ask(context, command, first, second)
    if as_json:
        _print_json(why_as_json(found))
    else:
        show_why(found, Console(), expects_one=expects_one)


def _print_json(told: dict[str, Any]) -> None:
    typer.echo(orjson.dumps(told))
