"""Turns what is asked of an index into ways to find it in its full-text tables (pure).

Invariant: everything that came from outside is a quoted full-text string or a bound value. Where a
view sees only a part of its records, no token and no column of another part is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from consumers.search import tokens as t
from consumers.search.document import MentionType
from consumers.search.engines.sqlite.tables import ORDINAL_BITS, TYPE_SHIFT
from consumers.search.plan import (
    Atom,
    Clause,
    Column,
    Group,
    Level,
    Plan,
    TextAtom,
    TextClause,
)
from consumers.search.sight import View
from consumers.search.visible import TOKENS, WORDS

_SPAN_COLUMNS = {column: (f"{column}_low", f"{column}_high") for column in Column}
_RECORD_OF_ROW = f"(f.rowid >> {ORDINAL_BITS})"
_TYPE_OF_ROW = f"((f.rowid >> {TYPE_SHIFT}) & {(1 << (ORDINAL_BITS - TYPE_SHIFT)) - 1})"
_RECORD_ROW = Clause((Atom(t.RECORD_ROW),))


def quoted(word: str) -> str:
    """Quote a word as a full-text string; whatever is in it stays a word."""
    return '"' + word.replace('"', '""') + '"'


def numbers(classes: Iterable[int]) -> str:
    """Give classes as SQL reads a list of them; they are our own whole numbers."""
    return ",".join(str(int(each)) for each in sorted(classes))


class Source(NamedTuple):
    """One way to find rows: a level, the table, and what its rows must be.

    `join` takes in what the full-text index does not know of a row, `types` what its number says.
    """

    level: Level
    table: str
    record_id: str
    match: str
    join: str
    values: tuple[Any, ...]
    types: str = ""


def sources_of(plan: Plan, view: View) -> list[list[Source]]:
    """Give for each group, and for the text, its sources by level, the best level first."""
    filters = _filter_clauses(plan)
    if not view.is_whole:
        return [
            *(_seen_text(clause, view) for clause in plan.text),
            *(_seen_group(group, filters, view) for group in plan.groups),
        ]
    groups = list(plan.groups)
    found: list[list[Source]] = []
    if plan.text:
        of_record = [group for group in groups if _is_about_record(group)]
        groups = [group for group in groups if not _is_about_record(group)]
        clauses = [clause for group in of_record for clause in group.clauses]
        found.append(_text_sources(plan.text, (*clauses, *filters)))
    found += [_group_sources(group, filters) for group in groups]
    return found


def _filter_clauses(plan: Plan) -> tuple[Clause, ...]:
    filters = (
        (t.DEPARTMENT, plan.departments),
        (t.RECORD_KIND, plan.record_kinds),
    )
    return tuple(
        Clause(tuple(Atom(prefix + t.code(value)) for value in values))
        for prefix, values in filters
        if values
    )


def _is_about_record(group: Group) -> bool:
    """Tell whether only the record's own row can answer a group."""
    return not group.ranges and _RECORD_ROW in group.clauses


def _group_sources(
    group: Group, filters: tuple[Clause, ...], types: Sequence[MentionType] = ()
) -> list[Source]:
    conditions: list[str] = []
    values: list[int] = []
    for asked in group.ranges:
        low, high = _SPAN_COLUMNS[asked.column]
        conditions.append(f"x.{high} >= ? AND x.{low} <= ?")
        values += [asked.low, asked.high]
    join = f"JOIN mention x ON x.id = f.rowid AND {' AND '.join(conditions)}" if conditions else ""
    clauses = (*group.clauses, *filters)
    return [
        Source(level, "mention_terms", _RECORD_OF_ROW, match, join, tuple(values), _of_types(types))
        for level, match in _by_level(clauses)
    ]


def _of_types(types: Sequence[MentionType]) -> str:
    """Give the condition that rows of mentions are of some types; none means any."""
    return f" AND {_TYPE_OF_ROW} IN ({numbers(types)})" if types else ""


