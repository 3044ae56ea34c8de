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
}
