"""One stage's way through a growing county, in a process of its own.

What it says goes into files that the stages after it read, in the order that a bus without any
delay would have. At each size it is told what the last tenth of the records up to there cost, what
the values take, what the process came to hold, and how soon a new owner would be ready.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Final

from bench.chain import Chain, Refused, Room
from bench.county import shuffled
from bench.growth.gauge import Gauge
from bench.growth.spool import Said, Spool, follow
from bench.growth.tending import tended
from bench.intake_handle import TOPIC, changes
from recordbus.kafka.wire import frame
from recordbus.testing import records
from streams.runtime.contract import Output

FEEDS: Final = {
    "intake": ("make",),
    "meet": ("intake",),
    "identify": ("intake", "meet"),
    "associate": ("intake", "identify"),
}
"""Whose words each stage reads, those first that are said first of one record."""
LISTENERS: Final = {
    "meetings.v1": "meet",
    "verdicts.v1": "identify",
    "relations.v1": "associate",
}
_MOMENT_MS: Final = int(records.MOMENT.timestamp() * 1000)
_SPARE: Final = 1.02
"""The world plants errors into some records, which intake refuses: so many more are made."""


def make(sizes: Sequence[int], directory: Path) -> None:
    """Write a county's records for intake."""
    schema_id = _chain().registry.id_of(f"{TOPIC}-value")
    most = int(sizes[-1] * _SPARE) + 100
    made = ((key, frame(schema_id, value)) for key, value in islice(changes(sizes[-1]), most))
    with Spool(log_between("make", "intake", directory)) as spool:
        for number, event in enumerate(shuffled(made)):
            spool.add((number, *event))


def take_in(stage: str, sizes: Sequence[int], directory: Path, *, keep: bool) -> None:
    """Let a stage handle everything, and write what was measured to `STAGE.json`.

    With `keep`, its values go into a file in the end.
    """
    room = _chain().rooms[stage]
    with ExitStack() as stack:
        logs = {
            topic: stack.enter_context(Spool(log_between(stage, listener, directory)))
            for topic, listener in LISTENERS.items()
            if stage in FEEDS[listener]
        }

        def log(number: int, said: Output) -> None:
            if said.topic in logs:
                logs[said.topic].add((number, said.topic, said.key, said.value))

        logs_of_feeds = [log_between(feed, stage, directory) for feed in FEEDS[stage]]
        given = tended(room, follow(logs_of_feeds))
        gauge = Gauge(room, sizes)
        (_take_accepted if stage == "intake" else _take_all)(room, given, gauge, log)
    steps = gauge.finished()
    (directory / f"{stage}.json").write_text(json.dumps(steps), encoding="utf-8")
    if keep:
        with Spool(values_of(stage, directory)) as spool:
            for key, value in room.values.items():
                spool.add((0, "", key, value))


def log_between(speaker: str, listener: str, directory: Path) -> Path:
    """Name the file in which one stage's words for another are."""
    return directory / f"{speaker}-{listener}.log"


def values_of(stage: str, directory: Path) -> Path:
    """Name the file in which a stage's values are in the end."""
    return directory / f"{stage}.values"


Log = Callable[[int, Output], None]


def _take_all(room: Room, given: Iterator[Said], gauge: Gauge, log: Log) -> None:
    for number, topic, key, value in given:
        gauge.before(number)
        for said in room.take(Output(topic, key, value), _MOMENT_MS):
            log(number, said)


def _take_accepted(room: Room, given: Iterator[Said], gauge: Gauge, log: Log) -> None:
    """Let intake take records until so many are accepted as are wanted; they are numbered anew."""
    accepted = 0
    for _, topic, key, value in given:
        if accepted == gauge.last:
            return
        gauge.before(accepted)
        try:
            outputs = room.take(Output(topic, key, value), _MOMENT_MS)
        except Refused:
            continue
        for said in outputs:
            log(accepted, said)
        accepted += 1
    assert accepted == gauge.last, f"only {accepted} records were accepted"


def _chain() -> Chain:
    return Chain({records.DEPARTMENT: records.ORI})
