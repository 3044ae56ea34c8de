"""`recordbus stage`: run a stage's worker, or list the stages."""

from __future__ import annotations

import json
import os
from typing import Annotated

import typer

from recordbus import crashpoints, departments, metrics
from recordbus.errors import Misconfigured
from recordbus.kafka.registry import SchemaRegistry
from recordbus.settings import Settings, load
from streams.catalogue import STAGES
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
