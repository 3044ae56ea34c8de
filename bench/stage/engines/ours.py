"""The stage runtime: always with its transactions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bench.stage.job import Job
from bench.stage.measure import Asked, Meter, asked
from recordbus import logs
from recordbus.settings import KafkaSettings, Settings, StageSettings
from streams.app import run_stage
from streams.runtime.contract import Handled, Input, Note, Output, Stage, plain_stage
from streams.runtime.step import Quarantined

_DONE = (Note("done"),)


def stage_of(wanted: Asked, done: Counter[Note]) -> Stage:
    """Make the job a stage; `done` counts what is committed."""
    job = Job(wanted.rounds)

    def handle(message: Input, state: bytes | None) -> Handled:
        output, new = job.work(message.value or b"", state)
        key = message.key or b""
        return Handled(new, (Output(wanted.output, key, output, message.partition),), notes=_DONE)

    return plain_stage(wanted.stage, [wanted.source], handle, observe=done.update)


def main() -> None:
    """Run until all events are committed."""
    wanted = asked()
    logs.configure("info", json=True)
    done: Counter[Note] = Counter()
    settings = Settings(
        kafka=KafkaSettings(bootstrap_servers=wanted.servers),
        stage=StageSettings(partitions=wanted.partitions, state_directory=Path(wanted.directory)),
    )
    Meter(wanted.events, lambda: done[_DONE[0]]).start()
    run_stage(stage_of(wanted, done), settings, _not_expected)


def _not_expected(aside: Quarantined) -> bytes:
    raise AssertionError(aside.reason)


if __name__ == "__main__":
    main()
