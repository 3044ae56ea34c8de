"""Every channel keeps the promises that the dispatcher relies on, whatever is at its other end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from consumers.feeds.channels.interface import DELIVERED, Outcome, Parcel, Result
from consumers.feeds.channels.poll import Poll
from consumers.feeds.making import KINDS
from tests.unit.consumers.feeds.channels.contract import (
    SIDES,
    Side,
    bodies,
    opened,
    parcel,
    told,
)

_CODE = re.compile(r"[a-z0-9_]{1,60}")


@pytest.fixture(params=opened())
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def side(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Side]:
    side = SIDES[kind].side(tmp_path, request)
    yield side
    side.channel.close()
    side.close()


def sequences(arrived: list[bytes]) -> dict[str, list[int]]:
    """Give the numbers of each subject's messages in the order they came in."""
    found: dict[str, list[int]] = {}
    for each in map(json.loads, arrived):
        found.setdefault(each["subject"], []).append(each["data"]["sequence"])
    return found


def test_every_kind_of_channel_is_held_to_this() -> None:
    """But one that takes nothing: its subscriber fetches, and has tests of its own."""
    assert SIDES.keys() == KINDS.keys() - {Poll.kind}


def test_it_says_what_it_is_and_how_much_it_takes_at_once(kind: str, side: Side) -> None:
    assert side.channel.kind == kind
    assert side.channel.most_parcels >= 1


def test_what_is_called_delivered_is_durable_at_the_other_end(side: Side) -> None:
    parcels = [parcel(1), parcel(2, 1, 2), parcel(3)]
    assert side.channel.deliver(parcels) == [DELIVERED] * 3
    assert sorted(side.arrived()) == sorted(bodies(parcels))


def test_the_messages_of_a_record_come_in_their_order(side: Side) -> None:
    """Within a parcel, and also where one load has two parcels of one record."""
    last = Parcel("metro-1", parcel(1).record_key, (told(1, 4), told(1, 5)))
    load = [parcel(1, 1, 2), parcel(2), parcel(3, 1, 2, 3), parcel(1, 3), parcel(4), last]
    assert side.channel.deliver(load) == [DELIVERED] * 6
    found = sequences(side.arrived())
    assert len(found) == 4
    assert all(numbers == sorted(numbers) for numbers in found.values())
    assert found[told(1, 1).message.subject] == [1, 2, 3, 4, 5]


def test_a_parcel_that_comes_again_has_the_same_ids_and_bytes(side: Side) -> None:
    for _ in range(2):
        assert side.channel.deliver([parcel(1, 1, 2)]) == [DELIVERED]
    arrived = side.arrived()
    assert set(arrived) == set(bodies([parcel(1, 1, 2)]))
    assert {json.loads(each)["id"] for each in arrived} == {
        each.delivery_id for each in parcel(1, 1, 2).deliveries
    }


def test_trouble_is_an_outcome_for_each_parcel_and_never_raised(side: Side) -> None:
    parcels = [parcel(1), parcel(2, 1, 2), parcel(3)]
    side.go_away()
    outcomes = side.channel.deliver(parcels)
    assert len(outcomes) == len(parcels)
    for outcome in outcomes:
        assert isinstance(outcome, Outcome)
        assert outcome.result is not Result.DELIVERED
        assert _CODE.fullmatch(outcome.code), "a code for people and metrics, and no content"
        assert outcome.wait_seconds is None or outcome.wait_seconds >= 0


def test_what_was_not_delivered_is_delivered_once_the_other_end_is_back(side: Side) -> None:
    parcels = [parcel(1), parcel(2)]
    assert side.channel.deliver(parcels[:1]) == [DELIVERED]
    side.go_away()
    assert DELIVERED not in side.channel.deliver(parcels[1:])
    side.come_back()
    assert side.channel.deliver(parcels[1:]) == [DELIVERED]
    assert set(side.arrived()) == set(bodies(parcels))


def test_a_large_message_arrives_whole(side: Side) -> None:
    large = parcel(1, narrative="ü" * 400_000)
    assert side.channel.deliver([large]) == [DELIVERED]
    assert side.arrived() == bodies([large])


def test_a_load_of_its_own_size_is_delivered_and_none_is_no_load(side: Side) -> None:
    load = [parcel(number) for number in range(min(side.channel.most_parcels, 40))]
    assert side.channel.deliver(load) == [DELIVERED] * len(load)
    assert sorted(side.arrived()) == sorted(bodies(load))
    assert side.channel.deliver([]) == []


def test_it_can_be_closed_twice_also_before_it_was_used(side: Side) -> None:
    side.channel.close()
    side.channel.close()


def test_it_can_be_closed_twice_after_it_was_used(side: Side) -> None:
    side.channel.deliver([parcel(1)])
    side.channel.close()
    side.channel.close()
    assert side.arrived() == bodies([parcel(1)])
