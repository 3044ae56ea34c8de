"""Turns a plan into one SQL statement over the index's tables (pure).

Invariant: everything that came from outside is a bound value or a quoted full-text string, so no
input is ever read as syntax. The statement gives a bounded number of rows of
(row id, level, department, record kind, bases, evidence, occurred, class), and of no other class
than those of the view. Where a view sees only a part of its records, no token and no
column of another part is named, so that nothing of it can be in what is found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from consumers.search.engines.sqlite.sources import Source, numbers, places, sources_of, text_of
from consumers.search.plan import (
    HITS_COUNTED,
    Plan,
)
from consumers.search.sight import View

_COLUMNS = "r.department, r.record_kind, r.bases, r.evidence, r.occurred_us, r.class_id"
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


_NOTHING = Statement("SELECT 0, 0, '', '', '', '', 0, 0 WHERE FALSE", ())


def _asked(plan: Plan, view: View) -> tuple[list[list[Source]], str, list[Any]] | None:
    """Give sources and conditions; None when a view lets nothing be found by the plan."""
    sources = sources_of(plan, view)
    if not all(sources):  # something is asked for that no word of the index means
        return None
    return sources, *_record_conditions(plan, view)


def _record_conditions(plan: Plan, view: View) -> tuple[str, list[Any]]:
    conditions = [f"r.class_id IN ({numbers(view.classes)})"]
    values: list[Any] = []
    if plan.from_us is not None:
        conditions.append("r.occurred_us >= ?")
        values.append(plan.from_us)
    if plan.until_us is not None:
        conditions.append("r.occurred_us < ?")
        values.append(plan.until_us)
    if not view.is_whole:  # a text is found there without the filters, which stand in tokens
        for column, wanted in (
            ("department", plan.departments),
            ("record_kind", plan.record_kinds),
        ):
            if wanted:
                conditions.append(f"r.{column} IN ({','.join('?' * len(wanted))})")
                values += wanted
    for table, record_id, match, types in _without(plan, view):
        conditions.append(
            f"r.id NOT IN (SELECT {record_id} FROM {table} f WHERE f.{table} MATCH ?{types})"  # noqa: S608 - ours
        )
        values.append(match)
    return " AND ".join(conditions), values


def _without(plan: Plan, view: View) -> Iterator[tuple[str, str, str, str]]:
    """Give where what must not be there would stand."""
    if not plan.without:
        return
    if view.is_whole:
        yield "record_words", "f.rowid", " OR ".join(text_of(atom) for atom in plan.without), ""
    else:
        yield from places(plan.without, view)


def _streamed(source: Source, conditions: str, values: list[Any]) -> Statement:
    """Read one full-text index from its newest row and stop when enough is known."""
    sql = (
        f"SELECT {source.record_id} AS rid, {int(source.level)}, {_COLUMNS} "  # noqa: S608 - ours
        f"FROM {source.table} f {source.join} CROSS JOIN record r "
        f"WHERE f.{source.table} MATCH ?{source.types} AND r.id = {source.record_id} "
        f"AND {conditions} "
        f"ORDER BY f.rowid DESC LIMIT {ROWS_READ}"
    )
    return Statement(sql, (*source.values, source.match, *values))


def _joined(
    sources: Sequence[Sequence[Source]], conditions: str, values: list[Any], *,
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
                f"FROM {source.table} f {source.join} WHERE f.{source.table} MATCH ?{source.types}"
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
