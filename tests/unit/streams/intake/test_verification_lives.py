"""Random lives of what is asked and answered about two records, beside a model of a few lines."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from recordbus import ids
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from recordbus.verification import VERIFICATIONS
from streams.intake.testing import ANSWERS, OTHER_ANSWERS, Desk, read_value
from streams.runtime.contract import Handled

KEYS = st.sampled_from(
    [ids.record_key(records.SECRET, "arrest", number) for number in ("A-1", "A-2")]
)
NUMBERS = st.integers(1, 2)
STATUSES = st.sampled_from(["live"] * 7 + ["sealed", "withdrawn", "expunged"])
BODY = records.body("arrest")


def question_id(number: int) -> str:
    return f"vrf_{number:024x}"


class Lives(RuleBasedStateMachine):
    """`asked` is the model: by record, each question with the number and outcome of its answer."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(MemoryRegistry())
        self.seq: dict[str, int] = {}
        self.status: dict[str, str] = {}
        self.version: dict[str, int] = {}
        self.asked: dict[str, dict[str, tuple[int, str] | None]] = {}
        self.table: dict[str, dict[str, Any] | None] = {}

    @rule(key=KEYS, status=STATUSES)
    def publish(self, key: str, status: str) -> None:
        seq = self.seq.get(key, 0) + 1
        body = BODY if status == "live" else None
        handled = self.desk.say(
            records.change("arrest", record_key=key, source_seq=seq, status=status, body=body)
        )
        self._follow(handled)
        if handled.quarantined is None and handled.outcome != "duplicate":
            self.seq[key], self.status[key] = seq, status
            self.version[key] = self.desk.offset
            if status != "live":
                self.asked.pop(key, None)

    @rule(key=KEYS, number=NUMBERS)
    def ask(self, key: str, number: int) -> None:
        handled = self.desk.ask(key, verification_id=question_id(number))
        self._follow(handled)
        if self.status.get(key) != "live":
            assert handled.quarantined is not None
            return
        asked = self.asked.setdefault(key, {})
        outdated = [name for name, answer in asked.items() if answer and answer[0] < self.seq[key]]
        if question_id(number) in asked and question_id(number) not in outdated:
            assert handled.outcome == "duplicate"
            return
        for name in outdated:
            del asked[name]
        asked[question_id(number)] = None

    @rule(key=KEYS, number=NUMBERS, outcome=st.sampled_from(["verified", "refused"]),
          topic=st.sampled_from([ANSWERS, ANSWERS, OTHER_ANSWERS]), old=st.booleans())  # fmt: skip
    def answer(self, key: str, number: int, outcome: str, topic: str, old: bool) -> None:
        seq = max(self.seq.get(key, 0) - old, 0)
        handled = self.desk.answer(
            key, topic, verification_id=question_id(number), source_seq=seq, outcome=outcome
        )
        self._follow(handled)
        is_known = question_id(number) in self.asked.get(key, {})
        assert (handled.quarantined is None) == (is_known and topic == ANSWERS)
        if handled.quarantined is None:
            self.asked[key][question_id(number)] = (seq, outcome)

    @rule(key=KEYS)
    def erase(self, key: str) -> None:
        if self.status.get(key, "live") != "live":
            self._follow(self.desk.upkeep("tombstone", key, self.version[key]))
            assert self.table.get(key) is None, "no marker outlives the record's own"

    @invariant()
    def the_table_says_what_counts(self) -> None:
        for key in self.table.keys() | self.asked.keys():
            said = self.table.get(key)
            found = {
                each["verification_id"]: each["answer"]
                and (each["answer"]["source_seq"], each["answer"]["outcome"])
                for each in (said["verifications"] if said else ())
            }
            assert found == self.asked.get(key, {})

    def _follow(self, handled: Handled) -> None:
        for output in handled.outputs:
            if output.topic == VERIFICATIONS:
                said = None if output.value is None else read_value(output)
                self.table[output.key.decode()] = said


Lives.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestLives = Lives.TestCase
