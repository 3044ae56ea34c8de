"""What the workers of a bus say about themselves, gathered from their metrics."""

from __future__ import annotations

import urllib.request
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from recordbus.local.demo.latency import buckets, quantile
from recordbus.metrics import Sample, read_exposition

_TIMEOUT_SECONDS = 2.0
_INDEX = "index"
"""The sink that makes searchable; feeds and uses take the same records in at their own pace."""
_FEEDS = "feeds"
_FEEDS_GROUP = "recordbus-feeds"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Counts since the workers started: by department, and by department and reason."""

    accepted: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[tuple[str, str]] = field(default_factory=Counter)
    judged: int = 0
    stored: int = 0
    documents: Counter[str] = field(default_factory=Counter)
    latency_p50_seconds: float = float("nan")
    latency_p99_seconds: float = float("nan")

    def quarantined_by(self, department: str) -> dict[str, int]:
        """Give one department's quarantined messages by reason code."""
        return {reason: n for (name, reason), n in self.quarantined.items() if name == department}


def scrape(ports: Iterable[int]) -> list[Sample]:
    """Read the metrics of local processes; one that does not answer gives nothing."""
    found: list[Sample] = []
    for port in ports:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/metrics", timeout=_TIMEOUT_SECONDS
            ) as answer:
                found += read_exposition(answer.read().decode())
        except OSError:
            continue
    return found


def numbers(samples: Iterable[Sample]) -> Numbers:
    """Sum the samples up (pure).

    `judged` counts the departments' messages intake is done with, `stored` the versions of records
    the index took in; what it takes in besides, such as identities, is in neither.
    """
    seen = [each for each in samples if each.labels.get("sink", _INDEX) == _INDEX]
    accepted: Counter[str] = Counter()
    quarantined: Counter[tuple[str, str]] = Counter()
    documents: Counter[str] = Counter()
    for sample in seen:
        if sample.name == "recordbus_accepted_records_total":
            accepted[sample.labels["department"]] += int(sample.value)
        elif sample.name == "recordbus_index_documents":
            documents[sample.labels["department"]] += int(sample.value)
        elif sample.name == "recordbus_quarantine_records_total":
            where = (sample.labels["department"], sample.labels["reason"])
            quarantined[where] += int(sample.value)
    latency = buckets(seen, "recordbus_end_to_end_seconds")
    return Numbers(
        accepted=accepted,
        quarantined=quarantined,
        judged=_judged(seen),
        stored=_sum(seen, "recordbus_end_to_end_seconds_count"),
        documents=documents,
        latency_p50_seconds=quantile(0.5, latency),
        latency_p99_seconds=quantile(0.99, latency),
    )


def are_feeds_behind(samples: Iterable[Sample]) -> bool:
    """Tell whether feeds still have to read what the index has, or what stands in the log (pure).

    How far behind a worker is it measures now and then; what it took in it counts at once.
    """
    seen = list(samples)
    taken: Counter[str] = Counter()
    for each in seen:
        if each.name == "recordbus_end_to_end_seconds_count":
            taken[each.labels["sink"]] += int(each.value)
    is_waiting = any(
        each.value > 0
        for each in seen
        if each.name == "recordbus_consumer_lag_records" and each.labels["group"] == _FEEDS_GROUP
    )
    return is_waiting or taken[_FEEDS] < taken[_INDEX]


def _judged(samples: Iterable[Sample]) -> int:
    others = {"tick", "tombstoned", "upkeep_ignored", "judged"}  # of upkeep, and about pairs
    return sum(
        int(sample.value)
        for sample in samples
        if sample.name == "recordbus_stage_events_total"
        and sample.labels["stage"] == "intake"
        and sample.labels["outcome"] not in others
    )


def _sum(samples: Iterable[Sample], name: str) -> int:
    return sum(int(sample.value) for sample in samples if sample.name == name)
