"""`recordbus show`, `path`, `why`, `why-not` and `network`: questions about entities."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console

from consumers.search.criteria import Context
from recordbus.settings import load

_ENTITY = "Id of an entity, or its first 8 characters or more."
_MENTION = "A mention: <record key>.<local id>, the key cut to 8 characters or more."
Entity = Annotated[str, typer.Argument(help=_ENTITY, show_default=False)]
Mention = Annotated[str, typer.Argument(help=_MENTION, show_default=False)]
Assessments = Annotated[
    bool, typer.Option("--assessments", help="Follow assessments too, not only facts.")
]


def _asked(
    purpose: Annotated[str, typer.Option(help="Why: a purpose of the closed list.")] = "",
    case: Annotated[str, typer.Option(help="For which case.")] = "",
    requester: Annotated[str, typer.Option(help="Who asks.")] = "",
    on_behalf_of: Annotated[
        str | None,
        typer.Option(help="For which agency, if for another than that of this terminal."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> tuple[Context, bool]:
    """Give who asks, and whether for a program: the options that all these commands have (R-28)."""
    return Context(requester, purpose, case, on_behalf_of), as_json


_COMMON = inspect.signature(_asked, eval_str=True).parameters


def _command(says: str, answer: Callable[..., None]) -> typer.Typer:
    """Make a command of a function that takes its own arguments, then context and `as_json`."""

    @wraps(answer)
    def run(**given: Any) -> None:
        context, as_json = _asked(**{name: given.pop(name) for name in _COMMON})
        answer(**given, context=context, as_json=as_json)

    own = inspect.signature(answer, eval_str=True).parameters
    named = [each for name, each in own.items() if name not in ("context", "as_json")]
    both = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            for each in (*named, *_COMMON.values())]  # fmt: skip
    run.__signature__ = inspect.Signature(both)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in both}
    made = typer.Typer(add_completion=False, help=says, rich_markup_mode=None)
    made.command()(run)
    return made


def show_entity(entity: Entity, *, context: Context, as_json: bool) -> None:
    """Show what records say of an entity, and its associations by basis; audited like a search."""
    from consumers.assembly import inquiries_of
    from consumers.search.inquiry.as_json import page_as_json
    from consumers.search.inquiry.show import show_page

    page = inquiries_of(load()).show(context, entity)
    if as_json:
        _print_json(page_as_json(page))
    else:
        show_page(page, Console())


def find_path(
    start: Entity, end: Entity, assessments: Assessments = False, *, context: Context, as_json: bool
) -> None:
    """Find the shortest ways between two entities, each step with its records; audited."""
    from consumers.assembly import inquiries_of
    from consumers.search.inquiry.as_json import ways_as_json
    from consumers.search.inquiry.show import show_ways

    answer = inquiries_of(load()).path(context, start, end, with_assessments=assessments)
    if as_json:
        _print_json(ways_as_json(answer))
    else:
        show_ways(answer, Console())


def draw_network(
    entity: Entity,
    output: Annotated[
        Path,
        typer.Option(help="Where to: a file ending in .html, .svg, .graphml or .csv.",
                     show_default=False),
    ],
    depth: Annotated[int, typer.Option(help="How many steps out, 1 to 4.")] = 1,
    assessments: Assessments = False,
    *,
    context: Context,
    as_json: bool,
) -> None:  # fmt: skip
    """Draw what is around an entity: a picture with legend and table, or a table; audited."""
    from consumers.assembly import inquiries_of
    from consumers.search.inquiry.as_json import network_as_json
    from consumers.search.picture.files import drawn, show_drawn, writer_of

    write = writer_of(output)
    answer = inquiries_of(load()).network(context, entity, depth, with_assessments=assessments)
    drawn(output, write(answer))
    if as_json:
        _print_json(network_as_json(answer) | {"output": str(output)})
    else:
        show_drawn(answer, output, Console())


def say_why(first: Mention, second: Mention, *, context: Context, as_json: bool) -> None:
    """Say what makes two mentions one entity, worked out again from their records; audited."""
    _explain(context, "why", (first, second), as_json, expects_one=True)


def say_why_not(first: Mention, second: Mention, *, context: Context, as_json: bool) -> None:
    """Say what keeps two mentions apart, worked out again from their records; audited."""
    _explain(context, "why-not", (first, second), as_json, expects_one=False)


show = _command("Show an entity and its associations.", show_entity)
path = _command("Find the shortest ways between two entities.", find_path)
network = _command("Draw what is around an entity.", draw_network)
why = _command("Say why two mentions are one entity.", say_why)
why_not = _command("Say why two mentions are not one entity.", say_why_not)


def _explain(
    context: Context, command: str, mentions: tuple[str, str], as_json: bool, *, expects_one: bool
) -> None:
    from consumers.assembly import why_of
    from consumers.search.inquiry.show_why import show_why, why_as_json

    found = why_of(load()).ask(context, command, *mentions)
    if as_json:
        _print_json(why_as_json(found))
    else:
        show_why(found, Console(), expects_one=expects_one)


def _print_json(told: dict[str, Any]) -> None:
    typer.echo(orjson.dumps(told))
