"""What `recordbus resolve` says in the end: counts, speed, memory, agreement (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from streams.resolution.batch import Resolution
from streams.resolve.agreement import Agreement, Share


class Spent(NamedTuple):
    """What a run took: wall and CPU seconds of reading and linking, and memory at its peak."""

    seconds: float
    cpu_seconds: float
    peak_mebibytes: float


def report(found: Resolution, spent: Spent, agreed: Agreement | None) -> dict[str, Any]:
    """Give everything as plain values, for `--json` and for people."""
    records = len(found.entities)
    outcomes = Counter(
        "vetoed" if verdict.vetoes else verdict.outcome for verdict in found.verdicts.values()
    )
    told: dict[str, Any] = {
        "records": records,
        "entities": len(found.clusters),
        "pairs_same": outcomes["same"],
        "pairs_possible": outcomes["possible"],
        "pairs_vetoed": outcomes["vetoed"],
        "default_values": len(found.defaults),
        "suspended_blocks": len(found.suspended),
        "alarms": dict(Counter(a for c in found.clusters.values() for a in c.alarms)),
        "seconds": round(spent.seconds, 3),
        "records_per_cpu_second": round(records / spent.cpu_seconds) if spent.cpu_seconds else 0,
        "peak_mebibytes": round(spent.peak_mebibytes, 1),
    }
    return told if agreed is None else told | {"agreement": _agreement(agreed)}


def _agreement(agreed: Agreement) -> dict[str, Any]:
    return {
        "records": agreed.records,
        "precision": _share(agreed.precision),
        "recall": _share(agreed.recall),
        "f1": round(agreed.f1, 6),
    }


def _share(share: Share) -> dict[str, Any]:
    return {
        "value": round(share.value, 6),
        "count": share.part,
        "of": share.of,
        "wilson_95": [round(end, 6) for end in share.interval()],
    }


def shown(told: Mapping[str, Any]) -> str:
    """Give a report in lines for people."""
    return "\n".join(_lines(told))


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"{told['records']:,} records are {told['entities']:,} people"
    yield (
        f"pairs: {told['pairs_same']:,} same, {told['pairs_possible']:,} possible (not linked),"
        f" {told['pairs_vetoed']:,} kept apart by a veto"
    )
    if told["default_values"] or told["suspended_blocks"]:
        yield (
            f"not used: {told['default_values']:,} values that too many people share,"
            f" {told['suspended_blocks']:,} blocks that are too large"
        )
    for alarm, count in sorted(told["alarms"].items()):
        yield f"look at: {count:,} with {alarm}"
    yield (
        f"{told['seconds']:.1f} s, {told['records_per_cpu_second']:,} records/s of one core,"
        f" {told['peak_mebibytes']:,.0f} MiB"
    )
    if "agreement" in told:
        yield from _agreement_lines(told["agreement"])


def _agreement_lines(agreed: Mapping[str, Any]) -> Iterator[str]:
    yield f"of {agreed['records']:,} records that the truth knows:"
    for name in ("precision", "recall"):
        share = agreed[name]
        low, high = share["wilson_95"]
        yield (
            f"  {name:9} {share['value']:.4f}  {share['count']:,} of {share['of']:,} pairs,"
            f" 95 % between {low:.4f} and {high:.4f}"
        )
    yield f"  {'F1':9} {agreed['f1']:.4f}"
