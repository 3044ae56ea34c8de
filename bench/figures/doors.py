"""How records come onto the bus: the outbox beside the publisher alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bench.figure import Bench, Figure, key

BENCHES: Final[Mapping[str, Bench]] = {
    "outbox": Bench(
        ("bench.outbox",),
        "The relay of a transactional outbox on a real Kafka, from SQLite and from PostgreSQL, "
        "both waiting for their disk: a backlog of synthetic records, and rows committed one by "
        "one at a steady 200 a second.",
        (
            Figure("relayed from SQLite", "/s", key("sqlite", "rows_per_second")),
            Figure("relayed from PostgreSQL", "/s", key("postgres", "rows_per_second")),
            Figure("the publisher alone", "/s", key("publisher_alone", "rows_per_second")),
            Figure("CPU a row, SQLite", "µs", key("sqlite", "cpu_us_per_row")),
            Figure("CPU a row, PostgreSQL", "µs", key("postgres", "cpu_us_per_row")),
            Figure("CPU a record, the publisher alone", "µs",
                   key("publisher_alone", "cpu_us_per_row")),
            Figure("commit to acknowledged, SQLite, p50", "ms",
                   key("commit_to_acknowledged_sqlite", "p50_ms")),
            Figure("commit to acknowledged, SQLite, p99", "ms",
                   key("commit_to_acknowledged_sqlite", "p99_ms")),
            Figure("commit to acknowledged, PostgreSQL, p50", "ms",
                   key("commit_to_acknowledged_postgres", "p50_ms")),
            Figure("commit to acknowledged, PostgreSQL, p99", "ms",
                   key("commit_to_acknowledged_postgres", "p99_ms")),
        ),
    ),
}  # fmt: skip
