"""What stands on every picture and export: who asked, when, for what, what is left out (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from consumers.search.inquiry.following import leaves_out
from consumers.search.inquiry.lines import Line
from consumers.search.inquiry.service import NetworkAnswer
from consumers.search.show import VERIFY, associations_line, freshness_line

_CONDITIONS: Final = "C"


def notes(answer: NetworkAnswer) -> list[str]:
    """Give the lines that must not be parted from a picture."""
    heading, found = answer.heading, answer.network
    context = heading.context
    asked_by = f"{context.requester}, purpose {context.purpose}, case {context.case_number}"
    whom = f", on behalf of {context.on_behalf_of}" if context.on_behalf_of else ""
    steps = "1 step" if found.depth == 1 else f"{found.depth} steps"
    when = f"{heading.asked_at:%Y-%m-%d %H:%M:%S} UTC"
    return [
        f"{answer.captions[found.centre]}: ties within {steps}",
        f"Asked by {asked_by}{whom}, {when} (audit {heading.audit_id})",
        f"{freshness_line(heading.freshness)}; {associations_line(heading.freshness)}",
        VERIFY,
        "A line is what one record says; standing here makes nobody guilty, or an associate.",
        *limits(answer),
    ]


def limits(answer: NetworkAnswer) -> list[str]:
    """Say what a picture leaves out, by rule and by size."""
    found = answer.network
    told = [f"Does not lead on: {each}" for each in leaves_out(found.left_out)]
    if found.entities_cut:
        told.append(f"Left out for room: {found.entities_cut} entities or more")
    if found.ties_cut:
        told.append(f"Left out for room: {found.ties_cut} ties")
    crowded = (answer.captions[each] for each in found.crowded)
    return told + [f"Not drawn around: {each}, which very many share" for each in crowded]


def handling(lines: Iterable[Line]) -> str:
    """Give the strictest handling of anything shown (R-05)."""
    if any((line.grade or "").endswith(f"handling {_CONDITIONS}") for line in lines):
        return "C, sharing has conditions: ask the owners"
    return "P, within the purpose"
