"""The pieces of a search while its plan is built: what was typed and what answers it (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from consumers.search import tokens as t
from consumers.search.document import Span
from consumers.search.engines.interface import Word
from consumers.search.plan import Atom, Clause, Group, Range, TextClause
from consumers.search.refusals import BadQuery, Fault
from schemas.catalog import NAMESPACE, CatalogError, code_list, enum_symbols

Digest = Callable[[str, str, str | None], str | None]
"""Gives the keyed digest of (identifier type, value, issuer); None for a placeholder."""


class Vocabulary(Protocol):
    """The look-ups that give a typed word its meanings in an index."""

    def similar_names(self, word: str) -> Sequence[Word]:
        """Give the words of names that may mean this folded word."""

    def names_like(self, pattern: str) -> Sequence[str]:
        """Give the words of names that match a pattern."""

    def plates_like(self, pattern: str) -> Sequence[str]:
        """Give the folded plates that match a pattern."""


@dataclass(frozen=True, slots=True)
class Want:
    """One thing asked for: the field, what was typed, and what in the index answers it."""

    field: str
    asked: str
    clause: Clause | TextClause


@dataclass(slots=True)
class Wanted:
    """What one mention must answer, while it is being collected."""

    wants: list[Want] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)

    def add(self, name: str, typed: str, atoms: Iterable[Atom]) -> None:
        """Ask for any of these atoms, on behalf of a field."""
        clause = Clause(tuple(atoms))
        self.clauses.append(clause)
        self.wants.append(Want(name, typed, clause))

    def add_all(self, name: str, prefix: str, found: Iterable[str]) -> None:
        """Ask for every one of these words under a prefix."""
        for word in found:
            self.add(name, word, [Atom(prefix + word)])

    def add_codes(self, name: str, prefix: str, listed: str, typed: Sequence[str]) -> None:
        """Ask for any of these codes of a list, given by code or by label."""
        if typed:
            codes = [checked_code(listed, value) for value in typed]
            self.add(name, " or ".join(codes), [Atom(prefix + t.code(code)) for code in codes])

    def groups(self) -> list[Group]:
        """Give the group, or nothing when nothing was asked for."""
        if not self.clauses:
            return []
        return [Group(tuple(self.clauses), tuple(self.ranges))]


def checked_code(listed: str, typed: str) -> str:
    """Give a code of a list from the code itself or its label, in any case of letters.

    Raises BadQuery, with the codes there are, for anything else.
    """
    found = _by_spelling(listed).get(typed.strip().upper())
    if found is None:
        raise BadQuery(
            Fault.CODE,
            f"{typed[:40]!r} is not in the list {code_list(listed).title.lower()}",
            hint=f"it has {', '.join(list(code_list(listed).codes)[:40])}",
        )
    return found


def checked_symbol(enum: str, typed: str) -> str:
    """Give a symbol of one of the schema's enums; raises BadQuery for anything else."""
    symbols = enum_symbols(f"{NAMESPACE}.{enum}")
    symbol = typed.strip().lower()
    if symbol not in symbols:
        raise BadQuery(
            Fault.CODE,
            f"{typed[:40]!r} is not known here",
            hint=f"it is one of {', '.join(symbols)}",
        )
    return symbol


def checked_span(name: str, span: Span, low: int, high: int) -> Span:
    """Give a span cut to what is possible; raises BadQuery for one that is upside down."""
    if span.low > span.high or span.high < low or span.low > high:
        raise BadQuery(
            Fault.RANGE, f"{name} {span.low}-{span.high} is no range", hint="write low-high"
        )
    return Span(max(span.low, low), min(span.high, high))


@cache
def _by_spelling(listed: str) -> dict[str, str]:
    try:
        codes = code_list(listed).codes
    except CatalogError:
        return {}
    return {label.upper(): code for code, label in codes.items()} | {c.upper(): c for c in codes}
