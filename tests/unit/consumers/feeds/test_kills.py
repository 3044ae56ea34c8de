"""F5, F8: a feed that is killed at any step, over and over, and comes back with what its disk has.

Besides what `test_worlds` asks of every life: no message leaves before its entry is in the audit
(R-39, O4), and none that arrives goes back behind what came before (O6).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from consumers.crashpoints import NAMES
from consumers.feeds.channels.interface import Outcome, Parcel
from consumers.feeds.saying import Said
from consumers.sink import Change
from recordbus import crashpoints
from recordbus.audit import Entry, Receipt
from recordbus.audit.crash import NAMES as AUDIT_NAMES
from recordbus.audit.files import OsFiles
from recordbus.audit.openings import Sealer
from recordbus.audit.store import Store
from recordbus.crashpoints import crashpoint
from recordbus.testing.audit import entries_in
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.bus import Bus, Partner
from tests.unit.consumers.feeds.test_worlds import Feed

TAKEN: Final = "partner.took"
"""Not a step of ours: the subscriber has a parcel, and the next one is on its way."""
STEPS: Final = (*(name for name in NAMES if name.startswith("feeds.")), TAKEN)
IN_THE_AUDIT: Final = tuple(
    name for name in AUDIT_NAMES if name != "audit.openings_durable"
)  # nothing that an agency is told of is in an opening


class Killed(BaseException):
    """Stands for kill -9: nothing of the process goes on after it."""


class Death:
    """Ends the process at the n-th visit of a step from now on, once."""

    def __init__(self) -> None:
        self.step, self.visits = "", 0
        self.struck: Counter[str] = Counter()
        crashpoints.arm(self.visit)

    def visit(self, step: str) -> None:
        """Take a step."""
        if step == self.step:
            self.visits -= 1
            if self.visits == 0:
                self.step = ""
                self.struck[step] += 1
                raise Killed


class FastDisk(OsFiles):
    """Files that need not outlive the machine: here only the process dies."""

    def sync(self, handle: int) -> None:
        """Wait for nothing."""

    def sync_directory(self, directory: Path) -> None:
        """Wait for nothing."""


class DiskAudit:
    """The audit's own store, written by whoever appends."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.open()

    def open(self) -> None:
        """Begin with what is on the disk."""
        self._store = Store(self.directory, Sealer(b"k" * 32), files=FastDisk())

    def restart(self) -> None:
        """End as a killed process does, and begin anew."""
        self._store.close()
        self.open()

    def append_all(self, entries: Sequence[Entry]) -> list[Receipt]:
        """Keep entries for good."""
        return self._store.commit(entries, 2.0)

    def append(self, entry: Entry) -> Receipt:
        """Keep an entry for good."""
        return self.append_all([entry])[0]

    async def append_async(self, entry: Entry) -> Receipt:
        """Keep an entry for good."""
        return self.append(entry)

    def close(self) -> None:
        """Let the files go."""
        self._store.close()


class Witness(Partner):
    """A partner that sees whether each attempt was in the audit first, and what came in order."""

    def __init__(self, audit: DiskAudit) -> None:
        super().__init__()
        self.attempts: Counter[str] = Counter()
        self._audit = audit
        self._newest: dict[str, int] = {}

    def deliver(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Take parcels in one by one."""
        entered = sendings(self._audit)
        outcomes = []
        for parcel in parcels:
            self.attempts[parcel.record_key] += 1
            assert self.attempts[parcel.record_key] <= entered[parcel.record_key], "no entry"
            outcomes += super().deliver([parcel])
            crashpoint(TAKEN)
        return outcomes

    def _take(self, delivery_id: str, envelope: dict[str, Any]) -> None:
        super()._take(delivery_id, envelope)
        version = (envelope["data"]["content"] or {}).get("version", 0)
        if version:
            newest = self._newest.get(envelope["subject"], 0)
            assert version >= newest, "an older version came after a newer one"
            self._newest[envelope["subject"]] = version


class MortalBus(Bus):
    """A bus whose process dies where it is told to; whoever watches over it starts it again."""

    def __init__(self, path: Path) -> None:
        self.death = Death()
        self.real_audit = DiskAudit(path.parent / "audit")
        super().__init__(path)
        self.partner = Witness(self.real_audit)

    def start(self) -> None:
        """Begin, with the audit on the disk in the place of that in memory."""
        self.audit = self.real_audit  # type: ignore[assignment]
        super().start()

    def restart(self) -> None:
        """End as a killed process does, and begin anew."""
        self.real_audit.restart()
        super().restart()

    def apply(self, changes: Sequence[Change[Said]]) -> None:
        """Take changes in; once more, when the process died before they were stored."""
        while not self._survived(lambda: super(MortalBus, self).apply(changes)):
            if self.ledger.positions().get(("records.v1", 0), 0) >= self._offset:
                return

    def settle(self, rounds: int = 1) -> bool:
        """Let the dispatcher work, until it dies."""
        found: list[bool] = []
        self._survived(lambda: found.append(super(MortalBus, self).settle(rounds)))
        return bool(found) and found[0]

    def work(self) -> None:
        """Let what was handed over late arrive, until the process dies."""
        self._survived(super().work)

    def rest(self) -> None:
        """Let the dispatcher work until nothing is due, however often it dies."""
        while not self._survived(super().rest):
            pass

    def _survived(self, work: Callable[[], Any]) -> bool:
        try:
            work()
        except Killed:
            self.restart()
            return False
        return True


def sendings(audit: DiskAudit) -> Counter[str]:
    """Count the entries of each record that say that it is about to leave."""
    return Counter(
        key.partition("@")[0]
        for each in entries_in(audit.directory)
        if each["outcome"] == "sending"
        for key in each["records"]
    )


class MortalFeed(Feed):
    """Random lives with deaths in them."""

    bus: MortalBus

    def make(self, path: Path) -> Bus:
        """Give the bus of this life."""
        return MortalBus(path)

    @rule(step=st.sampled_from([*STEPS, *IN_THE_AUDIT]), visits=st.integers(1, 3))
    def will_die(self, step: str, visits: int) -> None:
        self.bus.death.step, self.bus.death.visits = step, visits

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            crashpoints.arm(None)
            self.bus.real_audit.close()


MortalFeed.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestMortalFeed = MortalFeed.TestCase


@pytest.mark.parametrize("step", [*STEPS, *IN_THE_AUDIT])
@pytest.mark.parametrize("visit", [1, 2])
def test_killed_at_each_step_the_copy_ends_right(tmp_path: Path, step: str, visit: int) -> None:
    """What came twice has one id and one content, and each of two attempts an entry of its own."""
    bus = MortalBus(tmp_path / "feeds.sqlite")
    try:
        bus.subscribe(made.subscription())
        bus.death.step, bus.death.visits = step, visit
        bus.say(made.record(1, 1, "first"), made.association(1, 1), made.record(2, 1, "kept"))
        bus.settle(2)
        bus.say(made.record(1, 2, "second"), made.record(2, 2, status="expunged"))
        bus.rest()
        assert bus.death.struck[step] == 1, "the step was never reached"
        kinds = Counter(subject.partition("/")[0] for subject in bus.partner.copy)
        assert kinds == {"record": 1, "association": 1}
        assert bus.partner.copy[f"record/{made.record_key(1)}"]["body"]["narrative"] == "second"
        said = {(each["id"], json.dumps(each["data"])) for each in bus.partner.received}
        assert len(said) == len({delivery_id for delivery_id, _ in said})
    finally:
        crashpoints.arm(None)
        bus.ledger.close()
        bus.real_audit.close()
