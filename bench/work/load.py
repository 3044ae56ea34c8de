"""What all engines are given, and what they must have said in the end.

The log is what intake says of a county's records. What must come of it is worked out in this
process from the stages' pure parts alone, message by message, without any engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bench.chain import Chain, Event, Registry
from bench.county import county
from bench.intake_handle import TOPIC
from bench.work.job import PUBLIC, STAGES, calm_collector
from recordbus.testing import records
from streams.runtime.contract import Output

Content = dict[tuple[str, bytes], bytes | None]
"""What was said last of each key of the public topics."""

_MOMENT_MS = int(records.MOMENT.timestamp() * 1000)


class Part(NamedTuple):
    """Some of the log; what the public topics say after it, and in how many messages so far."""

    log: Sequence[Output]
    content: Content
    said: int


class Load(NamedTuple):
    """The log in two parts, and the CPU microseconds of the stages' pure work on a record."""

    warm_up: Part
    rest: Part
    work_microseconds: float


def load_of(registry: Registry, count: int, warm_up: int, now_ms: int) -> Load:
    """Make the log of so many records after a warm-up of so many.

    `now_ms` is about when they are taken in: what has expired by then is not asserted.
    """
    heard: list[Output] = []

    def hear(said: Output) -> None:
        if said.topic in PUBLIC:
            heard.append(said)

    chain = Chain({records.DEPARTMENT: records.ORI}, hear, registry)
    intake = chain.rooms["intake"]
    events = county(warm_up + count, registry.id_of(f"{TOPIC}-value"))
    said = [intake.take(Output(*event), _MOMENT_MS) for event in events]

    def part(of: Sequence[Sequence[Output]]) -> Part:
        log = _log(of)
        chain.feed((Event(each.topic, each.key, each.value or b"") for each in log), now_ms)
        return Part(log, content_of(heard), len(heard))

    calm_collector()
    first = part(said[:warm_up])
    before = _pure_seconds(chain)
    rest = part(said[warm_up:])
    return Load(first, rest, (_pure_seconds(chain) - before) / count * 1e6)


def content_of(heard: Sequence[Output]) -> Content:
    """Give what was said last of each key."""
    return {(each.topic, each.key): each.value for each in heard}


def _log(said: Sequence[Sequence[Output]]) -> list[Output]:
    """Give what the stages read of it: the relations, then what meets, so that the order is one."""
    outputs = [each for of_one in said for each in of_one]
    return [
        each for topic in ("relations.v1", "meetings.v1") for each in outputs if each.topic == topic
    ]


def _pure_seconds(chain: Chain) -> float:
    return sum(chain.rooms[name].seconds for name in STAGES)
