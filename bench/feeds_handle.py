"""What a delivery costs the feeds, without Kafka and without a network.

    python -m bench.feeds_handle [--records N] [--agencies N] [--profile PHASE]

The records are those of the synthetic world's five departments, in nobody's order, and pass all
four stages first. `live`: they come in batches as under load, to agencies that all ask for
everything. `null`: a subscriber that comes later is told all there is, with a channel that takes
everything at once; `file_drop`: the same as files. The ledger and the audit are the real ones, on
this disk. Measured is CPU time of this process, threads and audit included.
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
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from bench.agencies import agreement, subscription
from bench.chain import Chain
from bench.index_handle import messages
from consumers.feeds.channels import file_drop
from consumers.feeds.channels.interface import DELIVERED, Channel, Outcome, Parcel
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.dispatcher import Dispatcher
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.ledger.register import Registered
from consumers.feeds.saying import decoders_of, reader, remembering, topics
from consumers.feeds.sink import FeedSink
from consumers.feeds.subscription import Standing, Subscription
from consumers.feeds.threads import Threads
from consumers.search.changes import is_passed_over
from consumers.sink import Progress
from recordbus.audit.log import AuditLog
from recordbus.audit.openings import Sealer
from recordbus.audit.store import Store
from recordbus.clock import SystemClock
from recordbus.ids import UuidSource
from recordbus.kafka.codec import Decoder
from recordbus.kafka.message import Message
from recordbus.kafka.registry import SchemaRegistry
from recordbus.policy.testing import policies_of
from recordbus.settings import Settings
from recordbus.testing import records

BATCH: Final = 400
"""Messages that come together at some hundred records a second."""
_PATIENCE_SECONDS: Final = 300.0


class Nothing:
    """A channel that takes everything at once."""

    kind = "null"
    most_parcels = 1000

    def __init__(self) -> None:
        self.deliveries = 0

    def deliver(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Count, and take."""
        self.deliveries += sum(len(parcel.deliveries) for parcel in parcels)
        return [DELIVERED] * len(parcels)

    def close(self) -> None:
        """Nothing is open."""


class Taken(NamedTuple):
    """What a phase came to: deliveries, CPU seconds, and seconds by the clock."""

    deliveries: int
    cpu: float
    wall: float

    def told(self) -> dict[str, float]:
        """Give it as figures."""
        return {
            "deliveries": self.deliveries,
            "us_a_delivery": round(self.cpu / self.deliveries * 1e6, 1),
            "per_cpu_second": round(self.deliveries / self.cpu),
            "per_second": round(self.deliveries / self.wall),
        }


class Feeds:
    """The feeds as `recordbus feeds run` puts them together, fed by hand."""

    def __init__(self, directory: Path, registry: SchemaRegistry, agencies: int) -> None:
        self.clock, self.directory = SystemClock(), directory
        decoders = remembering(
            {
                topic: Decoder(registry, f"{topic}-value").decode
                for topic in topics(designations=False)
            }
        )
        self._read = reader(decoders)
        self.ledger = Ledger(directory / "ledger.sqlite", decoders_of(decoders))
        policies = policies_of(*(agreement(n, records.DEPARTMENT) for n in range(agencies + 2)))
        self._audit = AuditLog(Store(directory / "audit", Sealer(b"b" * 32)))
        self._threads = Threads()
        self._channels: dict[str, Channel] = {}
        self._null = Nothing()
        dispatcher = Dispatcher(
            self.ledger, lambda: policies, self._channel, self._threads, self._audit, self.clock,
            UuidSource(), source="urn:recordbus:bench",
        )  # fmt: skip
        self.sink = FeedSink(self.ledger, dispatcher, lambda: policies, self.clock)

    def close(self) -> None:
        """Let everything go."""
        self._threads.close()
        self.ledger.close()
        self._audit.close()

    def subscribe(self, number: int, channel: Channel | None = None) -> None:
        """Let an agency ask for everything."""
        said: Subscription = subscription(number, self.clock.now(), {"kind": "null"}, {})
        self._channels[said.subscription_id] = channel or self._null
        with self.ledger.transaction():
            self.ledger.register.add(said, Standing(validated_at=said.start))

    def take(self, batch: Sequence[Message]) -> None:
        """Take a batch of messages in."""
        read = [self._read(each) for each in batch if not is_passed_over(each)]
        self.ledger.apply(read, {(each.topic, 0): Progress(each.offset + 1, 0) for each in batch})

    def rest(self) -> None:
        """Send until nothing is due."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (self.sink.settle() and self._is_quiet()):
            if time.monotonic() > deadline:
                raise SystemExit("the feeds never came to rest")

    def held(self) -> int:
        """Count what subscribers are known to hold."""
        return sum(len(self.ledger.held.holdings(each)) for each in self.ledger.register.all())

    def _is_quiet(self) -> bool:
        found = self.ledger.register.all()
        return all(
            each.scanned_to is None and not self.ledger.due.count(subscription_id)
            for subscription_id, each in found.items()
        )

    def _channel(self, registered: Registered) -> Channel:
        return self._channels[registered.subscription.subscription_id]


def live(feeds: Feeds, given: Sequence[Message]) -> None:
    """Take everything in as it comes, telling all subscribers in between."""
    for start in range(0, len(given), BATCH):
        feeds.take(given[start : start + BATCH])
        feeds.sink.settle()
    feeds.rest()


def measured(count: int, agencies: int, profiled: str | None) -> dict[str, Any]:
    """Measure all phases, one of them with a profile when that is asked for."""
    chain = Chain({records.DEPARTMENT: records.ORI})
    given = list(messages(chain, count))
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)  # as the worker does
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory, ExitStack() as opened:
        feeds = Feeds(Path(directory), cast(SchemaRegistry, chain.registry), agencies)
        opened.callback(feeds.close)
        for number in range(agencies):
            feeds.subscribe(number)
        feeds.sink.settle()
        found = {"live": phase(feeds, lambda: live(feeds, given), profiled == "live").told()}
        later: dict[str, Channel | None] = {"null": None, "file_drop": _files(feeds)}
        for number, (name, channel) in enumerate(later.items(), agencies):
            feeds.subscribe(number, channel)
            found[name] = phase(feeds, feeds.rest, profiled == name).told()
    return {
        "records": count,
        "agencies": agencies,
        "live_us_a_record": round(
            found["live"]["us_a_delivery"] * found["live"]["deliveries"] / count, 1
        ),
        **found,
        "python": platform.python_version(),
    }


def phase(feeds: Feeds, work: Callable[[], None], is_profiled: bool) -> Taken:
    """Do some work; give the deliveries, the CPU seconds and the seconds that it took."""
    before, wall, cpu = feeds.held(), time.perf_counter(), time.process_time()
    if is_profiled:
        profile = cProfile.Profile(time.thread_time)
        profile.runcall(work)
        pstats.Stats(profile).sort_stats("tottime").print_stats(60)
    else:
        work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Taken(feeds.held() - before, cpu, wall)


def _files(feeds: Feeds) -> Channel:
    said = subscription(0, feeds.clock.now(), {"kind": "file_drop"}, {})
    options = file_drop.Options(folder=feeds.directory / "out")
    return file_drop.make(options, said, Surroundings(feeds.clock, Settings()))


def main() -> None:
    """Measure, and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=3_000)
    parser.add_argument("--agencies", type=int, default=20)
    parser.add_argument("--profile", choices=("live", "null", "file_drop"))
    asked = parser.parse_args()
    print(json.dumps(measured(asked.records, asked.agencies, asked.profile)))


if __name__ == "__main__":
    main()
