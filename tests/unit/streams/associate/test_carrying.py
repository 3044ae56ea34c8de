"""What did not change is not looked at again, and that makes no difference to what is said."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.associate import carrying, handle
from streams.associate.standing import View, standings
from streams.associate.testing import DAY, Desk, arrest, disposition, resolved
from streams.runtime.contract import Handled
from tests.simulator.associate.talk import Said, Tick, talk


def all_of_them(_before: View, after: View, *_: Any) -> list[Any]:
    """Look at every relation again."""
    return after.record.relations


def with_derived(record: Mapping[str, Any], random: Random) -> None:
    """Let one relation of some arrests rest on others of it."""
    relations = record["relations"]
    if record["record_kind"] == "arrest" and len(relations) > 1 and random.random() < 0.3:
        own, *others = random.sample(relations, len(relations))
        own["derived_inputs"] = [each["relation_id"] for each in others[:2]]


def said_again(said: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """Let identify say something else of a record, or the same: a little at a time."""
    again = deepcopy(dict(said))
    one = random.choice(again["mentions"])
    change = random.choice(("entity", "verdicts", "courts", "nothing", "nothing"))
    if change == "entity":
        one["entity_id"] = f"ent-{random.randint(1, 5)}"
    elif change == "verdicts":
        one["verdicts"] = [f"v-{random.randint(1, 3)}"]
    elif change == "courts":
        outcome = random.choice(("dismissed", "pending", "convicted"))
        again["dispositions"] += [disposition(one["local_id"], outcome, version=2)]
        again["dispositions"] = random.sample(again["dispositions"], random.choice((0, 1)))
    return again


def richer(random: Random) -> list[Said | Tick]:
    """Give a talk in which identify says much again, and in which some relations are derived."""
    said: list[Said | Tick] = []
    for each in talk(random):
        if isinstance(each, Said) and each.name == "RecordRelations" and each not in said:
            with_derived(each.said, random)
        said.append(each)
        last = each
        while isinstance(last, Said) and last.name == "RecordIdentities" and random.random() < 0.6:
            last = last._replace(said=said_again(last.said, random))
            said.append(last)
    return said


def heard(said: list[Said | Tick], random: Random) -> list[Handled]:
    """Give what associate answers to each message of a talk; time goes on without ticks too."""
    desk, answers = Desk(), []
    for each in said:
        if random.random() < 0.1:
            desk.at += timedelta(days=random.choice((1, 300, 800)))
        if isinstance(each, Tick):
            answers.append(desk.tick(each.at))
        else:
            answers.append(desk.say(each.said["record_key"], each.side, each.name, each.said))
    return answers


@settings(max_examples=300)
@given(st.integers(0, 10**9))
def test_r23_what_is_carried_over_is_what_would_be_found_anew(seed: int) -> None:
    said = richer(Random(seed))
    carried = heard(said, Random(seed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(carrying, "unsettled", all_of_them)
        anew = heard(said, Random(seed))
    assert carried == anew


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the types of the relations that were looked at."""
    found: list[str] = []

    def looking(view: View, relations: Any, *rest: Any) -> Any:
        found.extend(each.type for each in relations)
        return standings(view, relations, *rest)

    monkeypatch.setattr(handle, "standings", looking)
    return found


def test_only_ties_of_who_became_somebody_else_are_looked_at(looked_at: list[str]) -> None:
    desk = Desk()
    desk.intake(arrest())
    desk.identify(resolved())
    assert len(looked_at) == 4
    looked_at.clear()
    desk.identify(resolved(entities={"p1": "ent-1", "p2": "ent-2", "v1": "ent-9"}))
    assert looked_at == ["used_vehicle"]


def test_r26_only_ties_of_whom_a_court_spoke_are_looked_at(looked_at: list[str]) -> None:
    desk = Desk()
    desk.intake(arrest())
    desk.identify(resolved())
    looked_at.clear()
    desk.identify(resolved(dispositions=[disposition("p2", "pending")]))
    assert looked_at == ["co_arrested", "subject_of"]


def test_r21_what_is_past_its_date_is_looked_at_though_nobody_moved(looked_at: list[str]) -> None:
    desk = Desk()
    desk.intake(arrest())
    desk.identify(resolved())
    looked_at.clear()
    desk.at = DAY + timedelta(days=366 * 6)
    desk.identify(resolved(entities={"p1": "ent-1", "p2": "ent-2", "v1": "ent-9"}))
    assert len(looked_at) == 4
    assert set(desk.standing().values()) == {"expired"}
