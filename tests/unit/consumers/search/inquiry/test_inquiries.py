"""Questions about entities, from the gate to the answer: what is shown, hidden, and audited."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from consumers.search.criteria import Context
from consumers.search.inquiry.as_json import network_as_json, page_as_json, ways_as_json
from consumers.search.inquiry.lines import Line, by_basis
from consumers.search.inquiry.service import NOT_AN_ID, Inquiries
from consumers.search.refusals import BadQuery
from recordbus.audit import keyed
from recordbus.errors import Refused, Retryable
from tests.unit.consumers.search.inquiry.conftest import ANN, BO, CAR, CASE, CY, DEE, EVE, County
from tests.unit.consumers.told import association, stands

HIDDEN = ("Hidden", "Quiet", "S-1")
"""What only the restricted record says."""


def line(inquiries: Inquiries, context: Context, type_: str, entity: str = ANN) -> Line:
    (found,) = [e for e in inquiries.show(context, entity).lines if e.type == type_]
    return found


def test_an_entity_is_shown_with_every_record_that_names_it(
    inquiries: Inquiries, context: Context
) -> None:
    page = inquiries.show(context, f" {ANN[:12].upper()} ")

    assert page.entity.entity_id == ANN
    assert page.entity.mentions == 2
    assert {each.record.number for each in page.entity.statements} == {"A-1", "F-1"}
    assert page.heading.policy_version
    assert {each.rules for each in page.lines} == {("harbor-to-metro/everything",)}
    differs = {each.field: [said.value for said in each.said] for each in page.entity.differences}
    assert differs["name"] == ["Leigh, Ann", "Leigh, Anne"]
    assert differs["born"] == ["1990-01-02", "1990-02-01"]


def test_facts_stand_apart_from_assessments(inquiries: Inquiries, context: Context) -> None:
    """R-01, R-03: grouped by basis, the strongest first, and no assessment among facts."""
    lines = inquiries.show(context, ANN).lines

    assert list(by_basis(lines, "fact")) == ["arrest", "field_contact"]
    assert list(by_basis(lines, "assessment")) == ["officer_assessment"]
    told = page_as_json(inquiries.show(context, ANN))
    assert {each["basis"] for each in told["facts"]} == {"arrest", "field_contact"}
    assert {each["basis"] for each in told["assessments"]} == {"officer_assessment"}


def test_a_tie_names_record_owner_end_grade_and_court(
    inquiries: Inquiries, context: Context
) -> None:
    """R-02, R-05, R-21, R-26, R-34."""
    arrested = line(inquiries, context, "co_arrested")
    assert (arrested.disposition, arrested.standing.state) == ("none reported", "unverified")
    assert (arrested.record["number"], arrested.contact["phone"]) == ("A-1", "617-555-0100")
    assert arrested.ends == "until a court disposes of the charge (R-26)"
    assert line(inquiries, context, "subject_of", BO).disposition == "pending"
    judged = line(inquiries, context, "associate")
    assert judged.grade == "source 2, information C, handling C"
    assert judged.sentence.startswith("an officer judged that ")
    assert line(inquiries, context, "seen_with").disposition is None


def test_nothing_says_how_strong_a_tie_is(inquiries: Inquiries, context: Context) -> None:
    """R-06: no answer has a number for strength, weight, score or rank."""
    answers = [
        page_as_json(inquiries.show(context, ANN)),
        ways_as_json(inquiries.path(context, ANN, BO)),
        network_as_json(inquiries.network(context, ANN, 2)),
    ]
    words = ("strength", "weight", "score", "rank", "degree", "centrality", "probability")
    told = orjson.dumps(answers).decode()
    assert [word for word in words if f'"{word}"' in told] == []


def test_of_a_restricted_record_only_the_owner_is_told(
    inquiries: Inquiries, context: Context
) -> None:
    """R-31: neither its content, nor what it ties to whom."""
    page = page_as_json(inquiries.show(context, ANN))
    network = network_as_json(inquiries.network(context, ANN, 2))
    with pytest.raises(BadQuery, match="there is no entity"):
        inquiries.path(context, ANN, DEE)

    for told in (page, network):
        text = orjson.dumps(told).decode()
        assert [word for word in HIDDEN if word in text] == []
    (pointer,) = page["entity"]["pointers"]
    assert set(pointer) == {"department", "owner_ori", "contact", "verification"}
    assert pointer["contact"]["unit"] == "Records desk"
    assert DEE not in orjson.dumps(page | network).decode()


def test_what_r_12_gates_is_never_in_an_entity(inquiries: Inquiries, context: Context) -> None:
    assert '"race"' not in orjson.dumps(page_as_json(inquiries.show(context, ANN))).decode()


def test_a_dispute_and_somebody_under_age_are_seen_at_once(
    inquiries: Inquiries, context: Context, county: County
) -> None:
    """R-16, R-19."""
    assert line(inquiries, context, "seen_with").is_juvenile
    assert not line(inquiries, context, "co_arrested").is_frozen
    county.freeze("arrested")
    frozen = line(inquiries, context, "co_arrested")
    assert (frozen.is_frozen, frozen.way) == (True, "frozen by a dispute")
    assert len(inquiries.path(context, ANN, BO).ways.ways[0]) == 2
    county.take_back("arrested")
    assert "co_arrested" not in {each.type for each in inquiries.show(context, ANN).lines}


def test_a_way_is_explained_step_by_step(inquiries: Inquiries, context: Context) -> None:
    told = ways_as_json(inquiries.path(context, CAR, BO))

    (way,) = told["ways"]
    assert way[0]["to"]["caption"] == "Leigh, Anne"
    assert [fact["type"] for step in way for fact in step["facts"]] == ["used_vehicle",
                                                                       "co_arrested"]  # fmt: skip
    assert all(fact["record"]["number"] == "A-1" for step in way for fact in step["facts"])


def test_no_way_leads_through_a_victim_or_people_seen_together(
    inquiries: Inquiries, context: Context
) -> None:
    """R-04, R-07: said with what was left out, and not otherwise."""
    for end, reason in ((EVE, "victim or witness"), (CY, "seen together or there")):
        answer = inquiries.path(context, ANN, end)
        assert answer.ways.ways == ()
        assert answer.ways.left_out[reason] == 1
    judged = inquiries.path(context, ANN, CY, with_assessments=True)
    assert [tie.told["type"] for tie in judged.ways.ways[0][0].ties] == ["associate"]


def test_a_network_draws_no_victim_of_somebody_elses_case(
    inquiries: Inquiries, context: Context
) -> None:
    """R-04: the person in the picture is not tied to a victim, nor the victim to them."""
    found = inquiries.network(context, ANN, 3)
    assert {node.entity_id for node in found.network.nodes} == {ANN, BO, CAR, CASE, CY}
    assert found.network.left_out["victim or witness"] == 1
    around_the_case = inquiries.network(context, CASE, 1, with_assessments=True)
    assert EVE in {node.entity_id for node in around_the_case.network.nodes}
    (victim,) = [e for e in around_the_case.lines.values() if e.type == "victim_of"]
    assert victim.way == "victim or witness"


def test_a_designation_is_told_in_full_to_its_owner_only(
    inquiries: Inquiries, owners_own: Inquiries, context: Context, county: County
) -> None:
    """R-13: other agencies get a pointer to the owner, which does not say what it points at."""
    said = association(
        CY, BO, "member_of", "officer_assessment", from_kind="person", to_kind="organisation",
        record=county.contact["record_key"], locals_=("p2", "p1"),
    )  # fmt: skip
    county.apply(stands(said))

    theirs = page_as_json(inquiries.show(context, CY))
    own = page_as_json(owners_own.show(context, CY))

    assert "member_of" not in [each["type"] for each in theirs["assessments"]]
    assert [each["department"] for each in theirs["entity"]["pointers"]] == ["harbor-city-pd"]
    assert "designation" not in repr(theirs["entity"]["pointers"])
    assert [each["type"] for each in own["assessments"]].count("member_of") == 1
    assert own["entity"]["pointers"] == []


def test_what_is_past_its_end_is_not_shown(
    inquiries: Inquiries, context: Context, county: County
) -> None:
    """R-23: even before the retraction has come."""
    past = county.ties()["used"] | {"expires_at": inquiries.clock.now()}
    county.apply(stands(past, 2))

    assert "used_vehicle" not in {each.type for each in inquiries.show(context, ANN).lines}
    assert inquiries.path(context, ANN, CAR).ways.ways == ()


def test_every_question_leaves_one_entry_with_what_was_shown(
    inquiries: Inquiries, context: Context, audit: Any, county: County
) -> None:
    """R-28, R-38: who, why, what, and whose records."""
    inquiries.show(context, ANN)
    inquiries.path(context, ANN, BO)
    inquiries.network(context, ANN, 2, with_assessments=True)

    show, path, network = audit.entries
    assert [e.command for e in audit.entries] == ["show", "path", "network"]
    assert {e.outcome for e in audit.entries} == {"answered"}
    keys = {key.partition("@")[0] for key in show.records}
    assert county.secret["record_key"] in keys  # its owner was told of, so it counts
    assert path.records == (keyed(county.arrest["record_key"], county.arrest["version"]),)
    assert path.owners == (county.arrest["department"],)
    assert set(path.entities) == {ANN, BO}
    asked = {"entity": ANN, "depth": 2, "assessments": True, "agency": "metro-task-force"}
    assert network.asked == asked
    assert network.agency_ori == "MA0130000"
    levels = dict(zip(show.records, show.levels, strict=True))
    secret = keyed(county.secret["record_key"], county.secret["version"])
    assert {key for key, level in levels.items() if level == "pointer"} == {secret}
    assert set(show.reasons) == {"harbor-to-metro/everything", "bus/restricted"}
    assert show.policy_version


@pytest.mark.parametrize("command", ["show", "path", "network"])
def test_without_purpose_and_case_nothing_is_answered(
    inquiries: Inquiries, audit: Any, command: str
) -> None:
    asks: dict[str, Callable[[Context], object]] = {
        "show": lambda c: inquiries.show(c, ANN),
        "path": lambda c: inquiries.path(c, ANN, BO),
        "network": lambda c: inquiries.network(c, ANN, 1),
    }
    for asking in (Context(), Context("det. A", "employment", "2026-1")):
        with pytest.raises(Refused):
            asks[command](asking)
    assert [(e.command, e.outcome) for e in audit.entries] == [(command, "refused")] * 2


@pytest.mark.parametrize("typed", ["", "Ann Leigh", "abc", "00000000000", "%%%%%%%%%"])
def test_what_is_no_id_is_said_so_and_no_name_is_kept(
    inquiries: Inquiries, context: Context, audit: Any, typed: str
) -> None:
    """R-27: a name typed where an id belongs does not get into the audit."""
    with pytest.raises(BadQuery):
        inquiries.show(context, typed)

    (entry,) = audit.entries
    assert entry.outcome == "rejected"
    assert entry.asked["entity"] in (NOT_AN_ID, "00000000000")


def test_nothing_leaves_when_the_audit_cannot_be_written(
    inquiries: Inquiries, context: Context, audit: Any
) -> None:
    audit.failure = Retryable("no room")

    with pytest.raises(Retryable, match="no room"):
        inquiries.show(context, ANN)


def test_an_id_that_means_two_must_be_longer(
    inquiries: Inquiries, context: Context, county: County
) -> None:
    with pytest.raises(BadQuery, match="at least 8"):
        inquiries.show(context, ANN[:7])
    with pytest.raises(BadQuery, match="one entity"):
        inquiries.path(context, ANN, ANN[:20])
    with pytest.raises(BadQuery, match="1 to 4"):
        inquiries.network(context, ANN, 5)
