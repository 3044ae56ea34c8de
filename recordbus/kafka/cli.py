"""`recordbus topics` and `recordbus schemas`: what the cluster and the registry should hold."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from recordbus import departments as department_file
from recordbus.errors import ExitCode, Misconfigured
from recordbus.settings import Settings, load

if TYPE_CHECKING:
    from recordbus.kafka.topics import Topic

topics = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Create and check the topics of the catalogue; no worker ever creates one.",
)
schemas = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Register and check the schemas of everything that crosses the bus.",
)

_Department = Annotated[
    list[str] | None,
    typer.Option("--department", help="A department by name; those of the file when not given."),
]
_Replicas = Annotated[int, typer.Option("--replicas", min=1, help="Copies of each partition.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@topics.command("apply")
def apply_topics(department: _Department = None, replicas: _Replicas = 1) -> None:
    """Create missing topics and set differing settings; running it twice changes nothing more."""
    from recordbus.kafka.admin import Admin
    from recordbus.kafka.connection import Connection

    settings = load()
    wanted = _wanted(settings, department, replicas)
    changes = Admin(Connection.from_settings(settings.kafka)).apply_topics(wanted)
    _lines(str(change) for change in changes)
    typer.echo(f"{len(changes)} changes; {len(wanted)} topics are as the catalogue says")


@topics.command("diff")
def diff_topics(
    department: _Department = None, replicas: _Replicas = 1, as_json: _Json = False
) -> None:
    """Show what `apply` would change, without changing it; ends with 1 when something differs."""
    from recordbus.kafka.admin import Admin
    from recordbus.kafka.connection import Connection

    settings = load()
    wanted = _wanted(settings, department, replicas)
    changes = Admin(Connection.from_settings(settings.kafka)).diff_topics(wanted)
    if as_json:
        fields = ("kind", "topic", "setting", "current", "wanted")
        rows = [{name: getattr(change, name) for name in fields} for change in changes]
        typer.echo(json.dumps({"changes": rows}))
    else:
        _lines(str(change) for change in changes)
        typer.echo(f"{len(changes)} differences in {len(wanted)} topics")
    if changes:
        raise typer.Exit(ExitCode.FAILED)


@topics.command("list")
def list_topics(department: _Department = None, as_json: _Json = False) -> None:
    """List the topics that there should be, and what each is for; asks no broker."""
    from recordbus.kafka.catalogue import partitions_by_group
    from schemas import catalog

    settings = load()
    specs = catalog.topics().concrete(
        _names(settings, department), partitions_by_group(settings.stage)
    )
    rows = [
        {
            "topic": spec.name,
            "kind": spec.kind,
            "partitions": spec.partitions,
            "key": spec.key,
            "value": spec.value_schema,
            "says": spec.says,
        }
        for spec in specs
    ]
    if as_json:
        typer.echo(json.dumps({"topics": rows}))
    else:
        _lines(
            f"{row['topic']}  ({row['kind']}, {row['partitions']})  {row['says']}" for row in rows
        )


@schemas.command("register")
def register_schemas(department: _Department = None) -> None:
    """Register every schema, each after those it mentions, under FULL_TRANSITIVE compatibility.

    Checks them as `check` does first, and registers none when there is a problem.
    """
    from recordbus.kafka.catalogue import register_all
    from recordbus.kafka.registry import SchemaRegistry
    from recordbus.kafka.schema_check import problems

    settings = load()
    registry = SchemaRegistry.from_settings(settings.registry)
    names = _names(settings, department)
    try:
        if found := problems(registry, names):
            raise Misconfigured("; ".join(found), hint="`recordbus schemas check` lists them")
        new = register_all(registry, names)
    finally:
        registry.close()
    typer.echo(f"{new} schemas were new; the registry holds all of them")


@schemas.command("check")
def check_schemas(department: _Department = None) -> None:
    """Check the rules of the schemas, and that each fits every version that is registered.

    Ends with 1 when one does not; registers nothing.
    """
    from recordbus.kafka.registry import SchemaRegistry
    from recordbus.kafka.schema_check import problems

    settings = load()
    registry = SchemaRegistry.from_settings(settings.registry)
    try:
        found = problems(registry, _names(settings, department))
    finally:
        registry.close()
    _lines(found)
    typer.echo(f"{len(found)} problems")
    if found:
        raise typer.Exit(ExitCode.FAILED)


def _wanted(settings: Settings, department: list[str] | None, replicas: int) -> list[Topic]:
    from recordbus.kafka.catalogue import partitions_by_group, wanted_topics

    return wanted_topics(
        _names(settings, department), partitions_by_group(settings.stage), replicas=replicas
    )


def _names(settings: Settings, department: list[str] | None) -> tuple[str, ...]:
    if department:
        return tuple(department)
    return department_file.load(settings.departments_path()).names


def _lines(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)
