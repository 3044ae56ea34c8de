"""What taking in a record costs the index, with its identities and associations, without Kafka.

    python -m bench.index_handle [--records N] [--profile]

The records are those of the synthetic world's five departments, in nobody's order, and pass all
four stages first. Measured is the worker's own way from the bytes of a message to a committed row,
in batches as they come under load, each topic in the order of its log. CPU time of this process, a
record; the other figures say what of it each topic costs, decoding and storing apart. The worker's
loop is measured once more as a whole, with what it notes of messages. Fetching from Kafka comes
on top.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import json
import platform
import pstats
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from bench.chain import Chain
from bench.county import county
from bench.intake_handle import TOPIC
from consumers.runner import Pace, Runner
from consumers.search.changes import Changes, is_passed_over
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.reading import decoders
from consumers.sink import Progress, TopicPartition
from recordbus.clock import SystemClock
from recordbus.errors import Rejected
from recordbus.kafka.message import Message
from recordbus.kafka.registry import SchemaRegistry
from recordbus.testing import records
from streams.runtime.contract import Output

BATCH: Final = 400
"""Messages that come together at some hundred records a second."""
_TOPICS: Final = ("records.v1", "identities.v1", "associations.v1")
_MOMENT_MS: Final = int(records.MOMENT.timestamp() * 1000)


def messages(chain: Chain, count: int) -> Iterator[Message]:
    """Give what the index reads of a county, with the headers that the runtime adds."""
    said: list[Output] = []
    offsets: Counter[str] = Counter()
    for event in county(count, chain.registry.id_of(f"{TOPIC}-value")):
        chain.hear = said.append
        chain.feed((event,), _MOMENT_MS)
        for output in said:
            if output.topic in _TOPICS:
                offset = offsets[output.topic]
                offsets[output.topic] += 1
                headers = (("origin", b"stage/0"), ("version", (offset + 1).to_bytes(8, "big")))
                yield Message(
                    output.topic, 0, offset, output.key, output.value, _MOMENT_MS, headers
                )
        said.clear()


class Replay:
    """An index that is fed, and the CPU seconds that decoding and storing took."""

    def __init__(self, changes: Changes, index: SqliteIndex) -> None:
        self._changes, self._index = changes, index
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def feed(self, given: Sequence[Message]) -> None:
        """Take messages in, batch by batch."""
        for start in range(0, len(given), BATCH):
            batch = given[start : start + BATCH]
            read = []
            for topic in _TOPICS:
                began = time.process_time()
                read += [self._changes(each) for each in batch if each.topic == topic]
                self.seconds[f"decode {topic}"] += time.process_time() - began
            progress = {(each.topic, 0): Progress(each.offset + 1, 0) for each in batch}
            began = time.process_time()
            self._index.apply(read, progress)
            self.seconds["store"] += time.process_time() - began


class Log:
    """A source that hands out messages it has, and then nothing."""

    group = "bench"

    def __init__(self, given: Sequence[Message]) -> None:
        self._given, self._next = given, 0

    def consume(self, count: int, timeout_seconds: float) -> list[Message]:  # noqa: ARG002
        """Give the next messages."""
        found = list(self._given[self._next : self._next + count])
        self._next += len(found)
        return found

    def is_empty(self) -> bool:
        """Tell whether all was handed out."""
        return self._next >= len(self._given)

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Tell nobody."""

    def positions(self) -> dict[TopicPartition, int]:
        """Give nothing: the bench commits to no group."""
        return {}

    def all_watermarks(
        self, partitions: Iterable[TopicPartition]
    ) -> dict[TopicPartition, tuple[int, int]]:
        """Give empty logs."""
        return dict.fromkeys(partitions, (0, 0))

    def close(self) -> None:
        """Nothing is held."""


class Nowhere:
    """A quarantine that nothing may reach here."""

    def put(self, message: Message, error: Rejected) -> None:
        """Fail: the records of the bench are good."""
        raise AssertionError(f"{message.topic} {message.offset}: {error.reason}")

    def flush(self) -> None:
        """Nothing is under way."""

    def close(self) -> None:
        """Nothing is held."""


def run_whole(given: Sequence[Message], changes: Changes, path: Path) -> float:
    """Run the worker's loop over messages; give the CPU seconds that it took."""
    log, index = Log(given), SqliteIndex(path)
    runner = Runner(log, index, changes, Nowhere(), SystemClock(), Pace(BATCH, 0), is_passed_over)
    began = time.process_time()
    while not log.is_empty():
        runner.step()
    spent = time.process_time() - began
    index.close()
    return spent


def measured(count: int, profile: cProfile.Profile | None) -> dict[str, Any]:
    """Measure; with a profile, of the whole."""
    chain = Chain({records.DEPARTMENT: records.ORI})
    given = list(messages(chain, count))
    registry = cast(SchemaRegistry, chain.registry)
    changes = Changes(decoders(registry, _TOPICS))
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # as the worker does
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "records.sqlite"
        index = SqliteIndex(path)
        replay = Replay(changes, index)
        if profile is None:
            replay.feed(given)
        else:
            profile.runcall(replay.feed, given)
        index.close()
        size = path.stat().st_size
        whole = run_whole(given, changes, path.with_name("whole.sqlite"))
    return {
        "records": count,
        "messages_a_record": round(len(given) / count, 2),
        "us_a_record": round(sum(replay.seconds.values()) / count * 1e6, 1),
        "loop_us_a_record": round(whole / count * 1e6, 1),
        "of_that": {
            name: round(seconds / count * 1e6, 1) for name, seconds in replay.seconds.items()
        },
        "bytes_a_record": size // count,
        "python": platform.python_version(),
    }


def main() -> None:
    """Measure, print one JSON line, and a profile when asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    profile = cProfile.Profile() if options.profile else None
    print(json.dumps(measured(options.records, profile)))
    if profile is not None:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
