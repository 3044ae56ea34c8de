"""Whether a mention, or a record's words, are what a plan asks for: the meaning of a plan (pure).

An engine finds hits with an index; this says row by row what a hit is. It marks the mentions of
a hit that were asked for, and the engines' contract suite holds engines to it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from consumers.search.document import Span
from consumers.search.plan import Column, Group, Level, TextAtom, TextClause


def group_level(
    group: Group, tokens: Collection[str], spans: Mapping[Column, Span | None]
) -> Level | None:
    """Give how well one mention answers a group, or None when it does not."""
    worst = Level.EXACT
    for clause in group.clauses:
        found = [atom.level for atom in clause.atoms if atom.token in tokens]
        if not found:
            return None
        worst = max(worst, min(found))
    for asked in group.ranges:
        span = spans[asked.column]
        if span is None or span.high < asked.low or span.low > asked.high:
            return None
    return worst


def text_level(clause: TextClause, texts: Sequence[Sequence[str]]) -> Level | None:
    """Give how well a record's texts, as lists of words, answer a clause, or None."""
    found = [atom.level for atom in clause.atoms if has_text(atom, texts)]
    return min(found) if found else None


def has_text(atom: TextAtom, texts: Sequence[Sequence[str]]) -> bool:
    """Tell whether one of the texts has the atom's words in a row."""
    return any(_has_run(atom, text) for text in texts)


def _has_run(atom: TextAtom, text: Sequence[str]) -> bool:
    wanted, length = atom.words, len(atom.words)
    for start in range(len(text) - length + 1):
        run = text[start : start + length]
        is_last = run[-1].startswith(wanted[-1]) if atom.is_prefix else run[-1] == wanted[-1]
        if is_last and all(a == b for a, b in zip(run[:-1], wanted[:-1], strict=True)):
            return True
    return False
