"""R-34: search, show, path and network tell what the owner answered about each thing, and when."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

import pytest
from rich.console import Console

from consumers.search.changes import AnswerChanges
from consumers.search.criteria import Context, Criteria
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.inquiry.as_json import network_as_json, page_as_json, ways_as_json
from consumers.search.inquiry.service import Inquiries
from consumers.search.inquiry.show import show_page
from consumers.search.reading import decoders
from consumers.search.service import Search
from consumers.search.show import as_json, show
from consumers.sink import Change, Progress, Removal
from consumers.testing import change_of
from recordbus.kafka.message import Message
from recordbus.kafka.registry import SchemaRegistry
from recordbus.testing.audit import MemoryAudit
from recordbus.testing.clock import ManualClock
from recordbus.testing.ids import SequenceIds
from recordbus.verification import VERIFICATIONS
from streams.intake.testing import SECRET, Desk
from tests.unit.consumers.conftest import access_to
from tests.unit.consumers.search.inquiry.conftest import ANN, BO, CAR, County
from tests.unit.consumers.told import answer, stands

PLACE = ("verifications.v1", 0)
NOBODY = {"verification": "unverified", "answered_at": None}
ON = "2024-03-05T00:00:00Z"


def answered(county: County, outcome: str, subject: str = "", version: int = 1) -> None:
    record = county.arrest
    said = answer(
        record["record_key"], outcome, subject=subject, source_seq=record["source_seq"],
        version=version,
    )  # fmt: skip
    county.index.apply([said], {PLACE: Progress(version, 0)})


def standings(told: Any) -> dict[str, tuple[str, str | None]]:
    """Give how each tie of an answer stands, by its sentence."""
    return {
        each["sentence"]: (each["verification"], each["answered_at"])
        for kind in ("facts", "assessments")
        for each in told[kind]
    }


def of_record(told: Any, record: Any) -> tuple[str, str | None]:
    for each in told["entity"]["statements"]:
        if each["record"]["record_key"] == record["record_key"]:
            return each["record"]["verification"], each["record"]["answered_at"]
    raise AssertionError("no such statement")


def of_search(county: County, context: Context) -> tuple[Any, str]:
    engine = SqliteSearch(county.path)
    try:
        search = Search(access_to(engine), MemoryAudit(), ManualClock(), SequenceIds(), SECRET)
        answer_ = search.search(context, Criteria(number="A-1"))
    finally:
        engine.close()
    console = Console(width=200, record=True)
    show(answer_, console)
    return as_json(answer_)["results"][0], console.export_text()


def test_an_answer_about_a_record_is_told_with_it_and_what_rests_on_it(
    owners_own: Inquiries, county: County, context: Context
) -> None:
    before = page_as_json(owners_own.show(context, ANN))
    assert set(standings(before).values()) == {("unverified", None)}

    answered(county, "verified")

    told = page_as_json(owners_own.show(context, ANN))
    assert of_record(told, county.arrest) == ("verified", ON)
    assert of_record(told, county.contact) == ("unverified", None)
    by_record = {
        each["record"]["record_key"]: each["verification"]
        for kind in ("facts", "assessments") for each in told[kind]
    }  # fmt: skip
    assert by_record[county.arrest["record_key"]] == "verified"
    assert by_record[county.contact["record_key"]] == "unverified"
    way = ways_as_json(owners_own.path(context, BO, CAR))["ways"][0]
    assert {each["verification"] for step in way for each in step["facts"]} == {"verified"}
    network = network_as_json(owners_own.network(context, CAR, 1))
    assert set(standings(network).values()) == {("verified", ON)}


def test_what_intake_says_of_a_question_and_its_answer_is_what_is_told(
    owners_own: Inquiries, county: County, context: Context, desk: Desk
) -> None:
    """From the agency's question to the searcher's screen, with the bytes of every message."""
    key = county.arrest["record_key"]
    read = AnswerChanges(
        decoders(cast(SchemaRegistry, desk.registry), [VERIFICATIONS])[VERIFICATIONS]
    )
    states = []
    for say in (desk.ask, partial(desk.answer, source_seq=county.arrest["source_seq"])):
        (output,) = [each for each in say(key).outputs if each.topic == VERIFICATIONS]
        message = Message(VERIFICATIONS, 0, desk.offset, output.key, output.value, 0, ())
        county.index.apply([read(message)], {PLACE: Progress(desk.offset, 0)})
        states.append(of_record(page_as_json(owners_own.show(context, ANN)), county.arrest)[0])

    assert states == ["unverified", "verified"]


def test_an_answer_about_one_tie_is_about_that_tie_alone(
    owners_own: Inquiries, county: County, context: Context
) -> None:
    tie = stands(county.ties()["used"]).key.hex()
    answered(county, "refused", f"association/{tie}")

    told = page_as_json(owners_own.show(context, ANN))

    refused = [each for each in told["facts"] if each["verification"] == "refused"]
    assert [each["association_id"] for each in refused] == [tie]
    assert of_record(told, county.arrest) == ("unverified", None)


def test_people_read_who_answered_and_when(
    owners_own: Inquiries, county: County, context: Context
) -> None:
    answered(county, "refused")
    console = Console(width=200, record=True)

    show_page(owners_own.show(context, ANN), console)

    text = console.export_text()
    assert "refused by harbor-city-pd on 2024-03-05: do not rely on it" in text
    assert "unverified" in text


def test_a_search_tells_the_newest_answer(county: County, context: Context) -> None:
    result, text = of_search(county, context)
    assert result | NOBODY == result
    assert "verified by" not in text

    answered(county, "refused")
    answered(county, "verified", version=2)

    result, text = of_search(county, context)
    assert (result["verification"], result["answered_at"]) == ("verified", ON)
    assert "verified by harbor-city-pd on 2024-03-05" in text
    assert "unverified unless it says otherwise" in text


def test_a_record_that_its_owner_changed_is_unverified_again(
    owners_own: Inquiries, county: County, context: Context
) -> None:
    answered(county, "verified")
    newer: Any = county.arrest | {
        "version": county.arrest["version"] + 7, "source_seq": county.arrest["source_seq"] + 1,
    }  # fmt: skip
    county.apply(change_of(newer))

    told = page_as_json(owners_own.show(context, ANN))

    assert of_record(told, county.arrest) == ("unverified", None)
    assert set(standings(told).values()) == {("unverified", None)}
    assert of_search(county, context)[0]["verification"] == "unverified"


@pytest.mark.parametrize("removal", list(Removal))
def test_answers_go_with_what_the_bus_takes_back(
    owners_own: Inquiries, county: County, context: Context, removal: Removal
) -> None:
    answered(county, "verified")
    gone: Change[Any] = answer(county.arrest["record_key"], version=2)._replace(payload=removal)
    county.index.apply([gone], {PLACE: Progress(2, 0)})

    told = page_as_json(owners_own.show(context, ANN))

    assert of_record(told, county.arrest) == ("unverified", None)
