"""R-09: why and why not, worked out again from two records and what is in force."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordbus import ids
from recordbus.explainers import Explanation, Question, Standing, UnknownMention, find
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from streams.identify import sentences
from streams.identify.explain import explain
from streams.identify.forming import verdict_id
from streams.identify.testing import judgement
from streams.intake.testing import SECRET, Desk, record_of
from streams.meet.digests import Digests
from streams.meet.mentions import concealed
from streams.resolution import guards
from streams.resolution.batch import resolve
from streams.resolution.from_records import mentions_of
from streams.resolution.mentions import Mention
from streams.shipped_models import shipped

NUMBERS = count(1)
HOME = records.part("Address", full="12 Maple Street, Boston, MA 02118")


@cache
def intake() -> Desk:
    """Give intake, made once: compiling its schemas takes long."""
    return Desk(MemoryRegistry())


@pytest.fixture
def desk() -> Desk:
    return intake()


def contact(desk: Desk, *people: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Give a field contact of these people, as intake publishes it; the first is p1."""
    record_id = f"FC-{next(NUMBERS)}"
    roles = [
        each
        if "local_id" in each
        else records.person_role("field_contact", f"p{place}", person=each)
        for place, each in enumerate(people, 1)
    ]
    body = records.body(record_id=record_id, people=roles, **fields)
    key = ids.record_key(records.SECRET, "field_contact", record_id)
    change = records.change(body=body, record_key=key)
    return record_of(desk.say(change))


def mention(record: dict[str, Any], local_id: str = "p1") -> str:
    return f"{record['record_key']}.{local_id}"


def ask(
    a: dict[str, Any], b: dict[str, Any], ends: tuple[str, str] = ("p1", "p1"), **fields: Any
) -> tuple[dict[str, Any], str]:
    """Give what is explained of two mentions, and the sentences as one text."""
    question = Question(mention(a, ends[0]), mention(b, ends[1]), a, b, SECRET, **fields)
    found = explain(question)
    turned = question._replace(
        a=question.b, b=question.a, record_of_a=b, record_of_b=a,
        standing_of_a=question.standing_of_b, standing_of_b=question.standing_of_a,
    )  # fmt: skip
    assert explain(turned) == found
    return orjson.loads(found.text), "\n".join(found.sentences)


def person(given: str = "Maria", surname: str = "Delgado", **fields: Any) -> dict[str, Any]:
    """Give a person without a number."""
    return records.person(given, surname, **({"identifiers": []} | fields))


def test_two_records_of_one_person_are_the_same_and_the_sentences_say_by_what(desk: Desk) -> None:
    a, b = contact(desk, records.person()), contact(desk, records.person())
    said, text = ask(a, b)
    assert (said["outcome"], said["is_compared"]) == ("same", True)
    assert {part[0] for part in said["parts"]} >= {"given_name", "date_of_birth", "identifier"}
    assert text.startswith("The evidence says: the two are one. It weighs")
    assert "date of birth: exact, +" in text
    assert [each[:2] for each in said["levels"]] == [each[:2] for each in said["parts"]]
    assert all(0 < m < 1 and 0 < u < 1 for _, _, m, u in said["levels"])
    assert "They meet by" in text


def test_a_veto_is_said_in_words(desk: Desk) -> None:
    a = contact(desk, records.person())
    other = records.part("Identifier", type="driver_license", value="S99999999", issuer="MA")
    b = contact(desk, records.person(identifiers=[other]))
    said, text = ask(a, b)
    assert (said["outcome"], said["vetoes"]) == ("no", ["numbers_differ"])
    assert "No weight can join them: both have an issued number" in text


def test_a_lead_says_what_is_missing_for_a_link(desk: Desk) -> None:
    bare: dict[str, Any] = {"phones": [], "addresses": []}
    said, text = ask(contact(desk, person(**bare)), contact(desk, person(**bare)))
    assert (said["outcome"], said["holds"]) == ("possible", ["too_little_agrees"])
    assert "a lead for people, which joins nothing" in text
    assert "Only a person may join them" in text


def test_who_never_meets_is_answered_for_too(desk: Desk) -> None:
    born = records.part("DateValue", value="1950-01-31", source="1950-01-31")
    other = person("Otto", "Zimmer", date_of_birth=born, phones=[], addresses=[])
    said, text = ask(contact(desk, person()), contact(desk, other))
    assert (said["outcome"], said["is_compared"]) == ("no", False)
    assert "They share no meeting key" in text


def test_who_is_told_apart_before_a_comparison_is_answered_for_too(desk: Desk) -> None:
    said, text = ask(contact(desk, person()), contact(desk, person("Ruth")))
    assert said["vetoes"]
    assert not said["is_compared"]
    assert "are told apart before anything is weighed" in text


def test_a_default_value_counts_nothing(desk: Desk) -> None:
    a, b = contact(desk, person(addresses=[])), contact(desk, person(addresses=[]))
    found = next(iter(mentions_of(a)))  # type: ignore[arg-type]
    phone = concealed(found, Digests(SECRET)).phones[0]  # type: ignore[union-attr]
    said, _ = ask(a, b)
    assert "phone" in said["keys"]
    said, text = ask(a, b, defaults=frozenset({f"phone:{phone}"}))
    assert said["defaults"] == ["phone"]
    assert "phone" not in said.get("keys", [])
    assert "it tells nothing: phone" in text


