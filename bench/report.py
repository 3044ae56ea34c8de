"""The benches, what each must reach, and the report that holds both against the last run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

Pick = Callable[[Any], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a bench: how to read it, and the most or the least it may be."""

    says: str
    unit: str
    pick: Pick
    at_least: float | None = None
    at_most: float | None = None

    def target(self) -> str:
        """Give the target in words."""
        if self.at_least is not None:
            return f"≥ {self.at_least:,g} {self.unit}".strip()
        if self.at_most is not None:
            return f"≤ {self.at_most:,g} {self.unit}".strip()
        return "-"

    def verdict(self, value: float) -> str:
        """Say whether a value meets the target."""
        if self.at_least is None and self.at_most is None:
            return ""
        low = self.at_least is None or value >= self.at_least
        high = self.at_most is None or value <= self.at_most
        return "met" if low and high else "**missed**"


@dataclass(frozen=True, slots=True)
class Bench:
    """A module to run, and its figures; `keeps` says that it writes its result file itself."""

    arguments: tuple[str, ...]
    says: str
    figures: tuple[Figure, ...]
    keeps: bool = False


def _row(title: str, field: str) -> Pick:
    def pick(found: Any) -> float:
        rows = {row["title"]: row for row in found["rows"]}
        return float(rows[title][field])

    return pick


def _key(*path: str) -> Pick:
    def pick(found: Any) -> float:
        for step in path:
            found = found[step]
        return float(found)

    return pick


def _agreement(
    says: str, world: str, precision: float, recall: float | None, *path: str
) -> tuple[Figure, ...]:
    """Give precision and recall of a world that was resolved."""
    where = (world, *path, "agreement")
    return (
        Figure(f"{says}: precision", "", _key(*where, "precision", "value"), at_least=precision),
        Figure(f"{says}: recall", "", _key(*where, "recall", "value"), at_least=recall),
    )


def _febrl(number: int, least: float) -> tuple[Figure, ...]:
    where = (f"febrl_{number}", "agreement")
    return (
        Figure(f"FEBRL {number}: precision", "", _key(*where, "precision", "value"),
               at_least=0.999),
        Figure(f"FEBRL {number}: F1", "", _key(*where, "f1"), at_least=least),
    )  # fmt: skip


_OURS: Final = "recordbus stage (transactions)"

