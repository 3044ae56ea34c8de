"""`recordbus stage`: run a stage's worker, or list the stages."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer
from rich.console import Console

from recordbus import crashpoints, departments, metrics
from recordbus.errors import Misconfigured
from recordbus.kafka.registry import SchemaRegistry
from recordbus.settings import Settings, load
from streams.catalogue import STAGES
from streams.rebuild.telling import Telling
from streams.runtime.crashpoints import NAMES

stage = typer.Typer(
    add_completion=False,
    help="Run the stages of the bus.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@stage.command()
def run(
    name: Annotated[str, typer.Argument(help="The stage; `recordbus stage list` shows them.")],
) -> None:
    """Run one worker of a stage until it is told to end.

    Exit code 75 means: start it again at once; it goes on from what it committed.
    """
    from streams.app import run_stage
    from streams.quarantine import QuarantineEncoder

    spec = STAGES.get(name)
    if spec is None:
        raise Misconfigured(f"there is no stage {name}", hint=f"the stages are {', '.join(STAGES)}")
    settings = load()
    if crash_at := os.environ.get("RECORDBUS_CRASH_AT"):
        crashpoints.arm(crashpoints.exit_at(crash_at, NAMES))
    registry = _registry(settings)
    known = departments.load(settings.departments_path())
    encode = QuarantineEncoder(registry, known)
    built = spec.build(settings, registry, known)
    port = metrics.serve(settings.metrics.port, settings.metrics.host)
    typer.echo(f"metrics at http://{settings.metrics.host}:{port}/metrics")
    run_stage(built, settings, encode, encode.department_of, spec.partitions(settings.stage))


@stage.command()
def rebuild(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Make all that the stages know anew from records.v1, under the epoch of the settings.

    For another model, other meeting partitions, or state that was lost. The four stages must not
    run. Killed anywhere, it goes on where it was when it is run again; then start the stages.
    """
    from streams.rebuild.assembly import rebuild_all
    from streams.rebuild.crashpoints import NAMES as REBUILDING

    settings = load()
    if crash_at := os.environ.get("RECORDBUS_CRASH_AT"):
        crashpoints.arm(crashpoints.exit_at(crash_at, (*NAMES, *REBUILDING)))
    with Telling(Console(stderr=True)) as telling:
        count = rebuild_all(settings, _registry(settings), telling)
    epoch = settings.stage.epoch
    if as_json:
        typer.echo(json.dumps({"epoch": epoch, "keys": count, "was_done": count is None}))
    elif count is None:
        typer.echo(f"everything is of epoch {epoch} already; raise stage.epoch to do it again")
    else:
        typer.echo(f"{count} keys were said again under epoch {epoch}; start the stages now")


@stage.command("list")
def list_stages(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the stages and what each of them says."""
    if as_json:
        typer.echo(json.dumps({spec.name: spec.says for spec in STAGES.values()}))
        return
    for spec in STAGES.values():
        typer.echo(f"{spec.name:10} {spec.says}")


def _registry(settings: Settings) -> SchemaRegistry:
    password = settings.registry.password
    return SchemaRegistry(
        settings.registry.url,
        user=settings.registry.user,
        password=password.get_secret_value() if password else None,
        ssl_ca_location=str(ca) if (ca := settings.registry.ca_location) else None,
        timeout_seconds=settings.registry.timeout_seconds,
    )
