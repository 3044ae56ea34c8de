"""Runs one door over HTTP as a process: what its settings must be, its metrics, and its end.

Invariant: a door that may not listen as it is set (R-45) is refused before anything is opened.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from contextlib import ExitStack
from typing import Any

import typer

from recordbus import crashpoints, metrics
from recordbus.settings import DoorSettings, Settings
from recordbus.web.limits import RequestLimits
from recordbus.web.server import Listening, serve

Assemble = Callable[[Settings, ExitStack], Any]


def serve_door(
    settings: Settings, own: DoorSettings, assemble: Assemble, steps: Collection[str]
) -> None:
    """Serve what `assemble` gives until SIGTERM or Ctrl-C, then close what it opened.

    `own` are the settings of this door, `steps` the crash points that a test may name. What is at
    work when the end comes is answered first. Raises Misconfigured when it cannot be served so.
    """
    if crash_at := os.environ.get("RECORDBUS_CRASH_AT"):
        crashpoints.arm(crashpoints.exit_at(crash_at, steps))
    listening = listening_of(own).checked()
    with ExitStack() as stack:
        door = assemble(settings, stack)
        port = metrics.serve(settings.metrics.port, settings.metrics.host)
        typer.echo(f"metrics at http://{settings.metrics.host}:{port}/metrics")
        serve(door, listening, lambda address: typer.echo(f"listening at {address}"))


def listening_of(own: DoorSettings) -> Listening:
    """Give where a door listens, and how its link is protected."""
    return Listening(
        own.host, own.port, own.tls_certificate, own.tls_key, own.behind_tls_proxy, own.head_seconds
    )


def request_limits_of(own: DoorSettings) -> RequestLimits:
    """Give the bounds of one request at a door."""
    return RequestLimits(body_bytes=own.body_bytes, body_seconds=own.body_seconds)
