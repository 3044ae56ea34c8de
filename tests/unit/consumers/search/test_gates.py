"""R-12, R-28 and R-29: what a search must say about itself, and which looks stay closed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from consumers.search.criteria import Context, Criteria
from consumers.search.document import Span
from consumers.search.gates import (
    IDENTIFYING_PURPOSES,
    MOST_COUNTRY_RESULTS,
    SEARCH_PURPOSES,
    CaseState,
    check,
    check_context,
)
from consumers.search.refusals import Refusal
from recordbus.errors import Refused

WHO = Context("det. Alvarez", "criminal_investigation", "2026-00117", described_suspect="I-1")
LOOKS = Criteria(sex=("M",), hair=("BRO",))


class Cases:
    """A case register that always answers the same."""

    def __init__(self, answer: CaseState) -> None:
        self.answer = answer

    def state(self, case_number: str, requester: str) -> CaseState:
        return self.answer


def refusal(context: Context, criteria: Criteria, *, described: bool = True) -> str | None:
    try:
        check_context(context, None)
        check(context, criteria, lambda number: described)
    except Refused as error:
        return error.reason
    return None


@pytest.mark.parametrize("purpose", sorted(SEARCH_PURPOSES))
def test_every_open_purpose_may_look_for_a_name(purpose: str) -> None:
    assert refusal(replace(WHO, purpose=purpose), Criteria(name="Ann Lee")) is None


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (CaseState.UNKNOWN, Refusal.CASE_UNKNOWN),
        (CaseState.CLOSED, Refusal.CASE_CLOSED),
        (CaseState.SOMEBODY_ELSES, Refusal.CASE_NOT_ASSIGNED),
    ],
)
def test_a_case_must_exist_be_open_and_be_the_requesters(state: CaseState, reason: Refusal) -> None:
    with pytest.raises(Refused) as caught:
        check_context(WHO, Cases(state))

    assert caught.value.reason == reason


def test_an_open_case_passes_and_the_audit_learns_that_it_was_checked() -> None:
    checked = check_context(WHO, Cases(CaseState.OPEN))
    unchecked = check_context(WHO, None)

    assert (checked, unchecked) == (True, False)


@pytest.mark.parametrize("purpose", ["prosecution", "subject_access", "record_quality"])
def test_looks_are_for_finding_somebody_only(purpose: str) -> None:
    assert refusal(replace(WHO, purpose=purpose), LOOKS) == Refusal.DESCRIPTION_PURPOSE


@pytest.mark.parametrize("field", ["race", "ethnicity", "complexion"])
def test_gated_looks_need_a_described_suspect_and_two_other_descriptors(field: str) -> None:
    gated: dict[str, Any] = {field: ("X",)}
    asked = replace(LOOKS, **gated)
    alone = Criteria(name="Ann", **gated)

    assert refusal(WHO, asked) is None
    assert refusal(replace(WHO, described_suspect=None), asked) == (
        Refusal.DESCRIBED_SUSPECT_MISSING
    )
    assert refusal(WHO, asked, described=False) == Refusal.DESCRIBED_SUSPECT_UNKNOWN
    assert refusal(WHO, alone) == Refusal.TOO_FEW_DESCRIPTORS
    assert refusal(WHO, replace(alone, sex=("M",))) == Refusal.TOO_FEW_DESCRIPTORS


def test_gated_looks_do_not_count_as_each_others_company() -> None:
    asked = Criteria(race=("W",), ethnicity=("N",), complexion=("FAR",), sex=("M",))

    assert refusal(WHO, asked) == Refusal.TOO_FEW_DESCRIPTORS


def test_only_what_was_asked_for_is_shown_of_the_gated_looks() -> None:
    passed = check(WHO, replace(LOOKS, race=("W",)), lambda _: True)

    assert passed.shows_gated == {"race"}
    assert check(WHO, LOOKS, lambda _: True).shows_gated == frozenset()


@pytest.mark.parametrize("purpose", sorted(SEARCH_PURPOSES))
def test_a_country_of_birth_is_only_for_telling_who_somebody_is(purpose: str) -> None:
    reason = refusal(replace(WHO, purpose=purpose), Criteria(name="Ann", country_of_birth=("USA",)))

    assert reason == (None if purpose in IDENTIFYING_PURPOSES else Refusal.COUNTRY_OF_BIRTH)


@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(country_of_birth=("USA",)),
        Criteria(country_of_birth=("USA",), sex=("M",), age=Span(20, 30), hair=("BRO",)),
        Criteria(country_of_birth=("USA", "CAN"), name="Ann Lee"),
        Criteria(country_of_birth=("USA",), name="Ann Lee", page=2),
    ],
)
def test_a_country_of_birth_never_makes_a_list_of_people(criteria: Criteria) -> None:
    context = replace(WHO, purpose="missing_person")

    assert refusal(context, criteria) == Refusal.COUNTRY_OF_BIRTH


def test_with_a_country_of_birth_few_people_are_shown() -> None:
    context = replace(WHO, purpose="missing_person")
    passed = check(context, Criteria(name="Ann", country_of_birth=("USA",)), lambda _: True)

    assert passed.most_results == MOST_COUNTRY_RESULTS


@pytest.mark.parametrize(
    "criteria",
    [
        Criteria(),
        Criteria(sex=("M",)),
        Criteria(departments=("north",), record_kinds=("arrest",)),
        Criteria(text_none="door"),
        Criteria(colour=("BLU",)),
        Criteria(bases=("arrest",), evidence=("fact",)),
    ],
)
def test_filters_and_one_feature_are_too_broad(criteria: Criteria) -> None:
    assert refusal(WHO, criteria) == Refusal.TOO_BROAD


def test_refusals_name_their_rule() -> None:
    with pytest.raises(Refused, match="R-12"):
        check(WHO, replace(LOOKS, race=("W",)), lambda _: False)
    with pytest.raises(Refused, match="R-28"):
        check_context(replace(WHO, case_number=""), None)
    with pytest.raises(Refused, match="R-29"):
        check_context(replace(WHO, purpose="curiosity"), None)


@pytest.mark.parametrize(
    "who",
    [
        replace(WHO, requester="auditor.weiss"),
        replace(WHO, requester=" Auditor.Weiss "),
        replace(WHO, on_behalf_of="auditor.weiss"),
    ],
)
def test_an_auditor_cannot_search(who: Context) -> None:
    """R-42: neither themselves nor by somebody else's account."""
    with pytest.raises(Refused) as caught:
        check_context(who, None, {"auditor.weiss"})
    assert caught.value.reason == Refusal.AUDITOR
    check_context(WHO, None, {"auditor.weiss"})
