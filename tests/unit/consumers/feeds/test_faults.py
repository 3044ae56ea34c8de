"""A channel that is no good stops its own subscription, says so, and harms no other one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest
from structlog.testing import capture_logs

from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.faults import UNUSABLE
from consumers.feeds.ledger.register import UNREADABLE, Registered
from consumers.feeds.making import Channels
from consumers.feeds.registering import Overview, Registrar
from consumers.feeds.subscription import State
from recordbus import metrics
from recordbus.errors import Misconfigured
from recordbus.settings import Settings
from recordbus.testing.clock import ManualClock
from recordbus.testing.ids import SequenceIds
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.bus import Bus
from tests.unit.consumers.feeds.channels.made_channel import settings_in
from tests.unit.consumers.feeds.channels.webhook.keyed import give_key

BAD, WELL = "metro-0", "metro-1"
WEBHOOK = {"kind": "webhook", "url": "https://hooks.metro-task-force.org/in"}


class MixedBus(Bus):
    """A bus whose channels are made as the worker makes them, but for one kind in memory.

    While `is_broken`, a part that the memory channel of the first subscription needs is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.settings: Settings = settings_in(folder)
        self.channels = Channels(Surroundings(ManualClock(), self.settings))
        self.is_broken = False
        super().__init__(folder / "feeds.sqlite")

    def _channel(self, registered: Registered) -> Any:
        subscription = registered.subscription
        if subscription.channel.kind != "memory":
            return self.channels.of(subscription)
        if self.is_broken and subscription.subscription_id == BAD:
            raise Misconfigured("a part is missing", hint="install it")
        return super()._channel(registered)

    def registrar(self) -> Registrar:
        """Give what looks after the subscriptions."""
        return Registrar(self.ledger, self.policies, self.audit, self.clock, SequenceIds())

    def seen(self, subscription_id: str = BAD) -> Overview:
        """Give a subscription as people see it."""
        return self.registrar().view(subscription_id)

    def pass_seconds(self, seconds: float = 2) -> None:
        """Let time pass and the worker work."""
        self.clock.advance(seconds)
        self.settle(5)


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[MixedBus]:
    bus = MixedBus(tmp_path)
    yield bus
    bus.channels.close()
    bus.ledger.close()


def faults(channel: str, code: str) -> float:
    name = "recordbus_feed_channel_faults_total"
    return metrics.sample(name, channel=channel, code=code) or 0


def both(bus: MixedBus, channel: dict[str, Any], **fields: Any) -> list[Any]:
    """Register a subscription with this channel before a good one; give what the log then says."""
    bus.subscribe(made.subscription(BAD, channel=channel, **fields))
    bus.subscribe(made.subscription(WELL))
    bus.say(made.record(1, 1, "told"))
    with capture_logs() as lines:
        for _ in range(3):
            bus.pass_seconds()
    return [each for each in lines if each.get("subscription") == BAD]


@pytest.mark.parametrize(
    ("channel", "says"),
    [
        ({"kind": "pigeon"}, "no channel"),
        ({"kind": "file_drop"}, "channel.folder"),
        ({"kind": "file_drop", "folder": "/drop", "colour": "red"}, "channel.colour"),
        ({"kind": "webhook", "url": ""}, "channel.url"),
        ({"kind": "webhook", "url": "https://a.org/", "certificates_sha256": ["ab"]}, "sha256"),
        ({"kind": "sftp_drop", "host": "h", "user": "u", "known_hosts": "k"}, "key_file"),
        ({"kind": "topic", "most_records": 0}, "most_records"),
    ],
    ids=str,
)
def test_a_channel_that_cannot_be_made_stops_only_its_own_subscription(
    bus: MixedBus, channel: dict[str, Any], says: str
) -> None:
    before = faults(channel["kind"], UNUSABLE)
    (line,) = both(bus, channel)

    assert len(bus.partner.copy) == 1, "the other one was told"
    assert (line["log_level"], line["reason"]) == ("error", "channel_unusable")
    assert "recordbus feeds resume" in line["event"]
    assert says in str(line["exc_info"])
    assert faults(channel["kind"], UNUSABLE) == before + 1
    found = bus.seen()
    assert (found.state, found.suspended_for) == (State.PAUSED, UNUSABLE)
    assert found.records_due == 1, "nothing is forgotten"
    gauge = metrics.sample("recordbus_feed_suspended_subscriptions", reason=UNUSABLE)
    assert gauge == 1


def test_an_ori_that_names_no_file_stops_only_its_own_subscription(
    bus: MixedBus, tmp_path: Path
) -> None:
    both(bus, {"kind": "file_drop", "folder": str(tmp_path / "drop")}, agency_ori="MA/../1")
    assert bus.seen().suspended_for == UNUSABLE
    assert len(bus.partner.copy) == 1


def test_an_address_that_is_no_longer_allowed_stops_only_its_own_subscription(
    bus: MixedBus,
) -> None:
    give_key(bus.settings, subscription_id=BAD)
    before = faults("webhook", "address_refused")
    (line,) = both(bus, WEBHOOK | {"url": "https://10.0.0.7/in"})

    assert (line["log_level"], line["reason"]) == ("error", "address_refused")
    assert faults("webhook", "address_refused") == before + 1
    assert (bus.seen().failures, bus.seen(WELL).failures) == (1, 0)
    assert len(bus.partner.copy) == 1


