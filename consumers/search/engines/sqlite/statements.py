"""Turns a plan into one SQL statement over the index's tables (pure).

Invariant: everything that came from outside is a bound value or a quoted full-text string, so no
input is ever read as syntax. The statement gives a bounded number of rows of
(row id, level, department, record kind, bases, evidence, occurred, class), and of no other class
than those of the view. Where a view sees only a part of its records, no token and no
column of another part is named, so that nothing of it can be in what is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from consumers.search import tokens as t
from consumers.search.document import MentionType
from consumers.search.plan import (
    HITS_COUNTED,
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
from consumers.search.visible import WORDS

_COLUMNS = "r.department, r.record_kind, r.bases, r.evidence, r.occurred_us, r.class_id"
_SPAN_COLUMNS = {column: (f"{column}_low", f"{column}_high") for column in Column}
_RECORD_ROW = Clause((Atom(t.RECORD_ROW),))
ROWS_READ = 2 * HITS_COUNTED
"""A search without levels reads at most this many mentions; several may be of one record."""


class Statement(NamedTuple):
    """SQL with the values of its parameters, in order."""

    sql: str
    values: tuple[Any, ...]


def statement(plan: Plan, view: View) -> Statement:
    """Give the statement that finds a plan's hits in a view, the newest rows first among equals."""
    found = _asked(plan, view)
    if found is None:
        return _NOTHING
    sources, conditions, values = found
    if len(sources) == 1 and len(sources[0]) == 1:
        return _streamed(sources[0][0], conditions, values)
    return _joined(sources, conditions, values)


def pointers_statement(plan: Plan, view: View) -> Statement:
    """Give the statement for rows of (row id, department, ORI): the newest hit of each owner."""
    found = _asked(plan, view)
    if found is None or plan.record_kinds or plan.from_us is not None or plan.until_us is not None:
        return Statement("SELECT 0, '', '' WHERE FALSE", ())
    inner, values = _joined(*found, is_bounded=False)
    return Statement(
        "SELECT max(rid), r.department, r.owner_ori "  # noqa: S608 - ours
        f"FROM ({inner}) JOIN record r ON r.id = rid GROUP BY r.department, r.owner_ori",
        values,
    )


def quoted(word: str) -> str:
    """Quote a word as a full-text string; whatever is in it stays a word."""
    return '"' + word.replace('"', '""') + '"'


def numbers(classes: Iterable[int]) -> str:
    """Give classes as SQL reads a list of them; they are our own whole numbers."""
    return ",".join(str(int(each)) for each in sorted(classes))


class _Source(NamedTuple):
    """One way to find rows: a level, the table, and what its rows must be."""

    level: Level
    table: str
    record_id: str
    match: str
    join: str
    values: tuple[Any, ...]


_NOTHING = Statement("SELECT 0, 0, '', '', '', '', 0, 0 WHERE FALSE", ())


def _asked(plan: Plan, view: View) -> tuple[list[list[_Source]], str, list[Any]] | None:
    """Give sources and conditions; None when a view lets nothing be found by the plan."""
    sources = _sources(plan, view)
    if not all(sources):  # something is asked for that no word of the index means
        return None
    return sources, *_record_conditions(plan, view)


def _sources(plan: Plan, view: View) -> list[list[_Source]]:
    """Give for each group, and for the text, its sources by level, the best level first."""
    filters = _filter_clauses(plan)
    if not view.is_whole:
        return [
            *(_seen_text(clause, view) for clause in plan.text),
            *(_seen_group(group, filters, view) for group in plan.groups),
        ]
    groups = list(plan.groups)
    found: list[list[_Source]] = []
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
) -> list[_Source]:
    conditions = [f"x.type IN ({numbers(types)})"] if types else []
    values: list[int] = []
    for asked in group.ranges:
        low, high = _SPAN_COLUMNS[asked.column]
        conditions.append(f"x.{high} >= ? AND x.{low} <= ?")
        values += [asked.low, asked.high]
    join = f"JOIN mention x ON x.id = f.rowid AND {' AND '.join(conditions)}" if conditions else ""
    clauses = (*group.clauses, *filters)
    return [
        _Source(level, "mention_terms", "(f.rowid >> 16)", match, join, tuple(values))
        for level, match in _by_level(clauses)
    ]


def _seen_group(group: Group, filters: tuple[Clause, ...], view: View) -> list[_Source]:
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


def _seen_text(clause: TextClause, view: View) -> list[_Source]:
    """Find a text where a view sees it: in the narrative, and as a word that rows are found by."""
    found: list[_Source] = []
    for level in Level:
        atoms = [atom for atom in clause.atoms if atom.level == level]
        found += [
            _Source(level, table, record_id, match, join, ())
            for table, record_id, match, join in _places(atoms, view)
        ]
    return found