BENCHES: Final[Mapping[str, Bench]] = {
    "stage": Bench(
        ("bench.stage",),
        "The stage runtime alone: an event in, 45 µs of work, an event and a state value out, "
        "beside other engines doing the same job in the same run.",
        (
            Figure("events a worker", "/s", _row(_OURS, "events_per_second"), at_least=10_000),
            Figure("own CPU an event", "µs", _row(_OURS, "own_microseconds"), at_most=45),
            Figure(
                "speed over plain Faust", "times", _row("plain Faust", "ours_times"), at_least=4
            ),
            Figure(
                "speed over plain Faust, exactly once",
                "times",
                _row("plain Faust, exactly once", "ours_times"),
                at_least=1,
            ),
            Figure(
                "speed over Quix Streams", "times", _row("Quix Streams", "ours_times"), at_least=0.8
            ),
            Figure(
                "speed over Quix Streams, exactly once",
                "times",
                _row("Quix Streams, exactly once", "ours_times"),
                at_least=1,
            ),
            Figure(
                "speed over bare confluent-kafka",
                "times",
                _row("bare confluent-kafka", "ours_times"),
                at_least=0.6,
            ),
            Figure(
                "speed over bare confluent-kafka, exactly once",
                "times",
                _row("bare confluent-kafka, exactly once", "ours_times"),
                at_least=1,
            ),
        ),
        keeps=True,
    ),
    "publisher": Bench(
        ("bench.publisher",),
        "The publisher of one process: check, stamp, encode, durable on Kafka; beside a bare "
        "loop that sends the same bytes.",
        (
            Figure("records", "/s", _key("publisher", "records_per_second"), at_least=20_000),
            Figure("of the bare loop", "times", _key("ratio_to_bare_loop")),
        ),
    ),
    "intake": Bench(
        ("bench.intake_replay",),
        "Intake catching up with a log of changes, transactions included.",
        (
            Figure("records a worker", "/s", _key("records_per_second"), at_least=4_000),
            Figure("CPU a record", "µs", _key("worker_cpu_us_per_record")),
        ),
    ),
    "meet": Bench(
        ("bench.meet_handle", "--records", "20000"),
        "Meet alone, without Kafka: a county's records in nobody's order, and what a new owner "
        "needs to go on.",
        (
            Figure("a record taken in", "µs", _key("handle_us"), at_most=250),
            Figure("a record corrected", "µs", _key("corrected_us")),
            Figure("a record taken away", "µs", _key("removed_us")),
            Figure("load a million records", "s", _key("load_seconds_a_million"), at_most=60),
            Figure("state a record", "bytes", _key("state_bytes_a_record")),
            Figure("memory a record", "bytes", _key("memory_bytes_a_record")),
        ),
    ),
    "identify": Bench(
        ("bench.identify_handle", "--records", "20000", "--restored", "200000"),
        "Identify alone, without Kafka: what meet says of a county's records in nobody's order, "
        "and what a new owner needs to go on.",
        (
            Figure("a record taken in", "µs", _key("handle_us"), at_most=250),
            Figure("records said for each", "", _key("said_a_record")),
            Figure("a record corrected", "µs", _key("corrected_us")),
            Figure("a record taken away", "µs", _key("removed_us")),
            Figure("load a million lists", "s", _key("load_seconds_a_million"), at_most=60),
            Figure("a message just after that", "µs", _key("first_messages_us")),
            Figure("state a record", "bytes", _key("state_bytes_a_record")),
            Figure("memory a record besides", "bytes", _key("memory_bytes_a_record")),
        ),
    ),
    "storm": Bench(
        ("bench.storm",),
        "5,000 different people with one address, one phone and one sound of name through the "
        "four stages in one process, without Kafka; then corrections and withdrawals that turn "
        "address and phone from default values into telling ones, suspend blocks and resume them. "
        "CPU time.",
        (
            Figure("longest message in intake", "ms", _key("longest_ms", "intake"), at_most=1_000),
            Figure("longest message in meet", "ms", _key("longest_ms", "meet"), at_most=1_000),
            Figure(
                "longest message in identify", "ms", _key("longest_ms", "identify"), at_most=1_000
            ),
            Figure(
                "longest message in associate", "ms", _key("longest_ms", "associate"), at_most=1_000
            ),
            Figure("entities that hold two people", "", _key("wrong"), at_most=0),
            Figure(
                "the same while eight surnames hold the values, which then count",
                "",
                _key("wrong_while_telling"),
            ),
            Figure("known to two departments and found to be one", "", _key("joined_share")),
            Figure("blocks suspended", "", _key("counted", "meet", "block suspended"), at_least=1),
            Figure("blocks resumed", "", _key("counted", "meet", "block resumed"), at_least=1),
            Figure("became a default value", "times", _key("counted", "meet", "value default")),
        ),
    ),
    "growth": Bench(
        ("bench.growth",),
        "A county's records in nobody's order through the four stages in one process, without "
        "Kafka: 20,000, then 200,000 (`python -m bench.growth --sizes 20000,200000,1000000` for "
        "more). A record's cost is that of the last tenth; readiness is that of the slowest stage, "
        "from its values, without the time to read these. CPU time.",
        (
            Figure("records", "", _key("largest", "records")),
            Figure("a record in all stages", "µs", _key("largest", "us_a_record"), at_most=1_333),
            *(
                Figure(f"of that in {name}", "µs", _key("largest", "stages", name, "us_a_record"))
                for name in ("intake", "meet", "identify", "associate")
            ),
            Figure("of the cost at the smallest size", "times", _key("slower_times")),
            Figure("state a record", "bytes", _key("largest", "state_bytes_a_record")),
            Figure("memory a record", "bytes", _key("largest", "memory_bytes_a_record")),
            Figure(
                "a million records ready again", "s", _key("ready_seconds_a_million"), at_most=60
            ),
        ),
    ),
    "pipeline": Bench(
        ("bench.pipeline",),
        "Publish to searchable, 2,000 records/s for a minute; the figures below are of a bus of "
        "intake, index and upkeep, before meet, identify and associate ran beside them.",
        (
            Figure("stored", "/s", _key("stored_per_second"), at_least=1_980),
            Figure("p50", "ms", _key("p50_ms"), at_most=150),
            Figure("p99", "ms", _key("p99_ms"), at_most=400),
            Figure("whole stack resident", "MiB", _key("total_loaded_mib"), at_most=1_536),
        ),
    ),
    "associations": Bench(
        ("bench.associations",),
        "Publish to association visible through all stages, 1,000 records/s for a minute.",
        (
            Figure("published", "/s", _key("published_per_second"), at_least=990),
            Figure("p50", "ms", _key("p50_ms"), at_most=350),
            Figure("p99", "ms", _key("p99_ms"), at_most=800),
            Figure("drained after the last record", "s", _key("drained_seconds"), at_most=5),
            Figure("whole stack resident", "MiB", _key("total_loaded_mib")),
        ),
    ),
    "kills": Bench(
        ("bench.kills",),
        "Intake and the index killed by turns, ten times, during load.",
        (
            Figure("acknowledged records lost", "", _key("lost"), at_most=0),
            Figure("records at a wrong version", "", _key("wrong"), at_most=0),
            Figure("longest time until back", "s", _key("back_seconds_max"), at_most=15),
        ),
    ),
    "index": Bench(
        ("bench.index",),
        "The search index: storing documents, and the whole way of its worker from Kafka to a "
        "committed row; two people, a vehicle, a place, a narrative each.",
        (
            Figure("documents stored", "/s", _key("stored_per_second"), at_least=8_000),
            Figure(
                "whole way, new records", "/s", _key("from_kafka", "per_second"), at_least=8_000
            ),
            Figure(
                "whole way, corrections", "/s", _key("corrections", "per_second"), at_least=1_500
            ),
        ),
    ),
    "search": Bench(
        ("bench.search",),
        "A mix of searches over 200,000 records, audit entry included.",
        (
            Figure("p50", "ms", _key("p50_ms")),
            Figure("p95", "ms", _key("p95_ms"), at_most=50),
        ),
    ),
    "resolve": Bench(
        ("bench.resolve",),
        "`recordbus resolve` on worlds that training never saw: a county of 100,000 people, "
        "households and FEBRL made by others. What is missed, and why, stands in "
        "docs/explanation/resolution.md.",
        (
            Figure(
                "records", "/s a core", _key("county", "records_per_cpu_second"), at_least=10_000
            ),
            Figure("memory per million records", "MiB", _key("mebibytes_per_million_records")),
            *_agreement("county", "county", 0.999, 0.90),
            *_agreement("households", "households", 0.999, 0.90),
            *_agreement("households, all sources", "households", 0.999, None, "all_sources"),
            *_febrl(4, 0.999),
            *_febrl(3, 0.998),
        ),
    ),
    "synth": Bench(
        ("bench.synth",),
        "Writing a synthetic county.",
        (Figure("records", "/s", _key("records_per_second"), at_least=20_000),),
    ),
}


