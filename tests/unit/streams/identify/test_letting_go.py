"""Memory is bounded by age, and no message waits until it is free."""

from __future__ import annotations

from streams.identify.deciding import _MOST_LET_GO, Deciding
from streams.identify.remains import Remains
from streams.identify.testing import Desk, mention, pair, record_key

ALONE = range(1, 3 * _MOST_LET_GO + 1)


def known_to(desk: Desk) -> Deciding:
    found: Deciding = desk.machine._deciding
    return found


def held_by(desk: Desk) -> list[str]:
    """Give the records that are held, those that go first at first."""
    return list(known_to(desk).held._loaded)


def test_no_more_is_held_than_there_is_room_for() -> None:
    desk = Desk()
    desk.machine._most_loaded = 10

    for number in ALONE:
        desk.evidence(number)
        assert len(held_by(desk)) <= 10 + 1, "and the record of the message"


def test_a_message_lets_go_of_a_few_only() -> None:
    desk = Desk()
    for number in ALONE:
        desk.evidence(number)
    desk.machine._most_loaded = 0
    left = len(ALONE)

    while left > _MOST_LET_GO:
        desk.default(f"phone:{left:011}")
        assert len(held_by(desk)) == left - _MOST_LET_GO
        left = len(held_by(desk))


def test_who_was_asked_for_longest_ago_goes_first_and_a_group_is_asked_for_together() -> None:
    desk = Desk()
    desk.evidence(1)
    desk.evidence(2, pairs=[pair(mention(1))])
    for number in (3, 4, 5):
        desk.evidence(number)
    desk.evidence(6, pairs=[pair(mention(2))])
    desk.machine._most_loaded = 3

    desk.evidence(7)

    assert set(held_by(desk)) == {record_key(number) for number in (1, 2, 6, 7)}


def test_an_entity_is_formed_again_when_a_part_of_it_was_let_go() -> None:
    desk = Desk()
    desk.evidence(1)
    desk.evidence(2, pairs=[pair(mention(1))])
    for most in (1, 0):
        desk.machine._most_loaded = most
        number = 4 - most

        desk.evidence(number, pairs=[pair(mention(1))])

        assert desk.together((1, number)), f"with {most} held"
        assert desk.together((1, 2))


def test_what_was_taken_back_is_forgotten_at_once_and_freed_by_and_by() -> None:
    desk = Desk()
    for number in ALONE:
        desk.evidence(number)
    known = known_to(desk)

    known.forget()
    left = len(known._remains)

    assert held_by(desk) == []
    assert left >= len(ALONE)
    assert known.identified(record_key(1)).mentions, "it is found again"


def test_remains_are_freed_so_many_at_a_time() -> None:
    remains = Remains()
    remains.take({1: "a", 2: "b", 3: "c"}, {}, {4: "d"})

    left = []
    while len(remains):
        remains.free(2)
        left.append(len(remains))

    assert left == [2, 0]
