"""Entities, ways and verdicts as people read them; facts always apart from assessments (R-03)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console

from consumers.search.answers import in_words
from consumers.search.inquiry.entity import Difference, Entity, short, short_mention
from consumers.search.inquiry.following import leaves_out
from consumers.search.inquiry.lines import Line, by_basis
from consumers.search.inquiry.service import Page, WaysAnswer
from consumers.search.printing import day, rows, say
from consumers.search.show import (
    VERIFY,
    associations_line,
    freshness_line,
    mention_text,
    show_pointers,
)
from consumers.search.statements import RecordLine, Statement
from recordbus.verification import UNVERIFIED
from schemas.rules import basis_table

_STATEMENT_HEADINGS = ("Record", "What it says", "When", "Owner", "Mention")
_TIE_HEADINGS = ("What is said", "Rests on", "When", "Marks", "Owner to ask")
_SECTIONS = (
    ("fact", "FACTS: that this happened or is registered; nothing is said about guilt"),
    ("assessment", "ASSESSMENTS: somebody's judgement or word, each with its grade"),
)


def show_page(page: Page, console: Console) -> None:
    """Print an entity: what records say of it, then its ties, grouped by basis."""
    show_entity(page.entity, console)
    for kind, title in _SECTIONS:
        grouped = by_basis(page.lines, kind)
        if grouped:
            say(console, "")
            say(console, title)
        for basis, lines in grouped.items():
            _basis(basis, lines, console)
    if not page.lines:
        say(console, "no association is known")
    if page.more_ties:
        say(console, f"there are more associations; {len(page.lines)} are shown")
    closing(page.heading.freshness, console)


def show_entities(entities: Iterable[Entity], console: Console) -> None:
    """Print the entities that a search came upon."""
    for each in entities:
        show_entity(each, console)
        say(console, "")


def show_entity(entity: Entity, console: Console) -> None:
    """Print what records say of an entity, and what they say differently."""
    owners = ", ".join(f"{name} {count}" for name, count in entity.departments.items())
    say(console, f"{entity.kind} {short(entity.entity_id)}: {entity.caption}")
    times = "once" if entity.mentions == 1 else f"{entity.mentions} times"
    say(console, f"named {times} in records ({owners or 'none of them here yet'})")
    rows(console, _STATEMENT_HEADINGS, map(_statement, entity.statements))
    if entity.mentions > len(entity.statements):
        say(console, f"only the newest {len(entity.statements)} are shown")
    if entity.differences:
        say(console, "the records say different things; which is right is not known here:")
        rows(console, ("Field", "Says", "Says instead"), map(_difference, entity.differences))
    show_pointers(entity.pointers, console)


def show_ways(answer: WaysAnswer, console: Console) -> None:
    """Print the shortest ways between two entities, a sentence for each tie."""
    found, captions = answer.ways, answer.captions
    ends = f"{captions[found.start]} and {captions[found.end]}"
    if not found.ways:
        say(console, f"no way between {ends} was found")
    for number, way in enumerate(found.ways, 1):
        steps = "1 step" if len(way) == 1 else f"{len(way)} steps"
        say(console, f"way {number} between {ends}, {steps}:")
        for place, step in enumerate(way, 1):
            say(console, f"  {place}. {_end(answer, step.start)} - {_end(answer, step.end)}")
            for tie in step.ties:
                if tie.association_id in answer.lines:
                    say(console, f"     {tie_sentence(answer.lines[tie.association_id])}")
    if found.more:
        say(console, "there are more ways as short as these")
    cautions(found.left_out, [captions[each] for each in found.crowded], console)
    if found.was_cut:
        say(console, "the search was ended at its limit: there may be a way")
    say(console, "A way is a row of records, not a tie between its two ends.")
    closing(answer.heading.freshness, console)


def tie_sentence(line: Line) -> str:
    """Say a tie in a sentence, with all that must not be left away when it is told on."""
    record = line.record
    named = f"{str(record['record_kind']).replace('_', ' ')} {record['number'] or ''}".strip()
    parts = [basis_words(line), named + f" of {line.department}", line.days, line.ends]
    parts += [f"grade: {line.grade}"] if line.grade else []
    parts += [f"court: {line.disposition}"] if line.disposition else []
    parts += marks(line)
    return f"{line.evidence_kind.upper()}: {line.sentence} ({'; '.join(parts)})"


def basis_words(line: Line) -> str:
    """Say the basis in words, with the reason of a field contact."""
    basis = line.basis.replace("_", " ")
    return f"{basis}, {line.contact_basis.replace('_', ' ')}" if line.contact_basis else basis


def marks(line: Line) -> list[str]:
    """Say what anybody must see at once: a dispute, a freeze, somebody under age."""
    found = []
    if line.is_frozen:
        found.append("FROZEN BY A DISPUTE: not to be used")
    elif any(not each.get("resolved_at") for each in line.disputes):
        found.append("DISPUTED")
    if line.is_juvenile:
        found.append("JUVENILE")
    return found


def cautions(left_out: Mapping[str, int], crowded: Sequence[str], console: Console) -> None:
    """Say what was not followed, and who has too many ties to lead anywhere."""
    for told in leaves_out(left_out):
        say(console, f"not followed: {told}")
    for caption in crowded:
        say(console, f"not followed beyond: {caption}, which very many share")


def closing(freshness: Any, console: Console) -> None:
    """Print how fresh the answer is, and that it is to be verified (R-34)."""
    say(console, f"{freshness_line(freshness)}; {associations_line(freshness)}")
    say(console, VERIFY)


def contact_lines(contact: Mapping[str, str]) -> list[str]:
    """Give whom to ask, a line for each way of reaching them."""
    return [contact[part] for part in ("unit", "phone", "email") if contact.get(part)]


def _basis(basis: str, lines: Sequence[Line], console: Console) -> None:
    says = basis_table()[basis].says
    say(console, f"{basis.replace('_', ' ')} ({len(lines)}): {says}")
    rows(console, _TIE_HEADINGS, map(_tie, lines))


def _tie(line: Line) -> Sequence[str]:
    record = line.record
    named = f"{str(record['record_kind']).replace('_', ' ')} {record['number'] or ''}".strip()
    sentence = f"{line.sentence}\n→ {line.other_kind} {short(line.other_entity)}"
    rests = [basis_words(line), named]
    rests += [f"grade: {line.grade}"] if line.grade else []
    rests += [f"court: {line.disposition}"] if line.disposition else []
    when = f"{line.days}\n{line.ends}"
    who = [line.department, *contact_lines(line.contact), in_words(line.standing, line.department)]
    return sentence, "\n".join(rests), when, "\n".join(marks(line)), "\n".join(who)


def _statement(statement: Statement) -> Sequence[str]:
    record = statement.record
    mention = short_mention(statement.mention_id)
    named = f"{record.record_kind.replace('_', ' ')} {record.number or ''}".strip()
    who = [record.department, *contact_lines(record.contact), *_answered_words(record)]
    owner = "\n".join(who)
    return named, _what(record, statement), day(record.occurred_us), owner, mention


def _answered_words(record: RecordLine) -> list[str]:
    """Give what an owner answered about a record; nothing while nobody answered."""
    standing = record.standing
    return [] if standing == UNVERIFIED else [in_words(standing, record.department)]


def _what(record: RecordLine, statement: Statement) -> str:
    text = mention_text(statement.shown) if statement.shown else "(not named)"
    return f"{text} DISPUTED" if record.is_disputed else text


def _difference(difference: Difference) -> Sequence[str]:
    told = [f"{each.value} ({len(each.mention_ids)}: {', '.join(each.departments)})"
            for each in difference.said]  # fmt: skip
    return difference.field.replace("_", " "), told[0], "\n".join(told[1:])


def _end(answer: WaysAnswer, entity: str) -> str:
    return f"{answer.captions[entity]} [{short(entity)}]"
