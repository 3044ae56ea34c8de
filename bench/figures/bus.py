"""The whole bus as it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bench.figure import Bench, Figure, key

BENCHES: Final[Mapping[str, Bench]] = {
    "pipeline": Bench(
        ("bench.pipeline",),
        "Publish to searchable, 2,000 records/s for a minute; the figures below are of a bus of "
        "intake, index and upkeep, before meet, identify and associate ran beside them.",
        (
            Figure("stored", "/s", key("stored_per_second"), at_least=1_980),
            Figure("p50", "ms", key("p50_ms"), at_most=150),
            Figure("p99", "ms", key("p99_ms"), at_most=400),
            Figure("whole stack resident", "MiB", key("total_loaded_mib"), at_most=1_536),
        ),
    ),
    "associations": Bench(
        ("bench.associations",),
        "Publish to association visible through all stages, 1,000 records/s for a minute.",
        (
            Figure("published", "/s", key("published_per_second"), at_least=990),
            Figure("p50", "ms", key("p50_ms"), at_most=350),
            Figure("p99", "ms", key("p99_ms"), at_most=800),
            Figure("drained after the last record", "s", key("drained_seconds"), at_most=5),
            Figure("highest rate", "/s", key("at_once_per_second"), at_least=1_500),
            Figure("whole stack resident", "MiB", key("total_loaded_mib")),
        ),
    ),
    "associations_500": Bench(
        ("bench.associations", "--rate", "500", "--seconds", "30"),
        "The same at 500 records/s for half a minute.",
        (
            Figure("published", "/s", key("published_per_second"), at_least=495),
            Figure("p50", "ms", key("p50_ms"), at_most=350),
            Figure("p99", "ms", key("p99_ms"), at_most=800),
            Figure("drained after the last record", "s", key("drained_seconds"), at_most=5),
            Figure("highest rate", "/s", key("at_once_per_second"), at_least=1_500),
            Figure("whole stack resident", "MiB", key("total_loaded_mib")),
        ),
    ),
    "kills": Bench(
        ("bench.kills",),
        "Intake and the index killed by turns, ten times, while 400 records/s come to all stages.",
        (
            Figure("acknowledged records lost", "", key("lost"), at_most=0),
            Figure("records at a wrong version", "", key("wrong"), at_most=0),
            Figure("longest time until back", "s", key("back_seconds_max"), at_most=15),
        ),
    ),
}
