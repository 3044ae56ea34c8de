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


class Texts:
    """A record's texts as words, ready to be asked for words, beginnings and phrases.

    `tokens` are those of a record that is seen in part, None where all of it is; of such a record
    only the narrative's words have an order.
    """

    def __init__(
        self, narrative: str, words: str, *, tokens: Collection[str] | None = None
    ) -> None:
        self._runs = [narrative.split(), words.split()]
        self._words = frozenset(word for run in self._runs for word in run)
        self._tokens = tokens

    def has(self, atom: TextAtom) -> bool:
        """Tell whether one of the texts has the atom's words in a row."""
        if len(atom.words) == 1:
            if atom.means and self._tokens is not None:
                return self._has_meant(atom, self._tokens)
            if atom.is_prefix:
                return any(word.startswith(atom.words[0]) for word in self._words)
            return atom.words[0] in self._words
        runs = self._runs if self._tokens is None else self._runs[:1]
        return any(_has_run(atom, text) for text in runs)

    def _has_meant(self, atom: TextAtom, tokens: Collection[str]) -> bool:
        meant = tuple(prefix + atom.words[0] for prefix in atom.means)
        begins = atom.words[0] if atom.is_prefix else None
        in_narrative = any(
            word.startswith(begins) if begins else word == atom.words[0] for word in self._runs[0]
        )
        if begins is None:
            return in_narrative or not meant or any(token in tokens for token in meant)
        return in_narrative or any(token.startswith(meant) for token in tokens)


def text_level(clause: TextClause, texts: Texts) -> Level | None:
    """Give how well a record's texts answer a clause, or None when they do not."""
    found = [atom.level for atom in clause.atoms if texts.has(atom)]
    return min(found) if found else None


def _has_run(atom: TextAtom, text: Sequence[str]) -> bool:
    wanted, length = atom.words, len(atom.words)
    for start in range(len(text) - length + 1):
        run = text[start : start + length]
        is_last = run[-1].startswith(wanted[-1]) if atom.is_prefix else run[-1] == wanted[-1]
        if is_last and all(a == b for a, b in zip(run[:-1], wanted[:-1], strict=True)):
            return True
    return False
