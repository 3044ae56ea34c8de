"""The demo asks about what was published, each kind of question once."""

from __future__ import annotations

from typing import Any

from recordbus.local.demo.questions import questions


def record(**parts: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"record_id": "A-1", "people": [], "vehicles": []}
    normalised: dict[str, Any] = {"people": [], "vehicles": [], "locations": []}
    body.update({k: v for k, v in parts.items() if k in body})
    normalised.update({k[2:]: v for k, v in parts.items() if k.startswith("n_")})
    return {"body": body, "normalised": normalised}


def person(sex: str, hair: str | None, mark: str) -> dict[str, Any]:
    looks = {"sex": {"code": sex}, "hair_colour": {"code": hair} if hair else None}
    return {"person": {**looks, "marks": [{"code": {"code": mark}}]}}


NAME = {"names": [{"given": "LISA", "surname": "WILLIAMS"}]}


def test_a_name_is_asked_with_a_letter_missing() -> None:
    (first, *_) = questions([record(n_people=[NAME])])
    assert first.asks == ("--name", "LISA WILIAMS")
    assert first.arguments[0] == "search"
    assert "--purpose" in first.arguments
    assert "--case" in first.arguments


def test_looks_are_asked_only_with_codes_that_say_something() -> None:
    unknown = record(people=[person("F", "XXX", "TAT NECK")])
    known = record(people=[person("F", "BRO", "TAT NECK")])
    asked = [question.asks for question in questions([unknown, known])]
    assert ("--sex", "F", "--hair", "BRO", "--marks", "TAT NECK") in asked


def test_at_most_three_kinds_are_asked_and_the_most_telling_first() -> None:
    rich = record(
        n_people=[NAME],
        people=[person("F", "BRO", "TAT NECK")],
        n_vehicles=[{"plate": "BLG4321"}],
        n_locations=[{"address": {"street": "ALDER ST"}}],
    )
    says = [question.says for question in questions([rich])]
    assert len(says) == 3
    assert says[0] == "a name with a letter missing"


def test_removed_records_are_passed_over() -> None:
    assert questions([{"body": None, "normalised": None}]) == []
