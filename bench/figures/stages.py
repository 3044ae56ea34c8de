"""The stages, each alone and all in one process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bench.figure import Bench, Column, Figure, Rows, key

BENCHES: Final[Mapping[str, Bench]] = {
    "intake": Bench(
        ("bench.intake_replay",),
        "Intake catching up with a log of changes, transactions included; besides the "
        "record it says what may meet and what is tied.",
        (
            Figure("records a worker", "/s", key("records_per_second"), at_least=4_000),
            Figure("CPU a record", "µs", key("worker_cpu_us_per_record")),
        ),
    ),
    "meet": Bench(
        ("bench.meet_handle", "--records", "20000"),
        "Meet alone, without Kafka: a county's records in nobody's order, and what a new owner "
        "needs to go on.",
        (
            Figure("a record taken in", "µs", key("handle_us"), at_most=250),
            Figure("a record corrected", "µs", key("corrected_us")),
            Figure("a record taken away", "µs", key("removed_us")),
            Figure("load a million records", "s", key("load_seconds_a_million"), at_most=60),
            Figure("state a record", "bytes", key("state_bytes_a_record")),
            Figure("memory a record", "bytes", key("memory_bytes_a_record")),
        ),
    ),
    "identify": Bench(
        ("bench.identify_handle", "--records", "20000", "--restored", "200000"),
        "Identify alone, without Kafka: what meet says of a county's records in nobody's order, "
        "and what a new owner needs to go on.",
        (
            Figure("a record taken in", "µs", key("handle_us"), at_most=250),
            Figure("records said for each", "", key("said_a_record")),
            Figure("a record corrected", "µs", key("corrected_us")),
            Figure("a record taken away", "µs", key("removed_us")),
            Figure("load a million lists", "s", key("load_seconds_a_million"), at_most=60),
            Figure("a message just after that", "µs", key("first_messages_us")),
            Figure("state a record", "bytes", key("state_bytes_a_record")),
            Figure("memory a record besides", "bytes", key("memory_bytes_a_record")),
        ),
    ),
    "associate": Bench(
        ("bench.associate_handle", "--records", "20000"),
        "Associate alone, without Kafka: both sides of a county's records, each once, and what "
        "identify says of them next; then all that identify said while the county came in.",
        (
            Figure("both sides of a record", "µs", key("handle_us"), at_most=200),
            Figure("messages said for a record", "", key("said_a_record")),
            Figure("somebody became somebody else", "µs", key("moved_us")),
            Figure("a record taken away", "µs", key("removed_us")),
            Figure("messages a record as they came", "", key("messages_as_it_came")),
            Figure("those, a record", "µs", key("as_it_came_us")),
            Figure("state a record", "bytes", key("state_bytes_a_record")),
        ),
    ),
    "storm": Bench(
        ("bench.storm",),
        "5,000 different people with one address, one phone and one sound of name through the "
        "four stages in one process, without Kafka; then corrections and withdrawals that turn "
        "address and phone from default values into telling ones, suspend blocks and resume them. "
        "CPU time.",
        (
            Figure("longest message in intake", "ms", key("longest_ms", "intake"), at_most=1_000),
            Figure("longest message in meet", "ms", key("longest_ms", "meet"), at_most=1_000),
            Figure(
                "longest message in identify", "ms", key("longest_ms", "identify"), at_most=1_000
            ),
            Figure(
                "longest message in associate", "ms", key("longest_ms", "associate"), at_most=1_000
            ),
            Figure("entities that hold two people", "", key("wrong"), at_most=0),
            Figure(
                "the same while eight surnames hold the values, which then count",
                "",
                key("wrong_while_telling"),
            ),
            Figure("known to two departments and found to be one", "", key("joined_share")),
            Figure("blocks suspended", "", key("counted", "meet", "block suspended"), at_least=1),
            Figure("blocks resumed", "", key("counted", "meet", "block resumed"), at_least=1),
            Figure("became a default value", "times", key("counted", "meet", "value default")),
        ),
    ),
    "growth": Bench(
        ("bench.growth", "--together", "2"),
        "A county's records in nobody's order through the four stages, a process each, without "
        "Kafka: 20,000, then 200,000, then 1,000,000. A record's cost is that of the last tenth; "
        "readiness is that of the slowest stage, from its values, without the time to read these. "
        "CPU time. In the end the workers are started on the largest state on a real Kafka, one "
        "after the other: that is time as a clock tells it, from the start of the process.",
        (
            Figure("records", "", key("largest", "records")),
            Figure("a record in all stages", "µs", key("largest", "us_a_record"), at_most=1_333),
            *(
                Figure(f"of that in {name}", "µs", key("largest", "stages", name, "us_a_record"))
                for name in ("intake", "meet", "identify", "associate")
            ),
            Figure("of the cost at the smallest size", "times", key("slower_times")),
            Figure("longest stall", "ms", key("largest", "longest_ms"), at_most=1_000),
            Figure("state a record", "bytes", key("largest", "state_bytes_a_record")),
            Figure("memory a record", "bytes", key("largest", "memory_bytes_a_record")),
            Figure("values loaded, the slowest stage", "s", key("largest", "ready_seconds")),
            Figure("reckoned from that for a million records", "s", key("ready_seconds_a_million")),
            *(
                Figure(
                    f"{name} restarted on Kafka", "s", key("restart", name, "seconds"), at_most=60
                )
                for name in ("intake", "meet", "identify", "associate")
            ),
        ),
        rows=Rows(
            "steps",
            (
                Column("records", "records"),
                Column("µs a record", "us_a_record"),
                Column("state bytes a record", "state_bytes_a_record"),
                Column("memory bytes a record", "memory_bytes_a_record"),
                Column("memory MiB", "memory_mib"),
                Column("ready again, s", "ready_seconds"),
                Column("longest stall, ms", "longest_ms"),
            ),
        ),
    ),
}
