"""A model: how much each level of agreement weighs, read from a versioned, hashed file (pure).

The weight of a pair is the prior plus, per field, log2(m / u) of its level. Where a field has a
term table, exact agreement on a value weighs log2(m / max(frequency, minimum_u)) instead. Fields
that say the same thing are capped together: their positive weights count at most their largest
plus `cap_extra_bits`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from math import log2
from typing import Any, Final, NamedTuple

from streams.resolution.evidence import Evidence, Field, Terms, TermTable
from streams.resolution.fields import FIELDS, TERMS

FORMAT: Final = 1
EXACT: Final = 1
"""The place of the best level in every field; term frequencies speak of this level only."""


class ModelError(ValueError):
    """A model file that cannot be used, with what is wrong with it."""


class LevelWeight(NamedTuple):
    """How often a level occurs among pairs that are one (`m`) and among pairs that are not."""

    m: float
    u: float
    bits: float


class Part(NamedTuple):
    """What one field adds: its level, the bits of the level, and what its frequency changes."""

    field: str
    level: str
    m: float
    u: float
    bits: float
    term_bits: float


class Weight(NamedTuple):
    """The bits of a pair with their parts; `capped` holds (fields, bits taken off)."""

    bits: float
    prior: float
    parts: tuple[Part, ...]
    capped: tuple[tuple[tuple[str, ...], float], ...]


class Model:
    """The weights of one kind of mention; equal files have equal hashes."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.raw = dict(given)
        self.hash = model_hash(given)
        self.kind: str = given["kind"]
        self.version: str = given["version"]
        self.fields: tuple[Field, ...] = FIELDS[self.kind]
        self.prior: float = given["prior_log2"]
        self.same: float = given["thresholds"]["same"]
        self.possible: float = given["thresholds"]["possible"]
        self.ambiguity_bits: float = given["ambiguity_bits"]
        self.cap_extra_bits: float = given.get("cap_extra_bits", 2.0)
        self.terms = _terms(given.get("term_frequency", {}))
        self.levels = _levels(self.fields, given["fields"])
        self._bits = tuple(tuple(level.bits for level in levels) for levels in self.levels)
        places = {field.name: place for place, field in enumerate(self.fields)}
        self.caps = tuple(tuple(places[name] for name in group) for group in given["caps"])
        self._terms = tuple((places[name], name) for name in TERMS[self.kind] if name in self.terms)

    @classmethod
    def load(cls, text: str) -> Model:
        """Read a model file; raises ModelError that says what is missing or does not fit."""
        try:
            given = json.loads(text)
            if given.get("format") != FORMAT:
                raise ModelError(f"the model's format is {given.get('format')!r}, not {FORMAT}")
            return cls(given)
        except (KeyError, TypeError, AttributeError) as e:
            raise ModelError(f"the model lacks or misspells {e}") from e
        except ValueError as e:
            raise ModelError(str(e)) from e

    def bits(self, levels: Sequence[int], frequencies: Sequence[float]) -> float:
        """Give the weight of a pair alone: the quick way to `weight(...).bits`."""
        each = [table[level] for table, level in zip(self._bits, levels, strict=True)]
        for (place, name), frequency in zip(self._terms, frequencies, strict=False):
            if frequency:
                each[place] += self._term_bits(place, name, frequency)
        total = self.prior + sum(each)
        for group in self.caps:
            total -= self._over_cap([each[place] for place in group])
        return total

    def weight(self, evidence: Evidence) -> Weight:
        """Give the weight of a pair with all its parts."""
        adjust = dict.fromkeys(range(len(self.fields)), 0.0)
        for (place, name), frequency in zip(self._terms, evidence.frequencies, strict=False):
            adjust[place] = self._term_bits(place, name, frequency) if frequency else 0.0
        parts = tuple(
            Part(field.name, field.levels[level], *self.levels[place][level], adjust[place])
            for place, (field, level) in enumerate(zip(self.fields, evidence.levels, strict=True))
        )
        each = [part.bits + part.term_bits for part in parts]
        capped = [(group, self._over_cap([each[place] for place in group])) for group in self.caps]
        named = tuple(
            (tuple(self.fields[place].name for place in group), over)
            for group, over in capped
            if over
        )
        return Weight(self.bits(evidence.levels, evidence.frequencies), self.prior, parts, named)

    def _term_bits(self, place: int, name: str, frequency: float) -> float:
        """Give what a value's own frequency changes of the bits of exact agreement."""
        return log2(self.levels[place][EXACT].u / max(frequency, self.terms[name].minimum_u))

    def _over_cap(self, bits: Sequence[float]) -> float:
        """Give by how much fields that say the same thing exceed what they may count together."""
        positive = [each for each in bits if each > 0.0]
        if len(positive) < 2:
            return 0.0
        return max(0.0, sum(positive) - max(positive) - self.cap_extra_bits)


def model_hash(given: Mapping[str, Any]) -> str:
    """Give the SHA-256 of a model's canonical JSON: sorted keys, no spaces, plain text."""
    text = json.dumps(given, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _terms(given: Mapping[str, Mapping[str, Any]]) -> Terms:
    return {
        name: TermTable(table.get("values", {}), table["unlisted"], table["minimum_u"])
        for name, table in given.items()
    }


_MISSING: Final = LevelWeight(1.0, 1.0, 0.0)


def _levels(
    fields: tuple[Field, ...], given: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> tuple[tuple[LevelWeight, ...], ...]:
    """Give the weights by field and level; refuses names that the comparison does not know."""
    weighed = {field.name for field in fields if field.weighed}
    if given.keys() != weighed:
        raise ModelError(f"fields {sorted(given.keys() ^ weighed)} are unknown or missing")
    return tuple(_levels_of(field, given.get(field.name, {})) for field in fields)


def _levels_of(field: Field, given: Mapping[str, Mapping[str, float]]) -> tuple[LevelWeight, ...]:
    if not field.weighed:
        return (_MISSING,) * len(field.levels)
    if list(given) and set(given) != set(field.levels[1:]):
        unfit = sorted(set(given) ^ set(field.levels[1:]))
        raise ModelError(f"levels {unfit} of {field.name} are unknown or missing")
    found = [_MISSING]
    for level in field.levels[1:]:
        m, u = given[level]["m"], given[level]["u"]
        if not (0.0 < m < 1.0 and 0.0 < u < 1.0):
            raise ModelError(f"m and u of {field.name}.{level} must lie between 0 and 1")
        found.append(LevelWeight(m, u, log2(m / u)))
    return tuple(found)
