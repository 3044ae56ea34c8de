"""What is a hit, how well it answers, and how it is placed and shown: by looking at each record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from consumers.search.document import Document, Mention, Span
from consumers.search.engines.interface import Hit, HitMention
from consumers.search.matching import Texts, group_level, text_level
from consumers.search.plan import Column, Group, Level, Plan, Sort
from consumers.sink import Change
from recordbus.normalize import given_names, phonetic


class Kept(NamedTuple):
    """A key's latest change, and when it came."""

    change: Change[Any]
    arrival: int


def level_of(plan: Plan, found: Document, *, is_whole: bool = True) -> Level | None:
    """Give the level of a record as a hit, or None when it is none.

    `is_whole` says that `found` is all of the record, not what somebody sees of it.
    """
    if not _passes(plan, found):
        return None
    said = {token for mention in found.mentions for token in mention.tokens.split()}
    texts = Texts(found.narrative, found.words, tokens=None if is_whole else said)
    levels = [text_level(clause, texts) for clause in plan.text]
    for group in plan.groups:
        answers = [_answer(group, mention) for mention in found.mentions]
        levels.append(min((level for level in answers if level is not None), default=None))
    worst = Level.EXACT
    for level in levels:
        if level is None:
            return None
        worst = max(worst, level)
    return None if any(texts.has(atom) for atom in plan.without) else worst


def _answer(group: Group, mention: Mention) -> Level | None:
    return group_level(group, set(mention.tokens.split()), _spans(mention))


def _spans(mention: Mention) -> Mapping[Column, Span | None]:
    return {
        Column.BORN: mention.born,
        Column.AGE: mention.age,
        Column.HEIGHT: mention.height,
        Column.WEIGHT: mention.weight,
    }


def _passes(plan: Plan, found: Document) -> bool:
    return (
        (not plan.departments or found.department in plan.departments)
        and (not plan.record_kinds or found.record_kind in plan.record_kinds)
        and (plan.from_us is None or found.occurred_us >= plan.from_us)
        and (plan.until_us is None or found.occurred_us < plan.until_us)
    )


def place(sort: Sort, level: Level, kept: Kept, found: Document) -> tuple[int, int, int]:
    """Give where a hit stands among others, first ones smaller."""
    if sort is Sort.OLDEST:
        return (0, found.occurred_us, kept.arrival)
    return (level if sort is Sort.BEST else 0, -found.occurred_us, -kept.arrival)


def likeness(word: str, other: str) -> Level | None:
    """Give how much a word of a name is like another; None when it is not."""
    if given_names.canonical(word.upper()) == given_names.canonical(other.upper()):
        return Level.NICKNAME
    errors = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
    if not any(c.isdigit() for c in word) and OSA.distance(word, other) <= errors:
        return Level.SPELLING
    if set(phonetic.codes(word.upper())) & set(phonetic.codes(other.upper())):
        return Level.SOUND
    return None


def hit(plan: Plan, level: Level, kept: Kept, found: Document) -> Hit:
    """Give a record as the hit that it is at this level."""
    mentions = tuple(
        HitMention(
            mention.type, frozenset(mention.tokens.split()), mention.shown,
            any(_answer(group, mention) is not None for group in plan.groups), mention.local_id,
        )
        for mention in found.mentions[1:]
    )  # fmt: skip
    return Hit(
        found.record_key.hex(), found.record_kind, found.department, found.owner_ori,
        found.occurred_us, found.published_us, kept.change.version, tuple(found.bases.split()),
        tuple(found.evidence.split()), found.items, level, found.narrative, found.words,
        found.mentions[0].shown, mentions,
    )  # fmt: skip


def facets(found: Sequence[Document]) -> Mapping[str, Mapping[str, int]]:
    """Count records by what a reader may narrow them by."""
    return {
        "department": Counter(each.department for each in found),
        "record_kind": Counter(each.record_kind for each in found),
        "basis": Counter(basis for each in found for basis in each.bases.split()),
        "evidence": Counter(kind for each in found for kind in each.evidence.split()),
    }
