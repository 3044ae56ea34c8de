"""Publish to delivered, on the whole bus, to twenty agencies by webhooks; and what expunge takes.

    python -m bench.feeds [--rate 500] [--seconds 20]

The clock starts when the broker holds a record durably and stops when it is at an agency's
endpoint; one new record in ten is watched. Each agency asks for one kind of record, so that each
record goes to two of them or more. Everything runs on this machine, the endpoints too. First comes
a warm-up, which does not count; then by turns a time with all agencies well and one with one of
them answering nothing, because a bus that grows slows down by itself. A turn's first seconds do
not count. In the end some records that agencies hold are expunged.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from typing import Any, Final, NamedTuple

import apsw

from bench.agencies import agency, agreement, subscription
from bench.bus import cpu_seconds, running_bus, start_load
from bench.load import DEPARTMENT
from consumers.feeds.channels.webhook.keys import Keys
from consumers.feeds.service import open_registrar
from producers.session import connect, owner_of
from recordbus.local.demo.bus import DemoBus
from recordbus.local.demo.sharing import AgreementFile
from recordbus.local.ports import answers, free_ports
from recordbus.settings import load

AGENCIES: Final = 20
KINDS: Final = (
    "incident", "arrest", "citation", "field_contact", "warrant",
    "service_call", "booking", "court_disposition", "supervision", "missing_person",
)  # fmt: skip
SETTINGS: Final = {
    "RECORDBUS_FEEDS__ENABLED": "true",
    "RECORDBUS_FEEDS__ALLOW_LOOPBACK": "true",
}
IS_STALLED: Final = (False, True, False, True, False)
"""Whether an agency answers nothing, turn by turn."""
_WARM_UP_SECONDS: Final = 10.0
_SETTLE_SECONDS: Final = 5.0
_SAMPLED_EVERY: Final = 10
_PATIENCE_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.02
_QUIET_SECONDS: Final = 15.0
_EXPUNGED: Final = 10
_LEAST_WATCHED: Final = 5
_HIGHEST_SEQ: Final = 2**40
_NS: Final = 1_000_000_000
Received = dict[tuple[str, str], dict[str, int]]
"""When each status of a record was first here, by agency and record key."""


class Turn(NamedTuple):
    """A time that counts, in nanoseconds since 1970, and the cores that the feeds took in it."""

    is_stalled: bool
    begins: int
    ends: int
    feeds_cores: float


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    agreements = [
        AgreementFile(f"owner-to-{agency(number)}", agreement(number, DEPARTMENT))
        for number in range(AGENCIES)
    ]
    with (
        running_bus(SETTINGS, agreements) as bus,
        tempfile.TemporaryDirectory() as directory,
        receiver(Path(directory) / "received.txt") as port,
    ):
        os.environ["RECORDBUS_CONFIG"] = str(bus.config)
        subscribe(port)
        print(json.dumps(measure(bus, port, asked.rate, asked.seconds, Path(directory))))


@contextmanager
def receiver(output: Path) -> Iterator[int]:
    """Run the endpoints of all agencies; gives their port."""
    port = free_ports(1)[0]
    arguments = ("bench.feeds_receiver", "--port", str(port), "--output", str(output))
    with subprocess.Popen([sys.executable, "-m", *arguments]) as process:
        try:
            wait_for(lambda: answers(port), "the endpoints to listen")
            yield port
        finally:
            process.kill()


def subscribe(port: int) -> None:
    """Register a subscription for each agency, with keys for its endpoint."""
    settings, now = load(), datetime.now(UTC)
    with ExitStack() as stack:
        registrar = open_registrar(settings, stack)
        for number in range(AGENCIES):
            url = f"http://127.0.0.1:{port}/{agency(number)}"
            kinds = {"record_kinds": [KINDS[number % len(KINDS)]]}
            said = subscription(number, now, {"kind": "webhook", "url": url}, kinds)
            Keys(settings.webhook_keys_path() / said.subscription_id).make("hmac")
            registrar.subscribe(said)


def measure(bus: DemoBus, port: int, rate: int, seconds: float, directory: Path) -> dict[str, Any]:
    """Run the load, turn by turn with all well and with one that stalls; then expunge."""
    samples, received = directory / "samples.txt", directory / "received.txt"
    length = _WARM_UP_SECONDS + len(IS_STALLED) * (_SETTLE_SECONDS + seconds)
    load_of = start_load(
        bus, rate, length, directory / "load.json", "--distinct", str(int(rate * length)),
        "--samples", str(samples), "--sampled-every", str(_SAMPLED_EVERY),
    )  # fmt: skip
    wait_for(lambda: samples.exists() and samples.stat().st_size > 0, "the load to begin")
    time.sleep(_WARM_UP_SECONDS)
    turns = [turn(bus, port, seconds, is_stalled=each) for each in IS_STALLED]
    if load_of.wait(length + _PATIENCE_SECONDS):
        raise SystemExit("the load failed")
    wait_until_quiet(received)
    late_ms = delays_ms(samples, received, turns)
    well, stalled = (
        [
            each
            for late, was in zip(late_ms, IS_STALLED, strict=True)
            if was is state
            for each in late
        ]
        for state in (False, True)
    )
    if min(len(well), len(stalled)) < _LEAST_WATCHED:
        raise SystemExit(f"{len(well)} and {len(stalled)} watched records arrived: too few to say")
    told = json.loads((directory / "load.json").read_text(encoding="utf-8"))
    return {
        "asked_rate": rate,
        "published_per_second": round(told["sent"] / told["seconds"]),
        "agencies": AGENCIES,
        "watched": len(well),
        "watched_while_stalled": len(stalled),
        "feeds_cores": round(turns[0].feeds_cores, 2),
        "p50_ms_of_each_turn": [round(quantile(late, 50)) for late in late_ms],
        "p99_ms_of_each_turn": [round(quantile(late, 99)) for late in late_ms],
        **figures("", well),
        **figures("stalled_", stalled),
        "p99_changed_percent": round((quantile(stalled, 99) / quantile(well, 99) - 1) * 100, 1),
        **expunge(bus, received),
    }


def turn(bus: DemoBus, port: int, seconds: float, *, is_stalled: bool) -> Turn:
    """Let an agency answer nothing, or answer again and be sent at once what it missed."""
    tell(port, "stall" if is_stalled else "resume")
    if not is_stalled:
        with ExitStack() as stack:
            open_registrar(load(), stack).resume(f"{agency(0)}-1")
    time.sleep(_SETTLE_SECONDS)
    begins, cpu = time.time_ns(), cpu_seconds(bus)["feeds"]
    time.sleep(seconds)
    return Turn(is_stalled, begins, time.time_ns(), (cpu_seconds(bus)["feeds"] - cpu) / seconds)


def figures(prefix: str, late_ms: Sequence[float]) -> dict[str, int]:
    """Give the median and what one in a hundred exceeds."""
    return {f"{prefix}p{part}_ms": round(quantile(late_ms, part)) for part in (50, 99)}


def quantile(late_ms: Sequence[float], percent: int) -> float:
    """Give what so many percent do not exceed."""
    return quantiles(late_ms, n=100)[percent - 1]


def delays_ms(samples: Path, output: Path, turns: Sequence[Turn]) -> list[list[float]]:
    """Give the delays at agencies that are well, of each turn.

    A record that nobody was told of counts as nothing, for nobody may have asked for its kind.
    """
    found: list[list[float]] = [[] for _ in turns]
    acknowledged = dict(line.split() for line in samples.read_text("utf-8").splitlines())
    for (name, key), at in received_in(output).items():
        published = int(acknowledged.get(key, 0))
        within = [n for n, each in enumerate(turns) if each.begins <= published < each.ends]
        if within and name != agency(0):
            found[within[0]].append((at["asserted"] - published) / 1e6)
    return found


def received_in(output: Path) -> Received:
    """Read what the endpoints noted; a line that is being written does not count yet."""
    found: Received = {}
    for line in output.read_text("utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            name, key, status, at = line.split()
            found.setdefault((name, key), {}).setdefault(status, int(at))
    return found


def expunge(bus: DemoBus, output: Path) -> dict[str, float]:
    """Expunge records that agencies hold; gives the longest time until a copy is gone.

    The agency that answered nothing does not count: it is told at its next attempt, hours later.
    """
    told = received_in(output)
    held = {key: KINDS[int(name[-2:]) % len(KINDS)] for name, key in told if name != agency(0)}
    chosen = sorted(held)[:_EXPUNGED]
    holders = [place for place in told if place[1] in chosen and place[0] != agency(0)]
    settings = load()
    publisher, close = connect(settings, owner_of(settings, DEPARTMENT))
    began = time.time_ns()
    for key in chosen:
        publisher.remove_by_key(key, held[key], _HIGHEST_SEQ, "expunged", "court_order")
    publisher.flush()
    path = bus.directory / "index" / "records.sqlite"
    wait_for(lambda: not indexed(path, chosen), "the index to forget")
    searched = time.time_ns()
    wait_for(
        lambda: all("retracted" in received_in(output)[place] for place in holders),
        "all agencies to be told",
    )
    last = max(received_in(output)[place]["retracted"] for place in holders)
    close()
    return {
        "expunged_from_search_seconds": round((searched - began) / _NS, 2),
        "expunged_at_agencies_seconds": round((last - began) / _NS, 2),
        "agencies_told": len(holders),
    }


def indexed(path: Path, keys: Sequence[str]) -> int:
    """Count which of some records the index still has."""
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as index:
        asked = "SELECT count(*) FROM record WHERE record_key = ?"
        return sum(index.execute(asked, (bytes.fromhex(key),)).get for key in keys)


def tell(port: int, verb: str) -> None:
    """Let the first agency stall, or answer again."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as asked:
        asked.request("POST", f"/{verb}/{agency(0)}", b"{}")
        asked.getresponse().read()


def wait_until_quiet(output: Path) -> None:
    """Wait until nothing has come for a while: the bus may be behind."""
    size, since = -1, time.monotonic()
    deadline = since + 3 * _PATIENCE_SECONDS
    while (now := time.monotonic()) - since < _QUIET_SECONDS and now < deadline:
        if output.stat().st_size != size:
            size, since = output.stat().st_size, now
        time.sleep(_LOOK_SECONDS)


def wait_for(is_so: Callable[[], bool], what: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {_PATIENCE_SECONDS:g} s in vain for {what}")
        time.sleep(_LOOK_SECONDS)


if __name__ == "__main__":
    main()
