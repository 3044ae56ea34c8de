"""`recordbus departments`: who publishes on this bus, and letting one more department join it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from recordbus import departments as department_file
from recordbus.departments import Contact, Department
from recordbus.errors import Misconfigured, Retryable
from recordbus.joining import Enrolled, create_topics, enrol, register_schema
from recordbus.settings import Settings, load

departments = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="See who publishes on this bus, and let one more department join it.",
)

_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
_PATIENCE_SECONDS = 5.0
_START_AGAIN = (
    "start intake and upkeep again, which read the departments file when they start: "
    "here, `recordbus down` and then `recordbus up`"
)


@departments.command("list")
def list_departments(as_json: _Json = False) -> None:
    """List the departments of this bus; asks no broker and shows no secret."""
    rows = [_row(each) for each in department_file.load(load().departments_path())]
    if as_json:
        typer.echo(json.dumps({"departments": rows}))
        return
    for row in rows:
        typer.echo(f"{row['name']}  {row['ori']}  {row['title']}  ({row['contact']['unit']})")
    typer.echo(f"{len(rows)} departments")


@departments.command()
def add(
    name: Annotated[
        str, typer.Argument(help="Small letters, digits, dashes: maple-grove-pd; for good.")
    ],
    ori: Annotated[str, typer.Option(help="Its ORI: nine capitals and digits.")],
    title: Annotated[str, typer.Option(help="What people call it.")],
    unit: Annotated[str, typer.Option(help="Whom to ask before acting on its records.")],
    phone: Annotated[str | None, typer.Option(help="That unit's phone.")] = None,
    email: Annotated[str | None, typer.Option(help="That unit's e-mail address.")] = None,
    own_secret: Annotated[
        bool,
        typer.Option(
            "--own-secret", help="The department keeps its secret to itself; make none here."
        ),
    ] = False,
    replicas: Annotated[
        int, typer.Option("--replicas", min=1, help="Copies of each partition of its topic.")
    ] = 1,
    as_json: _Json = False,
) -> None:
    """Let a department join: its entry, a fresh secret, its topic and its schema.

    Doing it again completes what was missing, such as the topic when no broker answered.
    """
    settings = load()
    path = settings.departments_path()
    enrolled = enrol(
        path, _department(name, ori, title, unit, phone, email), with_secret=not own_secret
    )
    done, missing = _on_the_bus(settings, enrolled.department, replicas)
    done = [*_in_the_file(enrolled, path), *done]
    following = [*missing, *_next(enrolled.department)]
    if as_json:
        told = _row(enrolled.department) | {
            "file": str(path), "is_new": enrolled.is_new, "done": done, "next": following,
        }  # fmt: skip
        typer.echo(json.dumps(told))
        return
    for sentence in done:
        typer.echo(sentence)
    typer.echo("next:")
    for sentence in following:
        typer.echo(f"  - {sentence}")


def _department(
    name: str, ori: str, title: str, unit: str, phone: str | None, email: str | None
) -> Department:
    try:
        contact = Contact(unit=unit, phone=phone, email=email)
        return Department(name=name, title=title, ori=ori, contact=contact)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(
            f"{field}: {first['msg'].removeprefix('Value error, ')}",
            hint="a name is like maple-grove-pd, an ORI is nine capitals and digits",
        ) from None


def _in_the_file(enrolled: Enrolled, path: Path) -> list[str]:
    department = enrolled.department
    entry = "is now" if enrolled.is_new else "was already"
    told = [f"{department.name} {entry} in {path}"]
    if department.secret_file is not None:
        secret = "was made, readable by you only" if enrolled.made_secret else "was there and stays"
        told.append(f"its secret {department.secret_file} {secret}")
    return told


def _on_the_bus(
    settings: Settings, department: Department, replicas: int
) -> tuple[list[str], list[str]]:
    """Create topic and schema; give what was done, and what is left because nobody answered."""
    from recordbus.kafka.admin import Admin
    from recordbus.kafka.connection import Connection
    from recordbus.kafka.registry import SchemaRegistry

    done: list[str] = []
    missing: list[str] = []
    admin = Admin(Connection.from_settings(settings.kafka), timeout_seconds=_PATIENCE_SECONDS)
    registry = SchemaRegistry.from_settings(settings.registry)
    try:
        partitions = settings.stage.partitions
        made = create_topics(admin, department, partitions=partitions, replicas=replicas)
        done.append(f"its topic {department.topic} {'was made' if made else 'is as it should be'}")
    except Retryable as error:
        missing.append(f"{error.message}: when it is up, run `recordbus topics apply`")
    try:
        new = register_schema(registry, department)
        done.append(f"the registry has its schemas, {new} of them new")
    except Retryable as error:
        missing.append(f"{error.message}: when it is up, run `recordbus schemas register`")
    finally:
        registry.close()
    return done, missing


def _next(department: Department) -> list[str]:
    name, secret = department.name, department.secret_file
    kept = (
        "the department makes its secret, and keeps it: openssl rand -hex 32"
        if secret is None
        else f"back up {secret} like a signing key; if {name} publishes from a machine of its "
        "own, hand it over and keep no copy"
    )
    return [
        _START_AGAIN,
        f"where the broker has access rules, let only {name} write to {department.topic}",
        kept,
        f"try it: recordbus publish csv FILE --mapping MAPPING --department {name} --dry-run",
    ]


def _row(department: Department) -> dict[str, Any]:
    secret = department.secret_file
    return {
        "name": department.name,
        "ori": department.ori,
        "title": department.title,
        "topic": department.topic,
        "contact": department.contact.model_dump(mode="json"),
        "secret_file": None if secret is None else str(secret),
    }
