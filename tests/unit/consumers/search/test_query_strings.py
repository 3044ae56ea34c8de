"""Rows 69 to 75 of the catalogue of bad input: whatever is typed is answered as listed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consumers.search.criteria import Context, Criteria
from consumers.search.document import Span
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.refusals import BadQuery, Fault, Refusal
from consumers.search.service import Search
from consumers.search.terms import MOST_TERMS, parse
from recordbus.audit import Entry, Receipt
from recordbus.errors import Refused
from recordbus.policy.asking import PURPOSE_NOT_ALLOWED
from recordbus.testing.audit import MemoryAudit
from recordbus.testing.clock import ManualClock
from recordbus.testing.ids import SequenceIds
from recordbus.testing.records import person, person_role
from tests.unit.consumers.conftest import access_to

KIND = "field_contact"


@pytest.fixture
def full(search: Search, written: Any, make_record: Any) -> Search:
    someone = person_role(KIND, "p1", person=person("Sean", "O'Brien"))
    words = "The secret:x plan of a b and near the door AND more. José was there."
    written.add(make_record("1", people=[someone], narrative=words))
    return search


@pytest.mark.parametrize("typed", ['"', "(((((", "'", "", " ", "\x00", "--", '""', "~", ":::"])
def test_row_69_text_without_a_word_is_a_fault(
    full: Search, context: Context, audit: Any, typed: str
) -> None:
    criteria = Criteria(text=typed) if typed else Criteria(text=" ")
    with pytest.raises(BadQuery) as caught:
        full.search(context, criteria)

    assert caught.value.reason is Fault.EMPTY
    assert [entry.outcome for entry in audit.entries] == ["rejected"]


@pytest.mark.parametrize("typed", ["o'brien", "O\u2019BRIEN", "obrien", "and", "near", '"b and"'])
def test_row_69_words_that_are_syntax_elsewhere_are_words(
    full: Search, context: Context, typed: str
) -> None:
    assert full.search(context, Criteria(text=typed)).total == 1


@pytest.mark.parametrize(
    "typed",
    ["secret:x", "-more", "^door", "NEAR(door", "{a b}:secret", "door)", "more;--"],
)
def test_row_70_signs_are_no_syntax(full: Search, context: Context, typed: str) -> None:
    assert full.search(context, Criteria(text=typed)).total == 1


@pytest.mark.parametrize(
    ("criteria", "fault", "cap"),
    [
        (Criteria(text=" OR ".join(["door"] * 2000)), Fault.TEXT_TOO_LONG, "1000"),
        (Criteria(text=" or ".join(["door"] * 20)), Fault.TOO_MANY_TERMS, "32"),
        (Criteria(text="(" * 5000), Fault.TEXT_TOO_LONG, "1000"),
        (Criteria(text="a*"), Fault.PREFIX_TOO_SHORT, "3"),
        (Criteria(text="do*or"), Fault.PREFIX_TOO_SHORT, "3"),
        (Criteria(name="ab?"), Fault.PREFIX_TOO_SHORT, "3"),
        (Criteria(text="x" * 100_000), Fault.TEXT_TOO_LONG, "1000"),
        (Criteria(text="door", page=10**9), Fault.PAGE, "10000"),
        (Criteria(text="door", page=0), Fault.PAGE, "10000"),
        (Criteria(text="door", page_size=10**6), Fault.PAGE, "200"),
        (Criteria(address=" ".join(["door"] * 60)), Fault.TOO_MANY_TERMS, "32"),
    ],
)
def test_row_71_what_is_beyond_a_cap_names_the_cap(
    full: Search, context: Context, criteria: Criteria, fault: Fault, cap: str
) -> None:
    with pytest.raises(BadQuery) as caught:
        full.search(context, criteria)

    assert caught.value.reason is fault
    assert cap in re.findall(r"\d+", str(caught.value))


def test_row_71_regular_expressions_and_fuzz_marks_are_words(
    full: Search, context: Context
) -> None:
    assert full.search(context, Criteria(text="door~9 [a-z]+")).total == 0
    assert full.search(context, Criteria(text="door", page=10_000)).results == ()


@pytest.mark.parametrize("typed", ["*", "???", "**", "a", "a b", "* ?", "x *"])
def test_row_72_wildcards_and_single_letters_alone_are_too_broad(
    full: Search, context: Context, audit: Any, typed: str
) -> None:
    for criteria in (Criteria(text=typed), Criteria(name=typed)):
        with pytest.raises(Refused) as caught:
            full.search(context, criteria)
        assert caught.value.reason == Refusal.TOO_BROAD

    assert [entry.reasons for entry in audit.entries] == [("too_broad",)] * 2


@pytest.mark.parametrize(
    "typed", ["Jose\u0301", "JOSE", "jos\u00e9", "Jo\u200bse", "\uff2aose", "J\u043ese"]
)
def test_row_73_look_alikes_find_the_same(full: Search, context: Context, typed: str) -> None:
    assert full.search(context, Criteria(text=typed)).total == 1


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"purpose": ""}, Refusal.PURPOSE_MISSING),
        ({"purpose": "curiosity"}, Refusal.PURPOSE_UNKNOWN),
        ({"purpose": "immigration_enforcement"}, PURPOSE_NOT_ALLOWED),
        ({"purpose": "audit"}, Refusal.PURPOSE_UNKNOWN),
        ({"case_number": ""}, Refusal.CASE_MISSING),
        ({"case_number": "?"}, Refusal.CASE_UNKNOWN),
        ({"requester": " "}, Refusal.REQUESTER_MISSING),
    ],
)
def test_row_74_a_search_says_why_and_for_which_case(
    full: Search, context: Context, audit: Any, changed: dict[str, str], reason: Refusal
) -> None:
    with pytest.raises(Refused) as caught:
        full.search(replace(context, **changed), Criteria(text="door"))

    assert caught.value.reason == reason
    (entry,) = audit.entries
    assert (entry.outcome, entry.reasons[0]) == ("refused", reason)


@pytest.mark.parametrize("facet", ["race", "complexion", "surname", "narrative"])
def test_row_75_counts_of_gated_and_nearly_unique_fields_are_refused(
    full: Search, context: Context, facet: str
) -> None:
    with pytest.raises(Refused) as caught:
        full.search(context, Criteria(text="door", facets=(facet,)))

    assert caught.value.reason == Refusal.FACET


def test_row_75_small_counts_are_hidden_with_the_total(full: Search, context: Context) -> None:
    answer = full.search(context, Criteria(text="door", hide_small_counts=True))

    assert answer.total is None
    assert answer.facets["record_kind"] == {"field_contact": None}


TYPED = st.text(st.sampled_from("ab'\"*?():^-{}~ANDORé\x00\u200b 12.,;\\%_[]") | st.characters())


@settings(max_examples=200)
@given(TYPED)
def test_any_text_is_parsed_or_refused(typed: str) -> None:
    try:
        found = parse(typed)
    except (BadQuery, Refused):
        return
    assert 0 < len(found.terms) + len(found.social_security) <= MOST_TERMS
    for term in found.terms:
        assert term.words
        assert all(word == word.lower().strip() and word for word in term.words)


@settings(max_examples=150)
@given(TYPED, TYPED, TYPED)
def test_nothing_typed_makes_a_search_fail_in_another_way(
    full_once: tuple[Search, Context], text: str, name: str, plate: str
) -> None:
    search, context = full_once
    asked = (
        Criteria(text=text, text_none=name),
        Criteria(name=name, text_any=text),
        Criteria(plate=plate),
        Criteria(address=text, organisation=name),
        Criteria(marks=(text,)),
        Criteria(number=plate, phone=text),
        Criteria(date_of_birth=text),
        Criteria(sex=(text,), age=Span(3, 4)),
    )
    for criteria in asked:
        try:
            search.search(context, criteria)
        except (BadQuery, Refused):
            continue


@pytest.fixture(scope="module")
def full_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Search, Context]]:
    class Checking(MemoryAudit):
        def append(self, entry: Entry) -> Receipt:
            assert entry.outcome in ("answered", "refused", "rejected")
            return super().append(entry)

    path = tmp_path_factory.mktemp("full") / "records.sqlite"
    index = SqliteIndex(path)
    engine = SqliteSearch(path)
    context = Context("det. Alvarez", "criminal_investigation", "2026-00117")
    yield Search(access_to(engine), Checking(), ManualClock(), SequenceIds(), b"k" * 32), context
    engine.close()
    index.close()
