"""The runtime beside other engines, and the publisher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bench.figure import Bench, Column, Figure, Rows, key, row

_OURS: Final = "recordbus stage (transactions)"
_STAGES: Final = "recordbus stages"

BENCHES: Final[Mapping[str, Bench]] = {
    "stage": Bench(
        ("bench.stage",),
        "The stage runtime alone: an event in, 45 µs of work, an event and a state value out, "
        "beside other engines doing the same job in the same run.",
        (
            Figure("events a worker", "/s", row(_OURS, "events_per_second"), at_least=10_000),
            Figure("own CPU an event", "µs", row(_OURS, "own_microseconds"), at_most=45),
            Figure("speed over plain Faust", "times", row("plain Faust", "ours_times"), at_least=4),
            Figure(
                "speed over plain Faust, exactly once",
                "times",
                row("plain Faust, exactly once", "ours_times"),
                at_least=1,
            ),
            Figure(
                "speed over Quix Streams", "times", row("Quix Streams", "ours_times"), at_least=0.8
            ),
            Figure(
                "speed over Quix Streams, exactly once",
                "times",
                row("Quix Streams, exactly once", "ours_times"),
                at_least=1,
            ),
            Figure(
                "speed over bare confluent-kafka",
                "times",
                row("bare confluent-kafka", "ours_times"),
                at_least=0.6,
            ),
            Figure(
                "speed over bare confluent-kafka, exactly once",
                "times",
                row("bare confluent-kafka, exactly once", "ours_times"),
                at_least=1,
            ),
        ),
        keeps=True,
    ),
    "work": Bench(
        ("bench.work",),
        "The work of meet, identify and associate as `recordbus up` runs them, beside the same "
        "pure code on other engines, with the same log on the same broker: 10,000 records of a "
        "county as intake gives them, until a reader of committed messages has every identity "
        "and association. All must end with the same content, byte for byte, as the pure code "
        "gives without any engine. Only ours and those marked so are exactly once; what each "
        "does not do besides (fence, come back from a restart, set aside, erase) stands in its "
        "module in `bench/work/engines`.",
        (
            Figure("records through the three stages", "/s", row(_STAGES, "records_per_second")),
            Figure("CPU a record, all three", "µs", row(_STAGES, "cpu_us")),
            Figure("the pure work alone, in one process", "µs", key("work_us")),
            Figure("wrong in the end", "keys", row(_STAGES, "wrong_keys"), at_most=0),
            Figure("said twice", "messages", row(_STAGES, "surplus_messages"), at_most=0),
        ),
        rows=Rows(
            "rows",
            (
                Column("engine", "title"),
                Column("records/s", "records_per_second"),
                Column("ours is, times", "ours_times"),
                Column("CPU µs/record", "cpu_us"),
                Column("broker CPU µs/record", "broker_us"),
                Column("memory MiB", "resident_mib"),
                Column("wrong keys", "wrong_keys"),
                Column("said twice", "surplus_messages"),
                Column("rounds ended well", "finished"),
            ),
        ),
    ),
    "publisher": Bench(
        ("bench.publisher",),
        "The publisher of one process: check, stamp, encode, durable on Kafka; beside a bare "
        "loop that sends the same bytes.",
        (
            Figure("records", "/s", key("publisher", "records_per_second"), at_least=20_000),
            Figure("of the bare loop", "times", key("ratio_to_bare_loop")),
        ),
    ),
}
