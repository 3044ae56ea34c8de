"""What is found: the index, and who is whom in files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bench.figure import Bench, Figure, key


def _agreement(
    says: str, world: str, precision: float, recall: float | None, *path: str
) -> tuple[Figure, ...]:
    """Give precision and recall of a world that was resolved."""
    where = (world, *path, "agreement")
    return (
        Figure(f"{says}: precision", "", key(*where, "precision", "value"), at_least=precision),
        Figure(f"{says}: recall", "", key(*where, "recall", "value"), at_least=recall),
    )


def _febrl(number: int, least: float) -> tuple[Figure, ...]:
    where = (f"febrl_{number}", "agreement")
    return (
        Figure(f"FEBRL {number}: precision", "", key(*where, "precision", "value"),
               at_least=0.999),
        Figure(f"FEBRL {number}: F1", "", key(*where, "f1"), at_least=least),
    )  # fmt: skip


BENCHES: Final[Mapping[str, Bench]] = {
    "index": Bench(
        ("bench.index",),
        "The search index: storing documents, and the whole way of its worker from Kafka to a "
        "committed row; two people, a vehicle, a place, a narrative each.",
        (
            Figure("documents stored", "/s", key("stored_per_second"), at_least=8_000),
            Figure("whole way, new records", "/s", key("from_kafka", "per_second"), at_least=8_000),
            Figure(
                "whole way, corrections", "/s", key("corrections", "per_second"), at_least=1_500
            ),
        ),
    ),
    "taking_in": Bench(
        ("bench.index_handle",),
        "The index's own way without Kafka, from the bytes of messages to committed rows: a "
        "county's records with all that the four stages say of them, 400 messages a transaction.",
        (
            Figure("a record with all of it", "µs", key("us_a_record"), at_most=150),
            Figure("messages a record", "", key("messages_a_record")),
            Figure("records read", "µs", key("of_that", "decode records.v1")),
            Figure("identities read", "µs", key("of_that", "decode identities.v1")),
            Figure("associations read", "µs", key("of_that", "decode associations.v1")),
            Figure("all stored", "µs", key("of_that", "store")),
            Figure("the file, a record", "bytes", key("bytes_a_record")),
        ),
    ),
    "search": Bench(
        ("bench.search",),
        "A mix of searches over 200,000 records, audit entry included.",
        (
            Figure("p50", "ms", key("p50_ms")),
            Figure("p95", "ms", key("p95_ms"), at_most=50),
        ),
    ),
    "resolve": Bench(
        ("bench.resolve",),
        "`recordbus resolve` on worlds that training never saw: a county of 100,000 people, "
        "households and FEBRL made by others. What is missed, and why, stands in "
        "docs/explanation/resolution.md.",
        (
            Figure(
                "records", "/s a core", key("county", "records_per_cpu_second"), at_least=10_000
            ),
            Figure("memory per million records", "MiB", key("mebibytes_per_million_records")),
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
        (Figure("records", "/s", key("records_per_second"), at_least=20_000),),
    ),
}