@pytest.mark.parametrize("how", ["open to others", "of something else", "no folder"])
def test_a_key_that_cannot_be_read_stops_only_its_own_subscription(bus: MixedBus, how: str) -> None:
    spoil(bus.settings.webhook_keys_path() / BAD, how, bus.settings)
    before = faults("webhook", "key_unreadable")
    (line,) = both(bus, WEBHOOK)

    assert (line["log_level"], line["reason"]) == ("error", "key_unreadable")
    assert faults("webhook", "key_unreadable") == before + 1
    assert bus.ledger.diary.attempts(BAD, 1)[0].code == "key_unreadable"
    assert len(bus.partner.copy) == 1


def spoil(folder: Path, how: str, settings: Settings) -> None:
    """Let the keys of the subscription be of no use."""
    if how == "no folder":
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.write_text("a file")
        return
    give_key(settings, subscription_id=BAD)
    path = next(folder.glob("*.key"))
    if how == "open to others":
        path.chmod(0o644)
    else:
        path.write_text("no key")


def test_it_goes_on_with_all_that_is_due_once_it_is_resumed(bus: MixedBus) -> None:
    bus.is_broken = True
    both(bus, {"kind": "memory"})
    bus.say(made.record(2, 1, "told later"))
    bus.pass_seconds(30 * 86_400)
    assert {each["data"]["subscription_id"] for each in bus.partner.received} == {WELL}
    bus.is_broken = False
    bus.pass_seconds(30 * 86_400)
    assert bus.seen().records_due == 2, "it waits for somebody to look"
    bus.registrar().resume(BAD)
    bus.rest()
    told = [each["data"]["subscription_id"] for each in bus.partner.received]
    assert (told.count(BAD), bus.seen().state) == (2, State.ACTIVE)


def test_a_restart_does_not_try_it_again_and_ends_nothing(bus: MixedBus) -> None:
    bus.is_broken = True
    both(bus, {"kind": "memory"})
    bus.restart()
    with capture_logs() as lines:
        bus.pass_seconds()
    assert [each for each in lines if each.get("subscription") == BAD] == []
    assert bus.seen().suspended_for == UNUSABLE


def test_what_is_held_is_taken_back_after_the_end_once_the_channel_is_mended(
    bus: MixedBus,
) -> None:
    """R-24: a subscription that ended while its channel was unusable is still told to delete."""
    bus.subscribe(made.subscription(BAD))
    bus.say(made.record(1, 1, "told"))
    bus.rest()
    bus.is_broken = True
    bus.registrar().stop(BAD)
    bus.pass_seconds()
    assert (bus.seen().state, bus.seen().suspended_for) == (State.ENDED, UNUSABLE)
    assert bus.partner.copy
    bus.is_broken = False
    bus.registrar().resume(BAD)
    bus.rest()
    assert bus.partner.copy == {}


# ---------------------------------------------------------------- what cannot be read
def spoil_row(bus: MixedBus, column: str, value: str) -> str:
    """Let another program write this into the subscription's row; gives what stood there."""
    with closing(apsw.Connection(str(bus.ledger.path))) as other:
        was = other.execute(
            f"SELECT {column} FROM subscription WHERE subscription_id = ?", (BAD,)
        ).get
        other.execute(
            f"UPDATE subscription SET {column} = ? WHERE subscription_id = ?", (value, BAD)
        )
    return str(was)


def told_to(bus: MixedBus, subscription_id: str) -> int:
    return [each["data"]["subscription_id"] for each in bus.partner.received].count(subscription_id)


@pytest.mark.parametrize(
    ("column", "value"),
    [("content", "{}"), ("content", "no JSON"), ("standing", "[]"), ("watching", "{")],
)
def test_a_subscription_that_cannot_be_read_stops_nobody_else_and_misses_nothing(
    bus: MixedBus, column: str, value: str
) -> None:
    bus.subscribe(made.subscription(BAD))
    bus.subscribe(made.subscription(WELL))
    bus.say(made.record(1, 1, "told to both"))
    bus.rest()
    before = told_to(bus, BAD)

    was = spoil_row(bus, column, value)
    with capture_logs() as lines:
        bus.say(made.record(1, 2, status="withdrawn"))
        bus.say(made.record(2, 1, "told to one"))
        bus.rest()
        bus.pass_seconds()

    (line,) = [each for each in lines if each.get("subscription") == BAD]
    assert (line["log_level"], line["reason"]) == ("error", UNREADABLE)
    assert told_to(bus, BAD) == before
    assert len(bus.partner.copy) > 0, "the other one was told"
    gauge = metrics.sample("recordbus_feed_suspended_subscriptions", reason=UNREADABLE)
    assert gauge == 1
    assert [each.subscription.subscription_id for each in bus.registrar().overview()] == [WELL]
    assert bus.registrar().unreadable() == [BAD]
    with pytest.raises(Misconfigured, match="cannot read"):
        bus.registrar().stop(BAD)
    with pytest.raises(Misconfigured, match="already"):
        bus.registrar().subscribe(made.subscription(BAD))

    spoil_row(bus, column, was)
    bus.pass_seconds()
    bus.rest()
    last = {
        each["subject"]: each["data"]["status"]
        for each in bus.partner.received
        if each["data"]["subscription_id"] == BAD
    }
    assert sorted(last.values()) == ["asserted", "retracted"], "what it missed is made good"
    assert metrics.sample("recordbus_feed_suspended_subscriptions", reason=UNREADABLE) == 0


def test_what_is_on_its_way_when_it_becomes_unreadable_stays_possibly_held(bus: MixedBus) -> None:
    bus.subscribe(made.subscription(BAD))
    bus.say(made.record(1, 1, "told"))
    bus.clock.advance(2)
    bus.sink.settle()
    was = spoil_row(bus, "content", "{}")
    bus.settle(5)
    spoil_row(bus, "content", was)
    bus.rest()
    assert (bus.seen().subjects_held, bus.seen().records_due) == (1, 0)
