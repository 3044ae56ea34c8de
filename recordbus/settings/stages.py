"""The settings of what works on the logs: the stages, and upkeep."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from recordbus.settings.fields import Group, setting


class StageSettings(Group):
    """How a stage batches, keeps its state and joins its group."""

    store: Literal["memory", "rocksdb"] = setting(
        "memory",
        "Where a stage keeps its state: memory is faster, rocksdb holds more than memory does.",
        example="rocksdb",
    )
    state_directory: Path | None = setting(
        None,
        "Where a stage keeps files; `state` in the run directory when unset.",
        example="/var/lib/recordbus/state",
    )
    erase_seconds: float = setting(
        300.0,
        "How often the rocksdb store rewrites its files, so that what was removed leaves the disk.",
        example="300",
        gt=0,
        le=86_400,
    )
    gather_ms: int = setting(
        20,
        "How long a batch gathers messages before it commits; up to five times as long where"
        " commits are slow.",
        example="20",
        ge=0,
        le=10_000,
    )
    batch_max_events: int = setting(
        500, "How many messages a batch holds at most.", example="500", ge=1, le=100_000
    )
    fetch_pace_ms: int = setting(
        40,
        "The least time between two requests for new messages; longer where batches are further"
        " apart.",
        example="40",
        ge=0,
        le=1000,
    )
    fetch_wait_ms: int = setting(
        500, "How long a broker may hold a fetch that finds nothing.", example="500", ge=1, le=5000
    )
    session_timeout_seconds: float = setting(
        10.0,
        "How long the group waits for a worker that fell silent before others take its share.",
        example="10",
        ge=6,
        le=300,
    )
    standby_replicas: int = setting(
        0,
        "Copies of the state that other workers keep warm; 0 on one machine, 1 with two workers.",
        example="1",
        ge=0,
        le=3,
    )
    commit_interval_seconds: float = setting(
        1.0, "How often offsets are acknowledged to the group.", example="1", gt=0, le=60
    )
    patience_seconds: float = setting(
        60.0,
        "How long a stage may finish nothing while messages wait, before it ends to be restarted.",
        example="60",
        ge=5,
        le=3600,
    )
    instance_id: str | None = setting(
        None,
        "A name that stays this worker's own, so that its restart moves nothing to another.",
        example="intake-0",
        pattern=r"^[A-Za-z0-9._-]{1,100}$",
    )
    partitions: int = setting(
        1,
        "Partitions of each topic that stages read; raise it for more machines, before first use.",
        example="4",
        ge=1,
        le=1000,
    )
    meeting_partitions: int = setting(
        1,
        "Partitions over which records meet; raise it for more machines, with a new epoch only.",
        example="4",
        ge=1,
        le=1000,
    )
    designations: bool = setting(
        False,
        "Whether designations of people as members of an organisation are taken (R-13).",
        example="true",
    )
    transaction_timeout_ms: int = setting(
        10_000,
        "How long an open transaction may hold its readers back after its worker was killed.",
        example="10000",
        ge=1000,
        le=900_000,
    )
    epoch: int = setting(
        0,
        "Log epoch; raise it by one when topics were made anew, so that new versions are newer.",
        example="1",
        ge=0,
        le=32_767,
    )


class UpkeepSettings(Group):
    """How often the logs are tidied."""

    tick_seconds: float = setting(
        10.0,
        "Time between two ticks; also how long a removal waits at most for its tombstone "
        "to be asked for.",
        example="10",
        gt=0,
        le=3600,
    )
