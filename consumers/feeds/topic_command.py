"""`recordbus feeds topic`: makes the topic that an agency is told on; no worker ever does."""

from __future__ import annotations

from typing import Annotated

import typer

from recordbus.settings import load

Agency = Annotated[str, typer.Argument(help="The agency, as its subscriptions name it.")]
Replicas = Annotated[int, typer.Option("--replicas", min=1, help="Copies of each partition.")]


def topic(agency: Agency, replicas: Replicas = 1) -> None:
    """Create an agency's topic and register its schema; running it twice changes nothing more."""
    from consumers.assembly import connection_of, registry_of
    from consumers.feeds.channels.topic_schema import register
    from recordbus.errors import Misconfigured
    from recordbus.kafka.admin import Admin
    from recordbus.kafka.catalogue import wanted
    from schemas import catalog

    settings = load()
    try:
        spec = catalog.topic_for_agency(agency)
    except catalog.CatalogError as error:
        raise Misconfigured(str(error), hint="see: recordbus feeds list") from error
    registry = registry_of(settings)
    try:
        is_new = register(registry, spec.name)
    finally:
        registry.close()
    changes = Admin(connection_of(settings)).apply_topics([wanted(spec, replicas)])
    for change in changes:
        typer.echo(str(change))
    schema = "registered its schema" if is_new else "its schema was registered already"
    typer.echo(f"{spec.name}: {len(changes)} changes; {schema}")
