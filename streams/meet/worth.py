"""Which pairs are worth stating: those that some set of default values would make count (pure).

Which values are default values is decided later and elsewhere, and may change without the pair
being stated again. So a pair is left out only when no set of them could make it worth keeping.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any, Final, NamedTuple

from streams.meet.mentions import KIND_OF
from streams.resolution.evidence import Evidence, Terms
from streams.resolution.kinds import KINDS
from streams.resolution.mentions import Mention
from streams.resolution.model import Model
from streams.resolution.verdicts import Judge

_NO_DEFAULTS: Final[frozenset[str]] = frozenset()


class _Compared(NamedTuple):
    """How two mentions of one kind are compared and judged."""

    are_told_apart: Callable[[Any, Any], bool]
    compare: Callable[[Any, Any, Terms], Evidence]
    terms: Terms
    judge: Judge


class Comparer:
    """Compares mentions under one model a kind."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._of: dict[type, _Compared] = {}
        for type_, name in KIND_OF.items():
            kind, model = KINDS[name], models[name]
            self._of[type_] = _Compared(
                kind.are_told_apart, kind.compare, model.terms, Judge(model)
            )

    def evidence(self, a: Mention, b: Mention) -> Evidence | None:
        """Give the evidence of two mentions of one kind; None when it is never worth keeping."""
        are_told_apart, compare, terms, judge = self._of[type(a)]
        if are_told_apart(a, b):
            return None
        found = compare(a, b, terms)
        return found if may_be_kept(judge, found) else None


def may_be_kept(judge: Judge, evidence: Evidence) -> bool:
    """Tell whether any set of default values makes a pair worth keeping."""
    if judge.verdict(evidence).is_kept:
        return True
    if not evidence.shared:
        return False
    return any(judge.verdict(evidence, defaults).is_kept for defaults in _telling(evidence))


def _telling(evidence: Evidence) -> Iterator[frozenset[str]]:
    """Give sets of default values, one for each way in which any set of them could count.

    What counts of a field is its best level that no default value bears; so it matters only, field
    by field, up to which level everything is borne by default values.
    """
    fields: dict[str, list[tuple[int, str]]] = {}
    for key, level in evidence.shared:
        fields.setdefault(key.partition(":")[0], []).append((level, key))
    choices = [
        [_NO_DEFAULTS, *(frozenset(k for level, k in held if level <= up_to)
                         for up_to in sorted({level for level, _ in held}))]
        for held in fields.values()
    ]  # fmt: skip
    for chosen in product(*choices):
        yield _NO_DEFAULTS.union(*chosen)
