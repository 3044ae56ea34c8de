"""What is asked of one person: name, birth, looks, marks (pure).

Invariant: everything here goes into one group, so one person of a record has to answer all of it.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from consumers.search import tokens as t
from consumers.search.ages import births
from consumers.search.criteria import Criteria
from consumers.search.document import Span
from consumers.search.marks import mark_asked
from consumers.search.plan import Atom, Column, Level, Range
from consumers.search.refusals import BadQuery, Fault, Refusal, refused
from consumers.search.terms import MOST_TERMS, Term, parse
from consumers.search.wants import Vocabulary, Wanted, checked_span, checked_symbol
from recordbus.normalize import names
from schemas.catalog import NAMESPACE, enum_symbols

OLDEST = 110
TALLEST_INCHES = 108
HEAVIEST_POUNDS = 999
MOST_LIKE = 256
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_LISTS = {
    "sex": "sex",
    "hair": "hair_colour",
    "eyes": "eye_colour",
    "build": "build",
    "complexion": "complexion",
    "race": "race",
    "ethnicity": "ethnicity",
    "country_of_birth": "country",
}


def person_wanted(criteria: Criteria, vocabulary: Vocabulary, today: date) -> Wanted:
    """Give what a person must answer; empty when nothing is asked of people."""
    wanted = Wanted()
    if criteria.name:
        _add_name(wanted, criteria.name, vocabulary)
    if criteria.date_of_birth:
        _add_birth(wanted, criteria.date_of_birth)
    for field, listed in _LISTS.items():
        wanted.add_codes(field, t.PERSON_CODES[field], listed, getattr(criteria, field))
    _add_ages(wanted, criteria, today)
    _add_measures(wanted, criteria)
    for mark in criteria.marks:
        _add_mark(wanted, mark)
    if criteria.categories:
        known = [checked_symbol("SubjectCategory", value) for value in criteria.categories]
        wanted.add("category", " or ".join(known), [Atom(t.CATEGORY + each) for each in known])
    return wanted


def name_atoms(word: str, vocabulary: Vocabulary) -> list[Atom]:
    """Give what a plain word of a name may stand for in the index, itself always."""
    return [Atom(t.NAME + each.word, each.level) for each in vocabulary.similar_names(word)]


def names_matching(pattern: str, vocabulary: Vocabulary) -> list[str]:
    """Give the words of names that a pattern stands for; BadQuery when they are too many."""
    found = list(vocabulary.names_like(pattern))
    if len(found) > MOST_LIKE:
        raise BadQuery(
            Fault.TOO_MANY_WORDS_MATCH,
            f"more than {MOST_LIKE} names match {pattern[:40]}",
            hint="give more letters",
        )
    return found


def _add_name(wanted: Wanted, typed: str, vocabulary: Vocabulary) -> None:
    terms = parse(typed).terms
    plain = [term for term in terms if not _is_suffix(term)] or list(terms)
    if sum(len(term.words) for term in plain) > MOST_TERMS:
        raise BadQuery(Fault.TOO_MANY_TERMS, f"a search has at most {MOST_TERMS} words")
    if not plain:
        raise refused(Refusal.TOO_BROAD, "the name says too little", "add a name")
    for term in plain:
        if term.pattern is not None:
            found = names_matching(term.pattern, vocabulary)
            wanted.add("name", term.pattern, [Atom(t.NAME + each) for each in found])
        elif term.is_phrase:
            wanted.add_all("name", t.NAME, term.words)
        else:
            for word in term.words:
                wanted.add("name", word, name_atoms(word, vocabulary))


def _is_suffix(term: Term) -> bool:
    return term.pattern is None and len(term.words) == 1 and bool(names.suffix(term.words[0]))


def _add_birth(wanted: Wanted, typed: str) -> None:
    match = _ISO.fullmatch(typed.strip())
    try:
        span = _dates(match) if match else None
    except ValueError:
        span = None
    if match is None or span is None:
        raise BadQuery(
            Fault.DATE,
            "a date of birth is YYYY-MM-DD, YYYY-MM or YYYY",
            hint="for example 1984-02-29",
        )
    if span.low == span.high:
        on = t.day(match[0])
        atoms = [Atom(t.BORN_ON + on), Atom(t.BORN_ON_SWAPPED + on, Level.SPELLING)]
        wanted.add("date_of_birth", match[0], atoms)
        return
    wanted.add("date_of_birth", match[0], [Atom(f"{t.BORN_IN}{match[1]}")])
    wanted.ranges.append(Range(Column.BORN, span.low, span.high))


def _dates(match: re.Match[str]) -> Span:
    year, month, day = (int(part) if part else None for part in match.groups())
    first = date(year or 0, month or 1, day or 1)
    if day:
        return Span(first.toordinal(), first.toordinal())
    end_month = month or 12
    last = date(first.year, end_month, monthrange(first.year, end_month)[1])
    return Span(first.toordinal(), last.toordinal())


def _add_ages(wanted: Wanted, criteria: Criteria, today: date) -> None:
    if criteria.age:
        asked = checked_span("age", criteria.age, 0, OLDEST)
        born = births(asked, today.toordinal())
        first, last = (date.fromordinal(day).year for day in born)
        atoms = [Atom(f"{t.BORN_IN}{year}") for year in range(first, last + 1)]
        wanted.add("age", _written(asked), atoms)
        wanted.ranges.append(Range(Column.BORN, *born))
    if criteria.age_at_event:
        asked = checked_span("age", criteria.age_at_event, 0, OLDEST)
        categories = enum_symbols(f"{NAMESPACE}.SubjectCategory")
        wanted.add("age_at_event", _written(asked), [Atom(t.CATEGORY + c) for c in categories])
        wanted.ranges.append(Range(Column.AGE, *asked))


def _add_measures(wanted: Wanted, criteria: Criteria) -> None:
    if criteria.height:
        height = checked_span("height", criteria.height, 1, TALLEST_INCHES)
        inches = range(height.low, height.high + 1)
        wanted.add("height", _written(height), [Atom(f"{t.HEIGHT}{inch}") for inch in inches])
    if criteria.weight:
        weight = checked_span("weight", criteria.weight, 1, HEAVIEST_POUNDS)
        tens = range(weight.low // 10, weight.high // 10 + 1)
        wanted.add("weight", _written(weight), [Atom(f"{t.WEIGHT_TENS}{ten}") for ten in tens])
        wanted.ranges.append(Range(Column.WEIGHT, weight.low, weight.high))


def _add_mark(wanted: Wanted, typed: str) -> None:
    asked = mark_asked(typed)
    if not any(asked):
        raise BadQuery(Fault.EMPTY, "the mark has no word to search for")
    if asked.category or asked.side or asked.place:
        token = f"{t.MARK}{asked.category}.{asked.side}.{asked.place}"
        wanted.add("marks", " ".join(typed.split()), [Atom(token)])
    _add_mark_words(wanted, asked.words)


def _add_mark_words(wanted: Wanted, found: Iterable[str]) -> None:
    for word in found:
        wanted.add("marks", word, [Atom(t.MARK_WORD + word)])


def _written(span: Span) -> str:
    return str(span.low) if span.low == span.high else f"{span.low}-{span.high}"