def write_report(results: Path) -> None:
    """Write `README.md` beside `results` from the result files that are there."""
    text = "\n".join(_report(results))
    (results.parent / "README.md").write_text(text + "\n", encoding="utf-8")


def _report(results: Path) -> Iterator[str]:
    yield "# Benches"
    yield ""
    yield (
        "Written by `make bench`; every bench runs on a real local Kafka with everything on one "
        "machine. Single figures are of a shared machine and vary; ratios are of one run."
    )
    for name, bench in BENCHES.items():
        path = results / f"{name}.json"
        if path.is_file():
            yield from _section(name, bench, json.loads(path.read_text(encoding="utf-8")))


def _section(name: str, bench: Bench, found: Any) -> Iterator[str]:
    yield from ("", f"## {name}", "", bench.says, "")
    yield "| figure | measured | target | |"
    yield "|---|---:|---:|---|"
    measured = found if bench.keeps else found["measured"]
    for figure in bench.figures:
        try:
            value = figure.pick(measured)
        except (KeyError, TypeError):
            yield f"| {figure.says} | not measured in this run | {figure.target()} | |"
            continue
        cells = (figure.says, f"{value:,.6g} {figure.unit}".strip(), figure.target())
        yield f"| {' | '.join(cells)} | {figure.verdict(value)} |"
    yield ""
    told = {key: value for key, value in found["machine"].items() if key != "versions"}
    yield "Machine: " + ", ".join(f"{key} {value}" for key, value in told.items()) + ". "
    versions = found["machine"]["versions"].items()
    yield "Versions: " + ", ".join(f"{key} {value}" for key, value in versions) + "."