def _places(atoms: Sequence[TextAtom], view: View) -> Iterator[tuple[str, str, str, str]]:
    """Give where words may stand that a view sees: table, record's id, expression and join."""
    if atoms and view.sees_narrative:
        words = " OR ".join(_text(atom) for atom in atoms)
        yield "record_words", "f.rowid", f"narrative : ({words})", ""
    of_types: dict[str, list[MentionType]] = {}
    for kind in MentionType:
        words = " OR ".join(_word_tokens(atoms, kind, view))
        if words:
            of_types.setdefault(words, []).append(kind)
    for words, types in of_types.items():
        join = f"JOIN mention x ON x.id = f.rowid AND x.type IN ({numbers(types)})"
        yield "mention_terms", "(f.rowid >> 16)", words, join


def _word_tokens(atoms: Sequence[TextAtom], kind: MentionType, view: View) -> Iterator[str]:
    prefixes = [prefix for prefix in sorted(WORDS) if view.sees(prefix, kind)]
    for atom in atoms:
        if len(atom.words) == 1:
            for prefix in prefixes:
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


def _text_sources(text: Sequence[TextClause], of_record: Sequence[Clause]) -> list[_Source]:
    """Find records by their text; what is asked of the record itself stands beside its text."""
    found: list[_Source] = []
    for level in Level:
        words = [_any_text(clause.atoms, level) for clause in text]
        tokens = [_any_of(clause, level) for clause in of_record]
        if not all(words) or not all(tokens):
            continue
        match = " AND ".join([*words, *(f"filters : {each}" for each in tokens)])
        if not found or found[-1].match != match:
            found.append(_Source(level, "record_words", "f.rowid", match, "", ()))
    return found


# Words hold no colon and the tokens in `filters` all do, so text needs no column named; naming
# one would make FTS5 read the places of every word.
def _any_text(atoms: Iterable[TextAtom], level: Level) -> str:
    words = [_text(atom) for atom in atoms if atom.level <= level]
    return f"({' OR '.join(words)})" if words else ""


def _text(atom: TextAtom) -> str:
    phrase = " + ".join(quoted(word) for word in atom.words)
    return f"{phrase} *" if atom.is_prefix else phrase


def _record_conditions(plan: Plan, view: View) -> tuple[str, list[Any]]:
    conditions = [f"r.class_id IN ({numbers(view.classes)})"]
    values: list[Any] = []
    if plan.from_us is not None:
        conditions.append("r.occurred_us >= ?")
        values.append(plan.from_us)
    if plan.until_us is not None:
        conditions.append("r.occurred_us < ?")
        values.append(plan.until_us)
    for table, record_id, match, join in _without(plan, view):
        conditions.append(
            f"r.id NOT IN (SELECT {record_id} FROM {table} f {join} WHERE f.{table} MATCH ?)"  # noqa: S608 - ours
        )
        values.append(match)
    return " AND ".join(conditions), values


def _without(plan: Plan, view: View) -> Iterator[tuple[str, str, str, str]]:
    """Give where what must not be there would stand."""
    if not plan.without:
        return
    if view.is_whole:
        yield "record_words", "f.rowid", " OR ".join(_text(atom) for atom in plan.without), ""
    else:
        yield from _places(plan.without, view)


def _streamed(source: _Source, conditions: str, values: list[Any]) -> Statement:
    """Read one full-text index from its newest row and stop when enough is known."""
    sql = (
        f"SELECT {source.record_id} AS rid, {int(source.level)}, {_COLUMNS} "  # noqa: S608 - ours
        f"FROM {source.table} f {source.join} CROSS JOIN record r "
        f"WHERE f.{source.table} MATCH ? AND r.id = {source.record_id} AND {conditions} "
        f"ORDER BY f.rowid DESC LIMIT {ROWS_READ}"
    )
    return Statement(sql, (*source.values, source.match, *values))


def _joined(
    sources: Sequence[Sequence[_Source]], conditions: str, values: list[Any], *,
    is_bounded: bool = True,
) -> Statement:  # fmt: skip
    """Find what every group finds; a record's level is the worst of its groups' best ones."""
    named: list[str] = []
    bound: list[Any] = []
    for number, by_level in enumerate(sources):
        parts = []
        for source in by_level:
            parts.append(
                f"SELECT {source.record_id} AS rid, {int(source.level)} AS level "  # noqa: S608
                f"FROM {source.table} f {source.join} WHERE f.{source.table} MATCH ?"
            )
            bound += [*source.values, source.match]
        named.append(
            f"g{number} AS MATERIALIZED (SELECT rid, min(level) AS level "  # noqa: S608 - ours
            f"FROM ({' UNION ALL '.join(parts)}) GROUP BY rid)"
        )
    worst = ", ".join(f"g{number}.level" for number in range(len(sources)))
    level = f"max({worst})" if len(sources) > 1 else worst
    bound_rows = f"LIMIT {HITS_COUNTED + 1}" if is_bounded else ""
    others = "".join(f" JOIN g{n} ON g{n}.rid = g0.rid" for n in range(1, len(sources)))
    sql = (
        f"WITH {', '.join(named)} "  # noqa: S608 - ours
        f"SELECT g0.rid AS rid, {level} AS level, {_COLUMNS} FROM g0{others} "
        f"JOIN record r ON r.id = g0.rid WHERE {conditions} "
        f"ORDER BY level, g0.rid DESC {bound_rows}"
    )
    return Statement(sql, (*bound, *values))
