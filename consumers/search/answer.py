"""What a searcher gets: results with reasons, owners to ask, and how fresh all of it is (pure).

Invariant: of what the policy gives a pointer to, the owner and the contact are told and nothing
more (R-31); the gated attributes of a person are shown only when the search was allowed to ask for
them (R-12); every result carries the owner's contact, the state of its verification (R-34), and the
rules by which it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from consumers.search.answers import Standings
from consumers.search.engines.interface import Found, Freshness, Hit, HitMention
from consumers.search.inquiry.entity import Entity
from consumers.search.matching import Texts
from consumers.search.plan import Atom, Clause, Level, TextAtom, TextClause
from consumers.search.statements import Pointer
from consumers.search.wants import Want
from recordbus.policy.decision import Decision
from recordbus.verification import Standing

SMALLEST_COUNT = 5
_HOW = {
    Level.EXACT: "as asked",
    Level.NICKNAME: "nickname",
    Level.SPELLING: "similar spelling",
    Level.SOUND: "sounds alike",
    Level.PART: "part of it",
}


@dataclass(frozen=True, slots=True)
class Why:
    """One reason for a match: the field, what was asked, what was found, and how it fits."""

    field: str
    asked: str
    found: str
    how: str


@dataclass(frozen=True, slots=True)
class Result:
    """One record. `mentions` are for people to read; the matched ones come first."""

    record_key: str
    record_kind: str
    department: str
    owner_ori: str
    occurred_us: int
    published_us: int
    version: int
    bases: tuple[str, ...]
    evidence: tuple[str, ...]
    number: str | None
    contact: Mapping[str, str]
    standing: Standing
    is_disputed: bool
    mentions: tuple[Mapping[str, Any], ...]
    details: Mapping[str, Any]
    why: tuple[Why, ...]
    rules: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of results. A facet's count is None where it is too small to be shown (R-43).

    `entities` are those that the results led to, None when they were not asked for. `pointers` say
    whom else to ask, each owner once; they are in no page and no count.
    """

    audit_id: str
    results: tuple[Result, ...]
    total: int | None
    total_is_exact: bool
    page: int
    page_size: int
    facets: Mapping[str, Mapping[str, int | None]]
    freshness: Freshness
    asked_at_us: int
    entities: tuple[Entity, ...] | None = None
    pointers: tuple[Pointer, ...] = ()
    policy_version: str = ""


def results(
    found: Found, wants: Sequence[Want], shows_gated: frozenset[str],
    decisions: Mapping[str, Decision], standings: Standings,
) -> tuple[Result, ...]:  # fmt: skip
    """Give the results of a page of hits, each with the decision that shows it."""
    return tuple(
        _result(hit, wants, shows_gated, decisions[hit.items], standings) for hit in found.hits
    )


def counts(
    found: Found, facets: Iterable[str], hide_small: bool
) -> dict[str, dict[str, int | None]]:
    """Give the counts of the facets asked for, the largest first."""
    return {
        facet: {
            value: (None if hide_small and count < SMALLEST_COUNT else _rounded(count, hide_small))
            for value, count in sorted(found.facets[facet].items(), key=lambda e: (-e[1], e[0]))
        }
        for facet in facets
    }


def total(found: Found, hide_small: bool) -> int | None:
    """Give the number of hits; a small one is hidden with the counts that would give it away."""
    if hide_small and 0 < found.total < SMALLEST_COUNT:
        return None
    return _rounded(found.total, hide_small)


def _rounded(count: int, is_hidden: bool) -> int:
    return round(count / SMALLEST_COUNT) * SMALLEST_COUNT if is_hidden else count


def _result(
    hit: Hit, wants: Sequence[Want], shows_gated: frozenset[str], decision: Decision,
    standings: Standings,
) -> Result:  # fmt: skip
    record = orjson.loads(hit.shown)
    contact = record.pop("contact", {})
    number = record.pop("number", None)
    is_disputed = bool(record.pop("disputed", False))
    return Result(
        hit.record_key, hit.record_kind, hit.department, hit.owner_ori, hit.occurred_us,
        hit.published_us, hit.version,
        hit.bases, hit.evidence, number, contact, standings.of_record(hit.record_key),
        is_disputed,
        tuple(_shown(hit.mentions, shows_gated)), record, tuple(_reasons(hit, wants)),
        decision.reasons, tuple(sorted(decision.masked)),
    )  # fmt: skip


def _shown(
    mentions: Sequence[HitMention], shows_gated: frozenset[str]
) -> Iterable[Mapping[str, Any]]:
    for mention in sorted(mentions, key=lambda each: not each.is_match):
        shown = orjson.loads(mention.shown)
        gated = shown.pop("gated", {})
        shown.update({name: value for name, value in gated.items() if name in shows_gated})
        yield {"type": mention.type.name.lower(), "is_match": mention.is_match, **shown}


def _reasons(hit: Hit, wants: Sequence[Want]) -> Iterable[Why]:
    texts = Texts(hit.narrative, hit.words)
    matched = [each for each in hit.mentions if each.is_match] or list(hit.mentions)
    for want in wants:
        if isinstance(want.clause, TextClause):
            word = _best_word(want.clause, texts)
            if word:
                found = " ".join(word.words) + ("…" if word.is_prefix else "")
                yield Why(want.field, want.asked, found, _HOW[word.level])
        else:
            token = _best_token(want.clause, matched)
            if token:
                value = token.token.partition(":")[2].replace(".", " ").strip()
                is_secret = want.field == "identifier"
                found = want.asked if is_secret else value
                yield Why(want.field, want.asked, found, _HOW[token.level])


def _best_word(clause: TextClause, texts: Texts) -> TextAtom | None:
    found = [atom for atom in clause.atoms if texts.has(atom)]
    return min(found, key=lambda atom: atom.level, default=None)


def _best_token(clause: Clause, mentions: Sequence[HitMention]) -> Atom | None:
    tokens = frozenset().union(*(mention.tokens for mention in mentions))
    found = [atom for atom in clause.atoms if atom.token in tokens]
    return min(found, key=lambda atom: atom.level, default=None)
