"""A verdict on two mentions as people and programs read it (R-09)."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console

from consumers.search.inquiry.as_json import closing_as_json, entity_as_json, statement_as_json
from consumers.search.inquiry.entity import short_mention
from consumers.search.inquiry.show import closing, show_entity
from consumers.search.inquiry.why import Why
from consumers.search.printing import say
from consumers.search.show import mention_text
from consumers.search.statements import Statement

REVERSIBLE: Final = "This is a decision that can be taken back, not a fact about anybody."


def show_why(why: Why, console: Console, *, expects_one: bool) -> None:
    """Print whether two mentions are one entity, and what speaks for and against it."""
    for mention_id, statement in zip(why.mentions, why.statements, strict=True):
        say(console, _who(mention_id, statement))
    told = "They are one entity" if why.is_one else "They are not one entity"
    surprise = "" if why.is_one is expects_one else ", other than the question supposes"
    say(console, f"{told}{surprise}.")
    for sentence in why.sentences:
        say(console, f"- {sentence}")
    if why.judgement is not None:
        decided = why.judgement
        say(console, f"judged {decided['outcome']} by {decided['author']} on "
                     f"{str(decided['decided_at'])[:10]}: {decided['reason']}")  # fmt: skip
    say(console, REVERSIBLE)
    if why.entity is not None:
        say(console, "")
        show_entity(why.entity, console)
    closing(why.heading.freshness, console)


def why_as_json(why: Why) -> dict[str, Any]:
    """Give the verdict for programs; `evidence` holds no value of the records."""
    return {
        "mentions": [
            {
                "mention_id": mention_id,
                "entity_id": entity_id,
                "statement": statement_as_json(statement) if statement else None,
            }
            for mention_id, entity_id, statement in zip(
                why.mentions, why.entities, why.statements, strict=True
            )
        ],
        "is_one": why.is_one,
        "sentences": list(why.sentences),
        "evidence": dict(why.evidence),
        "judgement": why.judgement,
        "entity": entity_as_json(why.entity) if why.entity else None,
        "says": REVERSIBLE,
        **closing_as_json(why.heading),
    }


def _who(mention_id: str, statement: Statement | None) -> str:
    if statement is None:
        return f"{short_mention(mention_id)}: without an entity now"
    record = statement.record
    named = f"{record.record_kind.replace('_', ' ')} {record.number or ''}".strip()
    text = mention_text(statement.shown) if statement.shown else "(not named)"
    return f"{short_mention(mention_id)}: {text}; {named} of {record.department}"
