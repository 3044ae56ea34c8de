"""What decides about sharing, what is pushed over HTTP, and what every use leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bench.figure import Bench, Figure, key

BENCHES: Final[Mapping[str, Bench]] = {
    "policy": Bench(
        ("bench.policy",),
        "Decisions about agreements: one agency with twenty of them, the items of a feed, their "
        "metric included.",
        (
            Figure("decisions from the cache", "/s", key("cached_per_second"), at_least=200_000),
            Figure("decisions by Cedar", "/s", key("uncached_per_second")),
            Figure("classes of items", "", key("classes")),
        ),
    ),
    "audit": Bench(
        ("bench.audit",),
        "One thread that waits for each entry to be durable, in turns with one bare sync of the "
        "same disk; a log of a million entries signed and verified anew; and owners told of uses, "
        "all but Kafka.",
        (
            Figure("an entry durable, p50", "ms", key("append_p50_ms")),
            Figure("an entry durable, p99", "ms", key("append_p99_ms"), at_most=5),
            Figure("one bare sync, p50", "ms", key("bare_sync_p50_ms")),
            Figure("one bare sync, p99", "ms", key("bare_sync_p99_ms")),
            Figure("times a bare sync, p50", "", key("append_to_bare_sync")),
            Figure("entries appended together", "/s", key("appended_together_per_second")),
            Figure("entries verified", "", key("entries"), at_least=1_000_000),
            Figure("first checkpoint over them", "s", key("first_checkpoint_seconds")),
            Figure("verifying them", "s", key("verify_seconds"), at_most=10),
            Figure("CPU of verifying them", "s", key("verify_cpu_seconds")),
            Figure("uses told, of ten records each", "/s", key("uses_per_second")),
            Figure("CPU of a use told", "µs", key("cpu_us_per_use")),
        ),
    ),
    "gateway": Bench(
        ("bench.gateway",),
        "Records pushed over HTTP on 16 connections, each waiting for its answer, with token, "
        "audit and Idempotency-Key; beside the publisher sending the same from one process.",
        (
            Figure("single records", "/s", key("single", "records_per_second")),
            Figure("one answered, p50", "ms", key("single", "p50_ms")),
            Figure("one answered, p99", "ms", key("single", "p99_ms")),
            Figure("records in batches of 500", "/s", key("batched", "records_per_second")),
            Figure("a batch answered, p99", "ms", key("batched", "p99_ms")),
            Figure("CPU of a single record", "µs", key("single", "cpu_us_per_record")),
            Figure("CPU of a batched record", "µs", key("batched", "cpu_us_per_record")),
            Figure("times the publisher's CPU, batched", "", key("batched_cpu_to_publisher")),
        ),
    ),
    "feeds_handle": Bench(
        ("bench.feeds_handle",),
        "What a delivery costs the feeds without Kafka and without a network, ledger and audit on "
        "this disk: a county's records as they come, all told to twenty agencies, and then to "
        "one that comes later and is told all there is.",
        (
            Figure("a delivery as records come", "µs", key("live", "us_a_delivery")),
            Figure("deliveries as records come", "/s a core", key("live", "per_cpu_second")),
            Figure("a delivery to who comes later", "µs", key("null", "us_a_delivery")),
            Figure("deliveries to who comes later", "/s", key("null", "per_second"),
                   at_least=3_000),
            Figure("the same as files", "/s", key("file_drop", "per_second"), at_least=3_000),
        ),
    ),
    "feeds": Bench(
        ("bench.feeds",),
        "Publish to delivered on the whole bus, 500 records/s, to twenty agencies by webhooks on "
        "this machine, each asking for one kind of record, by turns with all of them well and "
        "with one answering nothing; then ten records are expunged.",
        (
            Figure("published", "/s", key("published_per_second"), at_least=495),
            Figure("p50", "ms", key("p50_ms"), at_most=500),
            Figure("p99", "ms", key("p99_ms"), at_most=2_000),
            Figure("p99 of the others while one stalls", "ms", key("stalled_p99_ms"),
                   at_most=2_000),
            Figure("that p99, changed by", "%", key("p99_changed_percent"), at_most=5),
            Figure("cores the feeds take", "", key("feeds_cores"), at_most=1),
            Figure("expunged and not searchable", "s", key("expunged_from_search_seconds"),
                   at_most=5),
            Figure("expunged and all agencies told", "s", key("expunged_at_agencies_seconds"),
                   at_most=30),
        ),
    ),
    "feeds_200": Bench(
        ("bench.feeds", "--rate", "200"),
        "The same at 200 records/s, which two cores that run the whole bus carry for as long as it "
        "lasts. At 300 they carry it at first, and are late by seconds after two minutes.",
        (
            Figure("published", "/s", key("published_per_second"), at_least=198),
            Figure("p50", "ms", key("p50_ms"), at_most=500),
            Figure("p99", "ms", key("p99_ms"), at_most=2_000),
            Figure("p99 of the others while one stalls", "ms", key("stalled_p99_ms"),
                   at_most=2_000),
            Figure("that p99, changed by", "%", key("p99_changed_percent"), at_most=5),
            Figure("cores the feeds take", "", key("feeds_cores"), at_most=1),
        ),
    ),
}  # fmt: skip
