"""What associate's `handle` costs per record, without Kafka.

    python -m bench.associate_handle [--records N] [--profile]

The records are those of the synthetic world's five departments, in nobody's order, and pass intake,
meet and identify first. Measured are both sides of every record, each once: identify's comes some
hundred records after intake's, as it does on a bus. Then identify says of a tenth of them that
somebody is somebody else, and a tenth is taken away. "As it came" is everything that identify said
on the way, restatements too, in its order. CPU time of this thread, with the garbage collector as
the worker has it.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import platform
import pstats
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from bench.chain import Chain
from bench.county import county
from bench.intake_handle import TOPIC
from bench.replay import Entry, Replay
from recordbus.avro.reader import PlainReader
from recordbus.kafka.wire import HEADER_BYTES
from recordbus.testing import records
from streams.associate.entries import RELATIONS
from streams.associate.stage import associate_stage
from streams.associate.testing import ENTRY
from streams.collector import Collector
from streams.runtime.contract import Handled, Input

IN_FLIGHT: Final = 300
"""Records of which identify's side is still on its way when the next one of intake comes."""
_MOMENT_MS: Final = int(records.MOMENT.timestamp() * 1000)


class Recorder:
    """Stands where associate would, and keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[Entry] = []

    def handle(self, message: Input, _state: bytes | None) -> Handled:
        """Keep a message."""
        self.heard.append((message.key or b"", message.value or b""))
        return Handled()

    def state_key(self, message: Input) -> bytes:
        """Name no state."""
        return message.key or b""

    def loaded(self, key: bytes, state: bytes) -> None:
        """Know nothing."""

    def changed(self, key: bytes, old: bytes | None, new: bytes | None) -> None:
        """Follow nothing."""


def sides_of_each(heard: Sequence[Entry]) -> Iterator[Entry]:
    """Give both sides of every record once, identify's as it last was and later than intake's."""
    intake = [(key, value) for key, value in heard if key.endswith(b"/intake")]
    last = {key: value for key, value in heard if key.endswith(b"/identify")}
    waiting = list[Entry]()
    for number, (key, value) in enumerate(intake):
        yield key, value
        other = key.replace(b"/intake", b"/identify")
        waiting.append((other, last[other]))
        if number >= IN_FLIGHT:
            yield waiting[number - IN_FLIGHT]
    yield from waiting[-IN_FLIGHT:]


class Sayer:
    """Says of records what identify and intake might say next."""

    def __init__(self) -> None:
        self._reader = PlainReader(records.tree(ENTRY))

    def moved(self, entry: Entry) -> Entry | None:
        """Let the first mention of a record be somebody else; None where it has none."""
        key, value = entry
        name, said = self._reader.read(value, HEADER_BYTES)[0]["content"]
        if not said["mentions"]:
            return None
        said["mentions"][0]["entity_id"] = "f" * 64
        return key, value[:HEADER_BYTES] + records.encode({"content": (name, said)}, ENTRY)

    def removed(self, entry: Entry) -> Entry:
        """Take a record away."""
        key, value = entry
        version = self._reader.read(value, HEADER_BYTES)[0]["content"][1]["version"]
        said = {"record_key": key[:64].decode(), "version": version, "reason": "withdrawn"}
        content = ("recordbus.v1.PartRemoved", said)
        return key, value[:HEADER_BYTES] + records.encode({"content": content}, ENTRY)


def measured(count: int, run: Callable[[Replay, Sequence[Entry]], float]) -> dict[str, Any]:
    """Measure; `run` feeds the first pass."""
    chain = Chain({records.DEPARTMENT: records.ORI})
    recorder = Recorder()
    chain.rooms["associate"].machine = recorder
    chain.feed(county(count, chain.registry.id_of(f"{TOPIC}-value")), _MOMENT_MS)
    heard, sayer = recorder.heard, Sayer()
    once = list(sides_of_each(heard))
    intake = [each for each in once if each[0].endswith(b"/intake")]
    tenth = count // 10
    told = [each for each in once if each[0].endswith(b"/identify")][:tenth]
    moved = [each for each in map(sayer.moved, told) if each is not None]
    gone = [sayer.removed(each) for each in intake[-tenth:]]
    collector = Collector()  # as the worker has it

    def desk() -> Replay:
        return Replay(associate_stage(chain.registry).machine(0), RELATIONS, collector, _MOMENT_MS)

    first = desk()
    seconds = run(first, once)
    said, state_bytes = first.said, sum(map(len, first.values.values()))
    return {
        "records": count,
        "said_a_record": round(said / count, 2),
        "state_bytes_a_record": state_bytes // count,
        "handle_us": round(seconds / count * 1e6, 1),
        "moved_us": round(first.feed(moved) / len(moved) * 1e6, 1),
        "removed_us": round(first.feed(gone) / len(gone) * 1e6, 1),
        "messages_as_it_came": round(len(heard) / count, 2),
        "as_it_came_us": round(desk().feed(heard) / count * 1e6, 1),
        "python": platform.python_version(),
    }


def main() -> None:
    """Measure, print one JSON line, and a profile when asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    profile = cProfile.Profile()

    def profiled(replay: Replay, given: Sequence[Entry]) -> float:
        return float(profile.runcall(replay.feed, given))

    run = profiled if options.profile else Replay.feed
    print(json.dumps(measured(options.records, run)))
    if options.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
