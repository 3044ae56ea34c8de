"""The stage runtime: always with its transactions."""

from __future__ import annotations

from pathlib import Path

from bench.stage.job import Job
from bench.stage.measure import Asked, Meter, asked
from recordbus import logs, metrics
from recordbus.settings import KafkaSettings, Settings, StageSettings
from streams.app import run_stage
from streams.runtime.contract import Handled, Input, Output, Stage, plain_stage
from streams.runtime.effects import Quarantined


def stage_of(wanted: Asked) -> Stage:
    """Make the job a stage."""
    job = Job(wanted.rounds)

    def handle(message: Input, state: bytes | None) -> Handled:
        output, new = job.work(message.value or b"", state)
        key = message.key or b""
        return Handled(new, (Output(wanted.output, key, output, message.partition),))

    return plain_stage(wanted.stage, [wanted.source], handle)


def main() -> None:
    """Run until all events are committed."""
    wanted = asked()
    logs.configure("info", json=True)
    settings = Settings(
        kafka=KafkaSettings(bootstrap_servers=wanted.servers),
        stage=StageSettings(partitions=wanted.partitions, state_directory=Path(wanted.directory)),
    )
    committed = metrics.STAGE_EVENTS_TOTAL.labels(wanted.stage, "handled")
    Meter(wanted.events, lambda: int(committed._value.get())).start()  # noqa: SLF001
    run_stage(stage_of(wanted), settings, _not_expected)


def _not_expected(aside: Quarantined) -> bytes:
    raise AssertionError(aside.reason)


if __name__ == "__main__":
    main()
