"""Prints findings for the one who has to act on them: what is wrong first, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from producers.conformance.findings import Findings

_SHOWN: Final = 12


def lines_of(findings: Findings, threshold: float) -> Iterator[str]:
    """Give the lines to print."""
    told = findings.to_json()
    yield (
        f"{findings.read:,} read: {findings.accepted:,} accepted, "
        f"{findings.refused.counts.total():,} refused before sending, "
        f"{findings.set_aside.counts.total():,} set aside by the bus, "
        f"{findings.repeated:,} repeated"
    )
    yield from _reasons("refused before sending", told["refused_before_sending"], "reason")
    yield from _reasons("set aside by the bus", told["set_aside_by_the_bus"], "reason")
    yield from _mapping(told)
    yield from _reasons("noticed on accepted records", told["flags"], "flag")
    yield from _hints(findings)
    yield from _associations(findings, told["associations"])
    for trouble, count in findings.troubles.items():
        yield f"  a stage could not go on ({trouble}): {count}; report it to the operators"
    yield ""
    yield _verdict(findings, threshold)


def _reasons(title: str, reasons: Sequence[dict[str, Any]], name: str) -> Iterator[str]:
    if reasons:
        yield ""
        yield f"{title}:"
    for each in reasons:
        yield f"  {each['count']:,} {each[name]}: {each['meaning']}"
        yield f"      {each['next']}"
        for example in each["examples"][: 3 if name == "reason" else 1]:
            detail = f" {example['detail']}" if example["detail"] else ""
            yield f"      {example['file']}:{example['line']}{detail}"


def _mapping(told: dict[str, Any]) -> Iterator[str]:
    says = {
        "unknown_to_the_mapping": "columns that the mapping does not know",
        "always_empty": "columns that are read and always empty",
        "ignored_by_the_mapping": "columns that are not published",
    }
    columns = {says[name]: found for name, found in told["columns"].items() if found}
    codes = told["codes_not_in_their_list"]
    if columns or codes:
        yield ""
        yield "mapping:"
    for title, found in columns.items():
        yield f"  {title}: {', '.join(found[:_SHOWN])}{_more(found)}"
    for each in codes[:_SHOWN]:
        most = ", ".join(f"{source!r} {count:,}" for source, count in each["most"])
        yield f"  {each['count']:,} values of {each['field']} have no code of ours: {most}"


def _hints(findings: Findings) -> Iterator[str]:
    people = findings.mentions["person"]
    records = findings.kinds.total()
    found = [(says, count) for says, count in findings.hints.items() if count]
    if found:
        yield ""
        yield "worth a look:"
    for says, count in found:
        whole = people if says.startswith("people") else records
        share = f" of {whole:,}" if count <= whole else ""
        yield f"  {count:,}{share} {says}"


def _associations(findings: Findings, associations: Sequence[dict[str, Any]]) -> Iterator[str]:
    if not findings.mentions:
        return
    yield ""
    yield "what would be tied:"
    for kind, count in sorted(findings.mentions.items()):
        yield f"  {count:,} mentions of kind {kind} are {findings.entities[kind]:,} entities"
    if findings.largest_entity > 1:
        yield f"  the largest entity has {findings.largest_entity:,} mentions"
    yield f"  {findings.relations.total():,} associations"
    for each in associations[:_SHOWN]:
        example = f", first in {each['example']}" if each["example"] else ""
        yield (
            f"    {each['count']:,} {each['type']} on {each['basis']}, {each['evidence']}{example}"
        )
    if len(associations) > _SHOWN:
        yield f"    and {len(associations) - _SHOWN} kinds more; see --json"


def _verdict(findings: Findings, threshold: float) -> str:
    says = "ready to go live" if is_ready(findings, threshold) else "NOT ready"
    return (
        f"{says}: {findings.share_wrong:.2%} of what was read would not be on the bus, "
        f"at most {threshold:.2%} is allowed"
    )


def is_ready(findings: Findings, threshold: float) -> bool:
    """Say whether a department may go live with what it has shown."""
    return findings.read > 0 and findings.share_wrong <= threshold and not findings.troubles


def _more(found: Sequence[object]) -> str:
    return f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
