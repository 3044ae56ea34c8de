"""What decides about sharing."""

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
}
