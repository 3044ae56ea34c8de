"""The bus's own processes, as commands; `recordbus up` runs each as a child.

The kit does not import them: a worker is known by its command line, as it is in a container.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from recordbus.local.ports import answers
from recordbus.local.spec import ProcessSpec

STOP_ORDER: Final = 10


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker: a name of its own, and the arguments of `recordbus` that run it."""

    name: str
    arguments: tuple[str, ...]


WORKERS: Final = (
    Worker("intake", ("stage", "run", "intake")),
    Worker("meet", ("stage", "run", "meet")),
    Worker("identify", ("stage", "run", "identify")),
    Worker("associate", ("stage", "run", "associate")),
    Worker("index", ("index", "run")),
    Worker("upkeep", ("upkeep", "run")),
    Worker("audit", ("audit", "run")),
    Worker("uses", ("audit", "publish-uses")),
)

GATEWAY: Final = Worker("gateway", ("gateway", "run"))
"""The door for departments that push; it runs where the setting `gateway.enabled` says so."""
FEEDS: Final = Worker("feeds", ("feeds", "run"))
"""What tells subscribers; it runs where the setting `feeds.enabled` says so."""
PORTAL: Final = Worker("portal", ("feeds", "portal"))
"""The door for subscribers; it runs where the setting `feeds.portal.enabled` says so."""


def wanted_workers(*, gateway: bool, feeds: bool, portal: bool) -> tuple[Worker, ...]:
    """Give the workers of a bus, with the optional ones that are wanted."""
    optional = ((GATEWAY, gateway), (FEEDS, feeds), (PORTAL, portal))
    return (*WORKERS, *(worker for worker, is_wanted in optional if is_wanted))


def worker_spec(
    worker: Worker, environment: Mapping[str, str], metrics_port: int, directory: Path
) -> ProcessSpec:
    """Describe a worker to the supervisor; it is ready once it shows its metrics.

    It keeps its metrics port and its name in the group over restarts.
    """
    own = {
        "RECORDBUS_METRICS__PORT": str(metrics_port),
        "RECORDBUS_STAGE__INSTANCE_ID": f"{worker.name}-0",
    }
    return ProcessSpec(
        name=worker.name,
        argv=(sys.executable, "-m", "recordbus", *worker.arguments),
        env={**environment, **own},
        ready=lambda: answers(metrics_port),
        stop_order=STOP_ORDER,
        directory=directory,
        ports={"metrics": metrics_port},
    )