def _seen_group(group: Group, filters: tuple[Clause, ...], view: View) -> list[Source]:
    """Find what a group asks for by what a view sees: of each kind of row other tokens."""
    if not all(view.sees_column(asked.column) for asked in group.ranges):
        return []
    of_types: dict[tuple[Clause, ...], list[MentionType]] = {}
    for kind in MentionType:
        if view.sees_rows(kind):
            of_types.setdefault(
                tuple(_seen(each, kind, view) for each in group.clauses), []
            ).append(kind)
    found = [
        source
        for clauses, types in of_types.items()
        for source in _group_sources(Group(clauses, group.ranges), filters, types)
    ]
    return sorted(found, key=lambda source: source.level)


def _seen(clause: Clause, kind: MentionType, view: View) -> Clause:
    return Clause(tuple(atom for atom in clause.atoms if view.sees(atom.token, kind)))


def _seen_text(clause: TextClause, view: View) -> list[Source]:
    """Find a text where a view sees it: in the narrative, and as a word that rows are found by."""
    found: list[Source] = []
    for level in Level:
        atoms = [atom for atom in clause.atoms if atom.level == level]
        found += [
            Source(level, table, record_id, match, "", (), types)
            for table, record_id, match, types in places(atoms, view)
        ]
    return found


def places(atoms: Sequence[TextAtom], view: View) -> Iterator[tuple[str, str, str, str]]:
    """Give where words may stand that a view sees: table, record's id, expression, types."""
    if atoms and view.sees_narrative:
        words = " OR ".join(text_of(atom) for atom in atoms)
        yield "record_words", "f.rowid", f"narrative : ({words})", ""
    prefixes_of: dict[tuple[MentionType, ...], list[str]] = {}
    for prefix in sorted(WORDS):
        seen = tuple(kind for kind in _has(prefix) if view.sees(prefix, kind))
        if seen:
            prefixes_of.setdefault(seen, []).append(prefix)
    for types, prefixes in prefixes_of.items():
        words = " OR ".join(_word_tokens(atoms, prefixes))
        if words:
            yield "mention_terms", _RECORD_OF_ROW, words, _of_types(types)


@cache
def _has(prefix: str) -> tuple[MentionType, ...]:
    """Give the types of rows that may have tokens of a kind."""
    return tuple(kind for kind, sources in TOKENS.items() if prefix in sources)


def _word_tokens(atoms: Sequence[TextAtom], prefixes: Sequence[str]) -> Iterator[str]:
    for atom in atoms:
        if len(atom.words) == 1:
            for prefix in prefixes:
                if not atom.means or prefix in atom.means:
                    token = quoted(prefix + atom.words[0])
                    yield f"{token} *" if atom.is_prefix else token


def _by_level(clauses: Iterable[Clause]) -> list[tuple[Level, str]]:
    """Give a full-text expression for each level that finds more than the one before."""
    found: list[tuple[Level, str]] = []
    for level in Level:
        parts = [_any_of(clause, level) for clause in clauses]
        if all(parts):
            match = " AND ".join(parts)
            if not found or found[-1][1] != match:
                found.append((level, match))
    return found


def _any_of(clause: Clause, level: Level) -> str:
    words = [quoted(atom.token) for atom in clause.atoms if atom.level <= level]
    return f"({' OR '.join(words)})" if words else ""


def _text_sources(text: Sequence[TextClause], of_record: Sequence[Clause]) -> list[Source]:
    """Find records by their text; what is asked of the record itself stands beside its text."""
    found: list[Source] = []
    for level in Level:
        words = [_any_text(clause.atoms, level) for clause in text]
        tokens = [_any_of(clause, level) for clause in of_record]
        if not all(words) or not all(tokens):
            continue
        match = " AND ".join([*words, *(f"filters : {each}" for each in tokens)])
        if not found or found[-1].match != match:
            found.append(Source(level, "record_words", "f.rowid", match, "", ()))
    return found


# Words hold no colon and the tokens in `filters` all do, so text needs no column named; naming
# one would make FTS5 read the places of every word.
def _any_text(atoms: Iterable[TextAtom], level: Level) -> str:
    words = [text_of(atom) for atom in atoms if atom.level <= level]
    return f"({' OR '.join(words)})" if words else ""


def text_of(atom: TextAtom) -> str:
    phrase = " + ".join(quoted(word) for word in atom.words)
    return f"{phrase} *" if atom.is_prefix else phrase
