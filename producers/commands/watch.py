"""`recordbus publish watch`: a drop folder, filled by the department or from its SFTP server."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from producers.commands.options import AsJson, Department, MappingName
from producers.connectors.csv_snapshot import Account
from producers.connectors.file_watch import STEPS, Layout, Watcher
from producers.connectors.file_watch.complete import Completeness
from producers.connectors.file_watch.layout import REPORT, read_json
from producers.connectors.file_watch.publishing import publish_drop
from producers.connectors.file_watch.service import Pace, Pull, WatchService, pull_nothing
from producers.connectors.file_watch.watcher import approve as approve_held
from producers.connectors.file_watch.watcher import decline as decline_held
from producers.mapping import DepartmentMapping
from producers.session import open_session
from producers.shipped import find_mapping
from recordbus import crashpoints, metrics
from recordbus.clock import SystemClock
from recordbus.errors import Misconfigured
from recordbus.settings import Settings, load
from recordbus.stopping import until_told_to_stop

watch = typer.Typer(
    add_completion=False,
    help="Publish exports from a drop folder as they come.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_LOOKS: Final = 3
"""Seen on the server, seen alike a second time and taken, seen to be quiet here."""

Folder = Annotated[
    Path, typer.Argument(help="The watched place; the department writes into `incoming` of it.")
]
Name = Annotated[str, typer.Argument(help="The held drop, as `list` shows it.")]
By = Annotated[str, typer.Option("--by", help="The account of the one who decides.")]


@watch.command()
def run(
    folder: Folder,
    mapping_name: MappingName,
    department: Department,
    once: Annotated[bool, typer.Option("--once", help="Look twice, then end.")] = False,
    quiet_seconds: Annotated[
        float,
        typer.Option(help="Without markers: a drop nobody wrote for so long is complete.", min=0),
    ] = 10.0,
    poll_seconds: Annotated[float, typer.Option(help="How often to look.", min=0.1)] = 5.0,
    keep_days: Annotated[
        int, typer.Option(help="How long settled drops and their reports stay.", min=0)
    ] = 7,
    sftp: Annotated[
        str | None,
        typer.Option("--sftp", help="Pull from USER@HOST[:PORT]/FOLDER on the department's side."),
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="SFTP: the private key by which we are known.")
    ] = None,
    known_hosts: Annotated[
        Path | None, typer.Option("--known-hosts", help="SFTP: file with the server's own key.")
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="SFTP: delete there what was taken.")
    ] = False,
) -> None:
    """Publish complete drops as they come, until told to end; or once.

    A mapping with `ready: marker` waits for NAME.done beside each drop.
    """
    if crash_at := os.environ.get("RECORDBUS_CRASH_AT"):
        crashpoints.arm(crashpoints.exit_at(crash_at, STEPS))
    settings, clock, layout = load(), SystemClock(), Layout(folder)
    mapping = find_mapping(mapping_name)
    marker = any(each.source.ready == "marker" for each in mapping.exports.values())
    complete = Completeness(clock, quiet_seconds, marker=marker)
    publish = _publishing(settings, mapping, department)
    watcher = Watcher(department, layout, publish, clock, complete)
    pull = _pulling(department, layout, sftp, key, known_hosts, marker=marker, remove=remove)
    pace = Pace(poll_seconds=poll_seconds, keep=timedelta(days=keep_days))
    service = WatchService(department, layout, watcher, clock, pace, pull)
    with layout.watched():
        if once:
            _look(service, 1 if marker else _LOOKS, quiet_seconds)
            return
        port = metrics.serve(settings.metrics.port, settings.metrics.host)
        typer.echo(f"metrics at http://{settings.metrics.host}:{port}/metrics")
        service.run(until_told_to_stop())


@watch.command("list")
def list_drops(folder: Folder, as_json: AsJson = False) -> None:
    """List what is held, and what was refused and why."""
    layout = Layout(folder)
    found = [
        {"place": place, "drop": claim.name} | _shown(claim)
        for place in ("held", "refused")
        for claim in layout.claims(place)
    ]
    if as_json:
        typer.echo(json.dumps(found))
        return
    for each in found:
        typer.echo(f"{each['place']}: {each['drop']}: {each['reason']}: {each['detail']}")
    typer.echo(f"{len(found)} held or refused")


@watch.command()
def approve(folder: Folder, name: Name, by: By) -> None:
    """Let a held drop be published; the watch does it when it looks next."""
    claim = approve_held(Layout(folder), name, by, SystemClock().now())
    typer.echo(f"{claim.name} is approved by {by} and goes out with the next look")


@watch.command()
def decline(folder: Folder, name: Name, by: By) -> None:
    """Refuse a held drop for good."""
    claim = decline_held(Layout(folder), name, by, SystemClock().now())
    typer.echo(f"{claim.name} is refused by {by}")


# --- inside ------------------------------------------------------------------------------


def _shown(claim: Path) -> dict[str, object]:
    report = read_json(claim / REPORT)
    return {name: report.get(name) for name in ("name", "reason", "detail", "settled_at")}


def _publishing(
    settings: Settings, mapping: DepartmentMapping, department: str
) -> Callable[[Path, bool], Sequence[Account]]:
    def publish(path: Path, approved: bool) -> Sequence[Account]:
        with open_session(settings, department) as session:
            return publish_drop(session, mapping, path, approved=approved)

    return publish


def _pulling(
    department: str,
    layout: Layout,
    sftp: str | None,
    key: Path | None,
    known_hosts: Path | None,
    *,
    marker: bool,
    remove: bool,
) -> Pull:
    if sftp is None:
        return pull_nothing
    if key is None or known_hosts is None:
        raise Misconfigured(
            "--sftp needs --key and --known-hosts",
            hint="both sides are known by keys; there is no password",
        )
    try:
        from producers.connectors.file_watch.sftp import Server, SftpSource
    except ImportError as error:
        raise Misconfigured(
            "SFTP cannot be spoken here", hint="install the extra: pip install 'recordbus[sftp]'"
        ) from error
    user, host, port, folder = _address(sftp)
    server = Server(host, user, key, known_hosts, folder, port, marker=marker, remove=remove)
    return SftpSource(department, server, layout).pull


def _address(text: str) -> tuple[str, str, int, str]:
    """Read USER@HOST[:PORT]/FOLDER; the folder is relative to where the server puts the user."""
    user, _, rest = text.partition("@")
    place, _, folder = rest.partition("/")
    host, _, port = place.partition(":")
    if not user or not host or not (port or "22").isdigit():
        raise Misconfigured(
            f"{text!r} is no address of a folder", hint="write it as user@host:22/outgoing"
        )
    return user, host, int(port or "22"), folder or "."


def _look(service: WatchService, looks: int, quiet_seconds: float) -> None:
    """Look once, or as often as it takes to see that nobody writes; say what ended where."""
    ended = service.step()
    for _ in range(looks - 1):
        time.sleep(quiet_seconds)
        ended += service.step()
    counts = ", ".join(f"{count} {place}" for place, count in sorted(ended.items()))
    typer.echo(counts or "nothing to take")
