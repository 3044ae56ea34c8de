"""What the bench asks of an engine's process, and the job that it brings along."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from bench.work.job import STAGES, Job
from recordbus.kafka.registry import SchemaRegistry


@dataclass(frozen=True, slots=True)
class Asked:
    """One stage of one run; `stage` is the name that its group and its changelog go by."""

    work: str
    servers: str
    registry: str
    stage: str
    directory: str
    exactly_once: bool
    source: str


def asked() -> tuple[Asked, Job]:
    """Read the command line of an engine's process, and make its job."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", choices=tuple(STAGES), required=True)
    for name in ("servers", "registry", "stage", "directory"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--exactly-once", action="store_true")
    given = vars(parser.parse_args())
    job = Job(given["work"], SchemaRegistry(given["registry"]))
    return Asked(**given, source=job.source), job
