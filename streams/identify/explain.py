"""Why two mentions are one entity, or are not: the verdict worked out again (R-09, pure).

It needs no running stage: two records, the default values and the judgement of the pair say it all
but for what other mentions do to the entities, of which only the outcome is told.
Invariant: the same question has the same answer, and `text` holds no value of any record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from recordbus.explainers import Explanation, Question, Standing, UnknownMention
from schemas.types import Record
from streams.identify.forming import verdict_id
from streams.identify.sentences import sentences
from streams.meet.digests import Digests
from streams.meet.mentions import KIND_OF, concealed
from streams.resolution.explanations import Pairing
from streams.resolution.explanations import explain as explained
from streams.resolution.from_records import mentions_of
from streams.resolution.judgements import pair
from streams.resolution.keys import active, keys_of
from streams.resolution.kinds import KINDS
from streams.resolution.mentions import Mention
from streams.resolution.model import Model
from streams.resolution.verdicts import NO, Judge
from streams.shipped_models import shipped

ONLY_DESCRIBED: Final = "only_described"
NOT_RESOLVED: Final = "not_resolved"
TWO_KINDS: Final = "two_kinds"
ONE_RECORD: Final = "one_record"
_REVOKED: Final = "revoked"


class _Side(NamedTuple):
    """A mention of a record; `mention` is None where nothing compares it."""

    mention_id: str
    kind: str
    mention: Mention | None
    version: int
    standing: Standing | None


def explain(question: Question) -> Explanation:
    """Answer why, or why not; raises UnknownMention when a record does not have the mention."""
    (a, record_a, standing_a), (b, record_b, standing_b) = sorted(
        (
            (question.a, question.record_of_a, question.standing_of_a),
            (question.b, question.record_of_b, question.standing_of_b),
        ),
        key=lambda side: side[0],
    )
    sides = (_side(a, record_a, standing_a), _side(b, record_b, standing_b))
    why = _never_compared(*sides)
    said = _uncompared(sides, why) if why else _compared(question, sides)
    said |= _standing(sides) | _past(question)
    return Explanation(
        orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode(), tuple(sentences(said))
    )


@lru_cache(maxsize=8)
def _digests(secret: bytes) -> Digests:
    return Digests(secret)


@lru_cache(maxsize=len(KINDS))
def _judge(kind: str) -> Judge:
    return Judge(shipped(kind))


def _side(mention_id: str, given: Mapping[str, Any], standing: Standing | None) -> _Side:
    record: Record = given  # type: ignore[assignment]
    for mention in mentions_of(record):
        if mention.mention_id == mention_id:
            kind = KIND_OF[type(mention)]
            return _Side(mention_id, kind, mention, record["version"], standing)
    return _Side(mention_id, _kind_of(record, mention_id), None, record["version"], standing)


def _kind_of(record: Record, mention_id: str) -> str:
    """Give the kind of a mention that nothing is compared with."""
    named: Mapping[str, Any] = record["normalised"] or {}
    for group, members in named.items():
        if isinstance(members, list):
            for each in members:
                if each.get("mention_id") == mention_id:
                    return "person" if group == "people" else group
    raise UnknownMention(
        f"the record has no mention {mention_id.partition('.')[2]!r} now",
        hint="it may have been corrected or removed: ask who is in the record",
    )


def _never_compared(a: _Side, b: _Side) -> str:
    """Give why two mentions are never compared; empty when they are."""
    if a.mention is None or b.mention is None:
        described = any(side.mention is None and side.kind == "person" for side in (a, b))
        return ONLY_DESCRIBED if described else NOT_RESOLVED
    if a.kind != b.kind:
        return TWO_KINDS
    return ONE_RECORD if a.mention_id.split(".")[0] == b.mention_id.split(".")[0] else ""


def _uncompared(sides: tuple[_Side, _Side], why: str) -> dict[str, Any]:
    return {
        "pair": [side.mention_id for side in sides],
        "versions": [side.version for side in sides],
        "outcome": NO,
        "never_compared": why,
    }


def _compared(question: Question, sides: tuple[_Side, _Side]) -> dict[str, Any]:
    """Give the explanation of a verdict, and how it comes that it is made or not."""
    digests = _digests(question.identifier_key)
    kind, judge = KINDS[sides[0].kind], _judge(sides[0].kind)
    first, second = [concealed(side.mention, digests) for side in sides if side.mention is not None]
    ours, theirs = keys_of(first), keys_of(second)
    keys = active(ours, question.defaults) & active(theirs, question.defaults)
    judgement = _in_force(question)
    pairing = Pairing(first, second, keys, {}, judgement)
    said: dict[str, Any] = orjson.loads(explained(judge, kind.compare, pairing, question.defaults))
    evidence = kind.compare(first, second, judge.model.terms)
    verdict = judge.verdict(evidence, question.defaults)
    said |= {
        "kind": kind.name,
        "evidence_outcome": verdict.outcome,
        "thresholds": [judge.model.possible, judge.model.same],
        "levels": [_in_the_model(judge.model, *part[:2]) for part in said["parts"]],
        "is_compared": bool(keys) and not kind.are_told_apart(first, second),
    }
    return said


def _in_the_model(model: Model, field: str, level: str) -> list[Any]:
    """Give how often a level occurs among pairs that are one (m), and among others (u)."""
    names = [each.name for each in model.fields]
    place = names.index(field)
    known = model.levels[place][model.fields[place].levels.index(level)]
    return [field, level, float(f"{known.m:.3g}"), float(f"{known.u:.3g}")]


def _in_force(question: Question) -> tuple[str, str, str] | None:
    """Give the outcome, author and reason of the judgement that counts now."""
    said = question.judgement
    if said is None or said["outcome"] == _REVOKED or _is_over(question, said):
        return None
    outcome = "same" if said["outcome"] == "same" else NO
    return outcome, said["author"], said["reason"]


def _is_over(question: Question, said: Mapping[str, Any]) -> bool:
    ends = said["expires_at"]
    return ends is not None and question.at is not None and ends <= question.at


def _past(question: Question) -> dict[str, Any]:
    """Say that a judgement counts no more, if there was one."""
    said = question.judgement
    if said is None:
        return {}
    if pair(said["a"], said["b"]) != pair(question.a, question.b):
        raise ValueError("the judgement is about another pair")
    if said["outcome"] == _REVOKED:
        return {"judgement_ended": "revoked"}
    return {"judgement_ended": "expired"} if _is_over(question, said) else {}


def _standing(sides: tuple[_Side, _Side]) -> dict[str, Any]:
    """Say whether the two are one entity now, and whether this very verdict holds it together."""
    known = [side.standing for side in sides]
    if any(each is None or each.entity_id is None for each in known):
        return {}
    entities = {each.entity_id for each in known if each is not None}
    ids = list(_verdicts(known))
    own = verdict_id(pair(sides[0].mention_id, sides[1].mention_id))
    return {"is_one": len(entities) == 1, "holds_it": own in ids}


def _verdicts(known: Collection[Standing | None]) -> Iterator[str]:
    for each in known:
        if each is not None:
            yield from each.verdicts
