"""Nothing is registered that may not be had, and every act is in the audit first (R-28, R-29)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.making import Channels
from consumers.feeds.reading import read_subscription
from consumers.feeds.registering import Registrar
from consumers.feeds.subscription import State, Subscription
from recordbus.audit import Outcome
from recordbus.errors import Misconfigured, Refused, Retryable
from recordbus.settings import Settings
from recordbus.testing.clock import ManualClock
from recordbus.testing.ids import SequenceIds
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.bus import Bus

FILE = """\
subscription_id: metro-1
agency: metro-task-force
agency_ori: MA0130000
requester: det. Alvarez
purpose: criminal_investigation
case_number: 2026-00117
selector:
  record_kinds: [arrest]
  bases: [arrest, conviction]
channel:
  kind: file_drop
  folder: {folder}
start: 2026-01-01T00:00:00Z
end: 2026-06-30T00:00:00Z
"""


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    bus = Bus(tmp_path / "feeds.sqlite")
    yield bus
    bus.ledger.close()


def registrar(bus: Bus) -> Registrar:
    return Registrar(bus.ledger, bus.policies, bus.audit, bus.clock, SequenceIds())


def test_a_subscription_is_registered_and_begins(bus: Bus) -> None:
    registrar(bus).subscribe(made.subscription())
    bus.say(made.record(1, 1))
    bus.rest()
    (found,) = registrar(bus).overview()
    assert (found.state, found.subjects_held, found.records_due) == (State.ACTIVE, 1, 0)
    assert bus.audit.entries[0].command == "feeds.subscribe"


@pytest.mark.parametrize("purpose", ["missing_person", "immigration_enforcement", "employment"])
def test_a_purpose_that_no_agreement_names_is_refused_with_the_rules(
    bus: Bus, purpose: str
) -> None:
    with pytest.raises(Refused, match=purpose):
        registrar(bus).subscribe(made.subscription(purpose=purpose))
    assert registrar(bus).overview() == []
    (entry,) = bus.audit.entries
    assert entry.outcome is Outcome.REFUSED
    assert entry.reasons


@pytest.mark.parametrize("claimed", ["federal-bureau", made.OWNER])
def test_nobody_subscribes_in_another_s_name(bus: Bus, claimed: str) -> None:
    """R-30: a claim to ask for the owner, who may have everything, opens nothing."""
    with pytest.raises(Refused, match=claimed):
        registrar(bus).subscribe(made.subscription(on_behalf_of=claimed))
    assert registrar(bus).overview() == []
    assert bus.audit.entries[0].outcome is Outcome.REFUSED


def test_an_id_is_taken_once_and_nothing_happens_without_the_audit(bus: Bus) -> None:
    registrar(bus).subscribe(made.subscription())
    with pytest.raises(Misconfigured, match="already"):
        registrar(bus).subscribe(made.subscription())
    bus.audit.failure = Retryable("the audit is away")
    with pytest.raises(Retryable):
        registrar(bus).stop("metro-1")
    (found,) = registrar(bus).overview()
    assert found.state is State.ACTIVE


def test_a_stop_takes_back_what_is_held_and_is_for_good(bus: Bus) -> None:
    registrar(bus).subscribe(made.subscription())
    bus.say(made.record(1, 1))
    bus.rest()
    registrar(bus).stop("metro-1")
    bus.rest()
    assert bus.partner.copy == {}
    with pytest.raises(Misconfigured, match="ended"):
        registrar(bus).confirm("metro-1")


def test_a_confirmation_moves_the_day_on_which_it_falls_due(bus: Bus) -> None:
    registrar(bus).subscribe(made.subscription(revalidate_days=30, grace_days=5))
    bus.clock.advance(31 * 86_400)
    (due,) = registrar(bus).overview()
    registrar(bus).confirm("metro-1")
    (confirmed,) = registrar(bus).overview()
    assert (due.state, confirmed.state) == (State.DUE, State.ACTIVE)


def test_registering_late_counts_as_a_confirmation(bus: Bus) -> None:
    bus.clock.advance(200 * 86_400)
    registrar(bus).subscribe(made.subscription(revalidate_days=30, grace_days=5))
    (found,) = registrar(bus).overview()
    assert found.state is State.ACTIVE


def test_an_endpoint_that_was_gone_goes_on_where_it_stood(bus: Bus) -> None:
    registrar(bus).subscribe(made.subscription())
    bus.partner.mood = "gone"
    bus.say(made.record(1, 1))
    bus.settle(2)
    (gone,) = registrar(bus).overview()
    assert (gone.state, gone.suspended_for) == (State.PAUSED, "endpoint_gone")
    bus.partner.mood = "well"
    registrar(bus).resume("metro-1")
    bus.rest()
    assert len(bus.partner.copy) == 1


def test_a_receipt_of_something_unknown_changes_nothing(bus: Bus) -> None:
    registrar(bus).subscribe(made.subscription())
    assert not registrar(bus).receipt("metro-1", "dlv_0")
    with pytest.raises(Misconfigured, match="no subscription"):
        registrar(bus).receipt("metro-2", "dlv_0")


def test_a_file_becomes_a_subscription(tmp_path: Path) -> None:
    path = tmp_path / "metro-1.yaml"
    path.write_text(FILE.format(folder=tmp_path))
    found = read_subscription(path, Settings(), ManualClock())
    assert isinstance(found, Subscription)
    assert found.selector.bases == ("arrest", "conviction")
    assert Channels(Surroundings(ManualClock(), Settings())).of(found).kind == "file_drop"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("purpose: criminal_investigation", "purpose: hunch", "R-29"),
        ("end: 2026-06-30", "end: 2028-06-30", "R-36"),
        ("kind: file_drop", "kind: pigeon", "no channel"),
        ("  folder: {folder}\n", "", "folder"),
        ("requester: det. Alvarez\n", "", "requester"),
        ("agency: metro-task-force", "agency: metro-task-force\nagency: other", ":3:1:"),
        ("case_number: 2026-00117", "case: 2026-00117", "case"),
    ],
)
def test_a_file_with_a_fault_says_where(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "metro-1.yaml"
    assert old in FILE
    path.write_text(FILE.replace(old, new).format(folder=tmp_path))
    with pytest.raises(Misconfigured, match=says):
        read_subscription(path, Settings(), ManualClock())


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be read"):
        read_subscription(tmp_path / "nothing.yaml", Settings(), ManualClock())
