"""F5: whoever is killed between sending and noting it sends the same again, under the same id."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consumers.feeds.registering import Registrar
from consumers.feeds.sink import REVIEW_SECONDS
from recordbus import crashpoints, metrics
from recordbus.testing.ids import SequenceIds
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.bus import Bus
from tests.unit.consumers.feeds.channels.made_channel import channel_of, settings_in
from tests.unit.consumers.feeds.channels.webhook.keyed import give_key
from tests.unit.consumers.feeds.channels.webhook.scripted import Answer, Endpoint, running, says


class Killed(BaseException):
    """Stands for the end of the process at a crash point."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with running() as endpoint:
        yield endpoint


@pytest.fixture
def bus(tmp_path: Path, endpoint: Endpoint) -> Iterator[Bus]:
    """Give a bus whose only partner is that endpoint."""
    settings = settings_in(tmp_path, allow_loopback=True)
    give_key(settings)
    bus = Bus(tmp_path / "feeds.sqlite")
    options = {"url": endpoint.url, "connections": 1}
    partner: Any = channel_of("webhook", options, bus.clock, settings)
    bus.partner = partner
    bus.subscribe(made.subscription())
    yield bus
    crashpoints.arm(None)
    partner.close()
    bus.ledger.close()


def kill_at(name: str) -> None:
    """End what visits a crash point, once."""

    def visit(visited: str) -> None:
        if visited == name:
            crashpoints.arm(None)
            raise Killed

    crashpoints.arm(visit)


@pytest.mark.parametrize(
    ("point", "times"),
    [("feeds.attempted", 1), ("feeds.audited", 1), ("webhook.answered", 2), ("feeds.confirmed", 1)],
)
def test_f5_what_may_have_arrived_comes_again_as_it_was_and_nothing_is_missing(
    bus: Bus, endpoint: Endpoint, point: str, times: int
) -> None:
    bus.say(made.record(1, 1, "told"))
    bus.clock.advance(2 * REVIEW_SECONDS)
    kill_at(point)
    with pytest.raises(Killed):
        bus.settle(5)
    bus.restart()
    bus.rest()
    assert len(endpoint.received) == times
    assert len({each.headers["webhook-id"] for each in endpoint.received}) == 1
    assert len(set(endpoint.bodies)) == 1


def test_f5_what_is_expunged_before_it_could_come_again_is_taken_back_instead(
    bus: Bus, endpoint: Endpoint
) -> None:
    bus.say(made.record(1, 1, "told"))
    bus.clock.advance(2 * REVIEW_SECONDS)
    kill_at("webhook.answered")
    with pytest.raises(Killed):
        bus.settle(5)
    bus.restart()
    bus.say(made.record(1, 2, status="expunged"))
    bus.rest()
    assert [b'"retracted"' in each for each in endpoint.bodies] == [False, True]


def test_f15_who_was_away_for_three_days_gets_all_of_it_and_each_record_once(
    bus: Bus, endpoint: Endpoint
) -> None:
    endpoint.otherwise = says(503)
    for number in range(30):
        bus.say(made.record(number, 1, "told"))
    for _ in range(3 * 24 * 12):
        bus.clock.advance(300)
        bus.settle(2)
    assert len(endpoint.received) < 20, "a subscriber that is away is not hammered"
    before = len(endpoint.received)
    endpoint.otherwise = says(204)
    bus.rest()
    told = [each.headers["webhook-id"] for each in endpoint.received[before:]]
    assert len(told) == len(set(told)) == 30


def test_who_fails_at_everything_is_left_alone_longer_and_longer(
    bus: Bus, endpoint: Endpoint
) -> None:
    """500 may be one message's fault, but not all of them: the schedule goes on over days."""
    endpoint.otherwise = says(500)
    for number in range(30):
        bus.say(made.record(number, 1, "told"))
    for _ in range(24 * 12):
        bus.clock.advance(300)
        bus.settle(3)
    first_day = len(endpoint.received)
    for _ in range(24 * 12):
        bus.clock.advance(300)
        bus.settle(3)
    assert first_day < 40
    assert len(endpoint.received) - first_day < 10


def test_one_message_that_breaks_its_receiver_holds_up_no_other_for_long(
    bus: Bus, endpoint: Endpoint
) -> None:
    """Also when it is the first to be tried after the receiver was away."""
    endpoint.otherwise = says(500)
    for number in range(8):
        bus.say(made.record(number, 1, "told"))
    for _ in range(30):
        bus.clock.advance(300)
        bus.settle(3)
    endpoint.otherwise = breaks_at(made.record_key(0), endpoint, otherwise=says(204))
    before = len(endpoint.received)
    for _ in range(24 * 12 * 2):
        bus.clock.advance(300)
        bus.settle(3)
    told = {each.headers["webhook-id"] for each in endpoint.received[before:]}
    assert len(told) == 8
    assert bus.ledger.due.count("metro-1") == 1, "what was never taken in is still owed"


def breaks_at(record_key: str, endpoint: Endpoint, otherwise: Answer) -> Answer:
    """Answer 500 to what tells of one record, and otherwise as given."""

    def answer(link: socket.socket, ended: threading.Event) -> None:
        body = endpoint.received[-1].body
        (says(500) if record_key.encode() in body else otherwise)(link, ended)

    return answer


def test_row_80_an_endpoint_that_is_gone_is_shown_and_goes_on_where_it_stood(
    bus: Bus, endpoint: Endpoint
) -> None:
    endpoint.otherwise = says(410)
    bus.say(made.record(1, 1, "told"))
    bus.settle(3)
    bus.clock.advance(30 * 86_400)
    bus.settle(3)
    assert len(endpoint.received) == 1
    shown = metrics.FEED_SUSPENDED_SUBSCRIPTIONS.labels(reason="endpoint_gone")
    assert shown._value.get() == 1
    endpoint.otherwise = says(204)
    Registrar(bus.ledger, bus.policies, bus.audit, bus.clock, SequenceIds()).resume("metro-1")
    bus.rest()
    assert shown._value.get() == 0
    assert len(endpoint.received) == 2
    assert bus.ledger.due.count("metro-1") == 0
