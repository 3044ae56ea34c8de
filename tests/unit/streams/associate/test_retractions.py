"""R-09, R-19, R-23, R-26: what takes an association back, and what brings it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from streams.associate.handle import ASSOCIATIONS, IDENTITIES
from streams.associate.testing import (
    DAY,
    Desk,
    arrest,
    disposition,
    dispute,
    mention,
    record_key,
    relation,
    resolved,
)

CO_ARRESTED, P1_CASE, P2_CASE, VEHICLE = arrest()["relations"]
LATE = DAY + timedelta(days=366 * 6)
SAME = {"p1": "ent-1", "p2": "ent-1", "v1": "ent-3"}


@pytest.fixture
def desk() -> Desk:
    """Give a desk at which one arrest stands."""
    desk = Desk()
    desk.intake(arrest())
    desk.identify(resolved())
    return desk


def why(desk: Desk) -> set[str | None]:
    return set(desk.standing().values())


def reasons(desk: Desk, *stated: dict[str, Any]) -> list[str | None]:
    return [desk.update(each)["reason"] for each in stated]


def test_nothing_is_said_before_both_sides_are_of_one_version() -> None:
    desk = Desk()
    assert desk.identify(resolved(2)).outputs == ()
    assert desk.intake(arrest(1)).outputs == ()
    assert desk.intake(arrest(2)).outputs != ()


def test_the_last_pair_stands_until_the_next_one_is_whole(desk: Desk) -> None:
    assert desk.intake(arrest(2)).outputs == ()
    assert desk.update(CO_ARRESTED)["association"]["source"]["version"] == 1
    desk.identify(resolved(1, entities=SAME | {"p2": "ent-7"}))
    assert desk.update(CO_ARRESTED)["association"]["to_entity_id"] == "ent-7"
    desk.identify(resolved(2))
    assert desk.update(CO_ARRESTED)["association"]["source"]["version"] == 2


@pytest.mark.parametrize("side", ["intake", "identify"])
@pytest.mark.parametrize("reason", ["withdrawn", "sealed", "expunged"])
def test_r23_a_removal_acts_at_once_and_leaves_no_content(
    desk: Desk, reason: str, side: str
) -> None:
    desk.remove(reason, 2, side=side)
    assert why(desk) == {reason}
    assert set(desk.entities().values()) == {None}
    desk.remove(reason, 2, side="identify" if side == "intake" else "intake")
    assert all(update["association"] is None for update in desk.board[ASSOCIATIONS].values())
    state = desk.states[record_key().encode()]
    for content in (b"ent-", b"Records desk", b"co_arrested"):
        assert content not in state


def test_r23_a_removal_is_not_undone_by_what_was_said_before_it(desk: Desk) -> None:
    desk.remove("sealed", 2)
    assert desk.intake(arrest(1)).outcome == "superseded"
    assert desk.identify(resolved(1)).outputs == ()
    assert b"ent-" not in desk.states[record_key().encode()]
    assert why(desk) == {"sealed"}


def test_r25_sealed_then_unsealed_says_the_same_again(desk: Desk) -> None:
    before = {name: said["association"] for name, said in desk.board[ASSOCIATIONS].items()}
    desk.remove("sealed", 2)
    desk.intake(arrest(3))
    desk.identify(resolved(3))
    for name, association in before.items():
        after = desk.board[ASSOCIATIONS][name]
        assert (after["status"], after["sequence"]) == ("asserted", 3)
        source = after["association"]["source"] | {
            field: association["source"][field] for field in ("version", "content_hash")
        }
        assert after["association"] | {"source": source} == association


def test_a_correction_takes_back_what_the_record_no_longer_says(desk: Desk) -> None:
    desk.intake(arrest(2, relations=[CO_ARRESTED]))
    desk.identify(resolved(2))
    assert reasons(desk, CO_ARRESTED, P1_CASE) == [None, "corrected"]


def test_a_mention_that_a_correction_drops_is_gone(desk: Desk) -> None:
    desk.intake(arrest(2, mentions=[mention("p1"), mention("p2")], relations=[CO_ARRESTED]))
    desk.identify(resolved(2))
    assert f"{record_key()}.v1" not in desk.board[IDENTITIES], "its name would stay in a marker"
    assert f"{record_key()}.p1" in desk.board[IDENTITIES]


def test_r21_a_tick_takes_back_what_has_expired(desk: Desk) -> None:
    assert desk.tick(DAY + timedelta(days=365 * 5)).outputs
    assert why(desk) == {"asserted"}
    desk.tick(LATE)
    assert why(desk) == {"expired"}
    assert desk.tick(LATE).outcome == "tick_ignored"
    assert [key for key in desk.states if key.startswith(b"tick")] == [b"tick/0"]


def test_r23_what_is_past_its_clock_is_never_said_though_no_tick_came_yet() -> None:
    """A replay into empty state meets old records before the first tick."""
    desk = Desk()
    desk.at = LATE
    desk.intake(arrest())
    desk.identify(resolved())
    assert desk.standing() == {}
    assert desk.entities()["p1"] == "ent-1"


def test_expired_goes_before_disposition(desk: Desk) -> None:
    desk.tick(LATE)
    desk.identify(resolved(dispositions=[disposition("p1", "dismissed")]))
    assert why(desk) == {"expired"}


@pytest.mark.parametrize("outcome", ["dismissed", "acquitted", "unfounded"])
def test_r26_a_court_takes_back_that_persons_arrest_and_gives_it_back(
    desk: Desk, outcome: str
) -> None:
    before = desk.update(P1_CASE)["association"]
    desk.identify(resolved(dispositions=[disposition("p1", outcome)]))
    found = reasons(desk, CO_ARRESTED, P1_CASE, VEHICLE, P2_CASE)
    assert found == ["disposition", "disposition", "disposition", None]
    desk.identify(resolved())
    assert why(desk) <= {"asserted", "changed"}
    assert desk.update(P1_CASE)["association"] == before


@pytest.mark.parametrize("outcome", ["pending", "deferred", "other"])
def test_r26_what_is_not_decided_yet_is_shown_and_takes_nothing_back(
    desk: Desk, outcome: str
) -> None:
    assert desk.update(P1_CASE)["association"]["dispositions"] == []
    desk.identify(resolved(dispositions=[disposition("p1", outcome)]))
    (shown,) = desk.update(P1_CASE)["association"]["dispositions"]
    assert shown == {"outcome": outcome, "record_key": record_key(99), "version": 1}
    assert desk.update(P2_CASE)["association"]["dispositions"] == []


def two_cases() -> tuple[Desk, dict[str, Any]]:
    """Give a desk with an arrest in two cases, and what ties the first person to the second."""
    desk = Desk()
    other = relation("p1", "@case:2", "subject_of", "arrest", record_key())
    matters = [mention("@case:2", "matter"), mention("@arrest:1", "matter")]
    mentions = [*arrest()["mentions"], *matters]
    desk.intake(arrest(mentions=mentions, relations=[*arrest()["relations"], other]))
    desk.identify(resolved())
    return desk, other


def test_r26_an_arrest_in_two_cases_stands_while_one_of_them_is_open() -> None:
    desk, other = two_cases()
    desk.identify(resolved(dispositions=[disposition("p1", "dismissed")]))
    assert reasons(desk, P1_CASE, other, CO_ARRESTED) == ["disposition", None, None]
    both = [disposition("p1", "dismissed", matter_local_id=f"@case:{n}") for n in (1, 2)]
    desk.identify(resolved(dispositions=both))
    assert reasons(desk, P1_CASE, other, CO_ARRESTED) == ["disposition"] * 3


def test_r26_a_decision_by_the_number_of_the_arrest_ends_all_of_it() -> None:
    desk, other = two_cases()
    decision = disposition("p1", "unfounded", matter_local_id="@arrest:1")
    desk.identify(resolved(dispositions=[decision]))
    found = reasons(desk, CO_ARRESTED, VEHICLE, P1_CASE, other, P2_CASE)
    assert found == [*["disposition"] * 4, None]


def test_r26_a_court_says_nothing_about_other_bases() -> None:
    desk = Desk()
    stated = relation("p1", "p2", "family", "self_statement", record_key())
    desk.intake(arrest(relations=[stated]))
    desk.identify(resolved(dispositions=[disposition("p1", "dismissed")]))
    assert desk.update(stated)["status"] == "asserted"
    assert desk.update(stated)["association"]["dispositions"] == []


@pytest.mark.parametrize(
    ("about", "frozen"),
    [
        ({}, [True, True, True]),
        ({"about_local_id": "p2"}, [True, False, True]),
        ({"about_relation_id": P1_CASE["relation_id"]}, [False, True, False]),
        ({"about_local_id": "nobody"}, [False, False, False]),
    ],
)
def test_r19_an_open_dispute_freezes_what_it_is_about_and_labels_it(
    about: dict[str, str], frozen: list[bool]
) -> None:
    desk = Desk()
    desk.intake(arrest(disputes=[dispute(**about)]))
    desk.identify(resolved())
    for stated, is_frozen in zip((CO_ARRESTED, P1_CASE, P2_CASE), frozen, strict=True):
        update = desk.update(stated)
        wanted = ("retracted", "dispute") if is_frozen else ("asserted", None)
        assert (update["status"], update["reason"]) == wanted
        assert len(update["association"]["disputes"]) == is_frozen


def test_r19_a_resolved_dispute_is_still_shown(desk: Desk) -> None:
    desk.intake(arrest(2, disputes=[dispute()]))
    desk.identify(resolved(2))
    assert why(desk) == {"dispute"}
    desk.intake(arrest(3, disputes=[dispute(resolved_at=DAY)]))
    desk.identify(resolved(3))
    assert why(desk) == {"asserted"}
    (label,) = desk.update(CO_ARRESTED)["association"]["disputes"]
    assert label == {"dispute_id": "D-1", "by": "subject", "raised_at": DAY, "resolved_at": DAY}


@pytest.mark.parametrize("how", ["removed", "expired"])
def test_r19_what_is_frozen_loses_its_content_like_any_other(desk: Desk, how: str) -> None:
    desk.intake(arrest(2, disputes=[dispute()]))
    desk.identify(resolved(2))
    desk.tick(LATE) if how == "expired" else desk.remove("expunged", 3)
    update = desk.update(CO_ARRESTED)
    assert (update["reason"] in ("expired", "expunged"), update["association"]) == (True, None)


def test_disposition_goes_before_dispute(desk: Desk) -> None:
    desk.intake(arrest(2, disputes=[dispute()]))
    desk.identify(resolved(2, dispositions=[disposition("p1", "acquitted")]))
    assert reasons(desk, P1_CASE, P2_CASE) == ["disposition", "dispute"]


def test_r09_merged_and_split_again_is_as_before(desk: Desk) -> None:
    before = {name: said["association"] for name, said in desk.board[ASSOCIATIONS].items()}
    desk.identify(resolved(entities=SAME))
    assert reasons(desk, CO_ARRESTED, P2_CASE) == ["merged", None]
    moved = desk.board[IDENTITIES][f"{record_key()}.p2"]
    assert (moved["previous_entity_id"], moved["entity_id"]) == ("ent-2", "ent-1")
    desk.identify(resolved())
    after = {name: said["association"] for name, said in desk.board[ASSOCIATIONS].items()}
    assert after == before


def test_identities_that_are_taken_back_take_the_associations_along(desk: Desk) -> None:
    desk.remove("split", 1, side="identify")
    assert why(desk) == {"split"}
    desk.identify(resolved())
    assert why(desk) == {"asserted"}


def test_r09_the_verdicts_that_an_association_stands_on_are_named(desk: Desk) -> None:
    found = resolved()
    found["mentions"][0]["verdicts"] = ["v-1", "v-2"]
    found["mentions"][1]["verdicts"] = ["v-2", "v-3"]
    desk.identify(found)
    assert desk.update(CO_ARRESTED)["association"]["verdicts"] == ["v-1", "v-2", "v-3"]
    assert desk.board[IDENTITIES][f"{record_key()}.p1"]["verdicts"] == ["v-1", "v-2"]


def test_numbers_have_no_gap_when_a_tick_came_between(desk: Desk) -> None:
    desk.tick(LATE)
    assert desk.update(CO_ARRESTED)["sequence"] == 2
    desk.at = LATE
    desk.intake(arrest(2, reviewed_at=[LATE], published_at=LATE))
    desk.identify(resolved(2))
    update = desk.update(CO_ARRESTED)
    assert (update["sequence"], update["status"]) == (3, "asserted")


def test_what_is_said_again_is_no_news(desk: Desk) -> None:
    assert desk.intake(arrest()).outputs == ()
    assert desk.identify(resolved()).outputs == ()