def test_a_judgement_overrides_until_it_is_revoked_or_over(desk: Desk) -> None:
    a, b = contact(desk, person()), contact(desk, person("Ruth"))
    at = records.MOMENT
    judged = judgement(mention(a), mention(b), expires_at=at + timedelta(days=1))
    said, text = ask(a, b, judgement=judged, at=at)
    assert (said["outcome"], said["evidence_outcome"]) == ("same", "no")
    assert text.startswith("jo judged that the two are one; that overrides the evidence.")
    said, text = ask(a, b, judgement=judged, at=at + timedelta(days=1))
    assert (said["outcome"], said["judgement_ended"]) == ("no", "expired")
    assert "An earlier judgement on them is expired" in text
    said, _ = ask(a, b, judgement=judged | {"outcome": "revoked"})
    assert (said["outcome"], said["judgement_ended"]) == ("no", "revoked")


def test_a_judgement_about_others_is_no_answer(desk: Desk) -> None:
    a, b = contact(desk, person()), contact(desk, person("Ruth"))
    with pytest.raises(ValueError, match="another pair"):
        ask(a, b, judgement=judgement(mention(a), "somebody"))


def test_what_stands_is_told_with_what_holds_it_together(desk: Desk) -> None:
    a, b = contact(desk, records.person()), contact(desk, records.person())
    own = verdict_id((min(mention(a), mention(b)), max(mention(a), mention(b))))
    one, other = Standing("e1", [own]), Standing("e2")
    _, text = ask(a, b, standing_of_a=one, standing_of_b=Standing("e1", [own]))
    assert text.endswith("this decision is one of those that hold it together.")
    _, text = ask(a, b, standing_of_a=Standing("e1", ["x"]), standing_of_b=Standing("e1", ["y"]))
    assert "by way of other decisions" in text
    _, text = ask(a, b, standing_of_a=one, standing_of_b=other)
    assert "They are two entities all the same" in text
    said, _ = ask(a, b, standing_of_a=one)
    assert "is_one" not in said


def test_what_is_never_compared_is_said_to_be_so(desk: Desk) -> None:
    nobody = person(names=[], phones=[], addresses=[])
    described = records.person_role("field_contact", "d1", person=nobody, description_only=True)
    a, b = contact(desk, person(), described), contact(desk, person())
    assert ask(a, b, ("v1", "p1"))[0]["never_compared"] == "two_kinds"
    assert ask(a, b, ("l1", "p1"))[0]["never_compared"] == "not_resolved"
    assert ask(a, a, ("p1", "v1"))[0]["never_compared"] == "two_kinds"
    two = contact(desk, person(), person("Ruth"))
    assert ask(two, two, ("p1", "p2"))[0]["never_compared"] == "one_record"
    assert ask(a, b, ("d1", "p1"))[0]["never_compared"] == "only_described"


def test_a_mention_that_the_record_does_not_have_is_refused(desk: Desk) -> None:
    a, b = contact(desk, person()), contact(desk, person())
    with pytest.raises(UnknownMention, match="no mention 'p9'"):
        ask(a, b, ("p9", "p1"))


def test_vehicles_are_explained_as_well(desk: Desk) -> None:
    a, b = contact(desk, person()), contact(desk, person())
    said, text = ask(a, b, ("v1", "v1"))
    assert (said["kind"], said["outcome"]) == ("vehicle", "same")
    assert "vin: " in text


def test_no_value_of_a_record_is_in_it(desk: Desk) -> None:
    a, b = contact(desk, records.person()), contact(desk, records.person())
    said, text = ask(a, b)
    for value in ("Maria", "MARIA", "Delgado", "1985", "617", "0142", "Maple", "S12345678"):
        assert value not in text
        assert value not in str(said["parts"]) + str(said.get("keys"))


def _concealed(record: dict[str, Any]) -> Mention:
    found = next(iter(mentions_of(record)))  # type: ignore[arg-type]
    return concealed(found, Digests(SECRET))


people = st.builds(
    person,
    st.sampled_from(["Maria", "Mary", "Ruth", "M"]),
    st.sampled_from(["Delgado", "Delgada", "Pires"]),
    phones=st.sampled_from([[], ["617-555-0142"]]),
    addresses=st.sampled_from([[], [HOME]]),
)


@settings(max_examples=60, deadline=None)
@given(people, people)
def test_it_is_what_a_batch_says_of_the_same_two(one: dict[str, Any], two: dict[str, Any]) -> None:
    a, b = sorted(
        (contact(intake(), one), contact(intake(), two)), key=lambda each: each["record_key"]
    )
    found = resolve([_concealed(a), _concealed(b)], shipped("person"))
    batch = orjson.loads(found.explainer.explain(mention(a), mention(b)))
    batch.pop("rivals", None)
    batch.pop("rival_count", None)
    said, _ = ask(a, b)
    assert {name: said[name] for name in batch} == batch


def test_the_entry_point_is_this_explainer(desk: Desk) -> None:
    a, b = contact(desk, person()), contact(desk, person())
    question = Question(mention(a), mention(b), a, b, SECRET)
    found: Explanation = find("identity")(question)
    assert found == explain(question)


def test_every_guard_has_its_sentence() -> None:
    """A veto or hold that is added needs words for people."""
    names = {
        constant
        for kind in guards.GUARDS.values()
        for function in (kind.vetoes, kind.holds)
        for constant in function.__code__.co_consts
        if isinstance(constant, str) and "_" in constant and " " not in constant
    }
    assert names == sentences.VETOES.keys() | sentences.HOLDS.keys()
