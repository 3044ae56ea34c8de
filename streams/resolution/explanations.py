"""Why two mentions are one, or are not: a verdict with everything it rests on (pure).

An explanation names ids, fields, levels and kinds of keys, never a value, so that it may go where
the records may not. Equal inputs give equal text, so that it can be recomputed and compared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, NamedTuple

import orjson

from streams.resolution.evidence import Evidence, Terms
from streams.resolution.guards import GUARDS, settled, without
from streams.resolution.mentions import Mention
from streams.resolution.model import Model
from streams.resolution.verdicts import Judge, Verdict

_NAMED_RIVALS: Final = 1
"""Rivals that an explanation names; it counts them all."""
_DIGITS: Final = 2


class Pairing(NamedTuple):
    """Two mentions in the order of their ids, and what stands around them.

    `keys` are the meeting keys they share, `fitting` the links and rivals of either, `judgement`
    what a person decided: outcome, author, reason.
    """

    a: Mention
    b: Mention
    keys: Collection[str] = ()
    fitting: Mapping[str, Verdict] = {}
    judgement: tuple[str, str, str] | None = None


def explain(
    judge: Judge,
    compare: Callable[[Any, Any, Terms], Evidence],
    pairing: Pairing,
    defaults: Collection[str],
) -> str:
    """Give the explanation of a pair's verdict as JSON with sorted keys.

    Each part is [field, level, bits] and the bits of the term frequency, where there are any; what
    weighs nothing is left out. The model, named by its hash, holds the m and u of every level.
    """
    evidence = compare(pairing.a, pairing.b, judge.model.terms)
    levels = settled(judge.model.kind, evidence, defaults)
    verdict = judge.verdict(evidence, defaults)
    vetoes, holds = judge.guards(levels)
    excused = GUARDS[judge.model.kind].excused(levels)
    said: dict[str, Any] = {
        "pair": [pairing.a.mention_id, pairing.b.mention_id],
        "versions": [pairing.a.version, pairing.b.version],
        "outcome": verdict.outcome,
        "bits": round(verdict.bits, _DIGITS),
        "model": judge.model.hash[:16],
        **_weighed(judge.model, evidence._replace(levels=without(excused, levels))),
    }
    said |= _present(
        excused=[judge.model.fields[place].name for place in excused],
        vetoes=vetoes,
        holds=holds,
        keys=sorted({key.partition(":")[0] for key in pairing.keys}),
        defaults=sorted({key.partition(":")[0] for key, _ in evidence.shared if key in defaults}),
    )
    rivals = _rivals(pairing, verdict.bits - judge.model.ambiguity_bits)
    if rivals:
        said |= {"rivals": rivals[:_NAMED_RIVALS], "rival_count": len(rivals)}
    if pairing.judgement is not None:
        said |= {"judgement": pairing.judgement, "outcome": pairing.judgement[0]}
    return orjson.dumps(said, option=orjson.OPT_SORT_KEYS).decode()


def _present(**said: Collection[str]) -> dict[str, Collection[str]]:
    return {name: value for name, value in said.items() if value}


def _rivals(pairing: Pairing, least_bits: float) -> list[str]:
    """Give the other mentions that either of the two fits within the margin."""
    ends = (pairing.a.mention_id, pairing.b.mention_id)
    near = pairing.fitting.items()
    return sorted(each for each, v in near if v.bits >= least_bits and each not in ends)


def _weighed(model: Model, evidence: Evidence) -> dict[str, Any]:
    """Give prior, parts and caps of a weight as plain values."""
    weight = model.weight(evidence)
    parts = [
        [part.field, part.level, round(part.bits, _DIGITS)]
        + ([round(part.term_bits, _DIGITS)] if part.term_bits else [])
        for part in weight.parts
        if part.bits
    ]
    caps = [[list(fields), round(over, _DIGITS)] for fields, over in weight.capped]
    return {"prior": weight.prior, "parts": parts} | ({"caps": caps} if caps else {})
