"""Random lives of a feed: whatever happened, the copy ends as what the partner may have (R-32).

What it may have is worked out here from the values and the agreement's own text, without any code
of feeds or policy.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.bus import Bus

NUMBERS = st.integers(1, 3)
BASES = st.sampled_from(["arrest", "conviction"])
RULES = {
    "full": made.FULL, "masked": made.MASKED, "pointer": made.POINTER,
    "convictions": made.CONVICTIONS, "nothing": made.NOTHING,
}  # fmt: skip
_NUMBERING = ("version", "sequence", "source_seq", "status")


class Feed(RuleBasedStateMachine):
    """A bus, one partner and what goes wrong between them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.bus = self.make(Path(self.folder.name) / "feeds.sqlite")
        self.records: dict[int, dict[str, Any]] = {}
        self.associations: dict[tuple[int, str], dict[str, Any]] = {}
        self.agreement, self.version, self.is_over = "full", 1, False
        self.said = 0

    def make(self, path: Path) -> Bus:
        """Give the bus of this life."""
        return Bus(path)

    @initialize(early=st.booleans())
    def subscribe(self, early: bool) -> None:
        if early:
            self.bus.say(self._record(1, "before anybody asked"))
        self.bus.subscribe(made.subscription())

    @rule(number=NUMBERS, narrative=st.sampled_from(["", "a", "b"]))
    def correct(self, number: int, narrative: str) -> None:
        self.bus.say(self._record(number, narrative))

    @rule(number=NUMBERS, status=st.sampled_from(["withdrawn", "sealed", "expunged"]))
    def remove(self, number: int, status: str) -> None:
        self.bus.say(self._record(number, "", status))

    @rule(number=NUMBERS, basis=BASES, entity=st.sampled_from(["e1", "e2"]))
    def assert_(self, number: int, basis: str, entity: str) -> None:
        self.bus.say(self._association(number, basis, entity=entity))

    @rule(number=NUMBERS, basis=BASES, reason=st.sampled_from(["expired", "disposition"]))
    def retract(self, number: int, basis: str, reason: str) -> None:
        said = self._association(number, basis, status="retracted", reason=reason, association=None)
        self.bus.say(said)

    @rule(number=NUMBERS, basis=BASES)
    def dispute(self, number: int, basis: str) -> None:
        self.bus.say(self._association(number, basis, status="retracted", reason="dispute"))

    @rule(name=st.sampled_from(sorted(RULES)))
    def agree(self, name: str) -> None:
        self.agreement, self.version = name, self.version + 1
        self.bus.decide_by(made.agreement(RULES[name], self.version))

    @rule(mood=st.sampled_from(["well", "away", "mute", "unwilling"]))
    def feel(self, mood: str) -> None:
        self.bus.partner.mood = mood

    @rule(seconds=st.sampled_from([1, 60, 7200]))
    def wait(self, seconds: int) -> None:
        self.bus.clock.advance(seconds)

    @rule()
    def send(self) -> None:
        self.bus.settle()

    @rule()
    def restart(self) -> None:
        self.bus.restart()

    @rule(is_late=st.booleans())
    def answer(self, is_late: bool) -> None:
        """Answer what was sent, now that more may have happened; or take one's time from now on."""
        self.bus.executor.is_late = is_late
        self.bus.work()
        self.bus.partner.received.clear()  # decided when it was handed over, not now

    @precondition(lambda self: len(self.records) > 1)
    @rule()
    def end(self) -> None:
        self.bus.clock.advance(301 * 86_400)
        self.is_over = True

    @invariant()
    def nothing_is_sent_that_is_not_allowed_now(self) -> None:
        """What was handed over since the last step is what it may have at this moment (R-31)."""
        if self.bus.executor.is_late:
            self.bus.partner.received.clear()
        for envelope in self.bus.partner.received:
            content = envelope["data"]["content"]
            if content is not None:
                assert _plain(content) == self._expected().get(envelope["subject"])
        self.bus.partner.received.clear()

    def teardown(self) -> None:
        try:
            self.bus.partner.mood = "well"
            self.bus.clock.advance(86_400)
            self.bus.rest()
            copy = {subject: _plain(said) for subject, said in self.bus.partner.copy.items()}
            assert copy == self._expected()
        finally:
            self.bus.ledger.close()
            self.folder.cleanup()

    def _record(self, number: int, narrative: str, status: str = "live") -> dict[str, Any]:
        self.records[number] = made.record(number, self._next(), narrative, status)
        return self.records[number]

    def _association(self, number: int, basis: str, **fields: Any) -> dict[str, Any]:
        self.associations[number, basis] = made.association(number, self._next(), basis, **fields)
        return self.associations[number, basis]

    def _next(self) -> int:
        self.said += 1
        return self.said

    def _expected(self) -> dict[str, Any]:
        if self.is_over or self.agreement == "nothing":
            return {}
        found: dict[str, Any] = {}
        for number, record in self.records.items():
            if record["status"] == "live":
                found[f"record/{record['record_key']}"] = self._may_have(record)
                found |= self._edges(number)
        return found

    def _edges(self, number: int) -> dict[str, Any]:
        return {
            f"association/{said['association_id']}": self._may_have(said)
            for (of, basis), said in self.associations.items()
            if of == number and said["status"] == "asserted"
            if self.agreement != "convictions" or basis == "conviction"
        }

    def _may_have(self, said: dict[str, Any]) -> Any:
        if self.agreement == "pointer":
            owner = said.get("association") or said
            source = owner.get("source", owner)
            return {
                "level": "pointer", "department": source["department"],
                "owner_ori": source["owner_ori"], "contact": owner["contact"],
            }  # fmt: skip
        return _plain(_masked(said) if self.agreement == "masked" else said)


def _masked(said: dict[str, Any]) -> dict[str, Any]:
    if "association" in said:
        edge = {name: each for name, each in said["association"].items() if name != "verdicts"}
        source = {name: each for name, each in edge["source"].items() if name != "content_hash"}
        return said | {"association": edge | {"source": source}}
    gone = ("normalised", "content_hash", "flags", "body")
    body = {name: each for name, each in said["body"].items() if name != "narrative"}
    return {name: each for name, each in said.items() if name not in gone} | {"body": body}


def _plain(content: dict[str, Any]) -> Any:
    """Give what a content says, without the numbers by which the bus counts."""
    plain = {name: _json(said) for name, said in content.items() if name not in _NUMBERING}
    if plain.get("association"):
        source = {n: s for n, s in plain["association"]["source"].items() if n != "version"}
        plain["association"] = plain["association"] | {"source": source}
    return plain


def _json(said: Any) -> Any:
    if isinstance(said, dict):
        return {name: _json(each) for name, each in said.items()}
    if isinstance(said, list | tuple):
        return [_json(each) for each in said]
    return said.isoformat().replace("+00:00", "Z") if hasattr(said, "isoformat") else said


Feed.TestCase.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
TestFeed = Feed.TestCase
