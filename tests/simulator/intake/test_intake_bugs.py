"""Do intake's worlds bite? Each bug planted here breaks one rule of intake, and must be found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recordbus.crashpoints import crashpoint
from recordbus.errors import Rejected
from streams.intake import order
from streams.intake.order import Verdict
from streams.intake.state import RecordState, decode
from streams.intake.topics import MEETINGS, QUARANTINE, RECORDS, RELATIONS, UPKEEP
from streams.runtime import tenure as tenure_module
from streams.runtime.contract import (
    KEEP,
    Handle,
    Handled,
    Input,
    Output,
    with_its_bytes,
)
from streams.runtime.envelope import POSITION_KEY, seal_positions
from tests.simulator.intake.offered import read_entry
from tests.simulator.intake.office import REMOVALS, read_record
from tests.simulator.intake.worlds import world_of
from tests.simulator.judge import Violation

pytestmark = pytest.mark.no_cover  # tracing would double the time, and shows nothing new

ENOUGH_SEEDS = 300

Bug = Callable[[Input, bytes | None, Handled], Handled]


def is_found(**planted: Any) -> bool:
    for seed in range(ENOUGH_SEEDS):
        try:
            world_of(seed, **planted).run().check()
        except Violation:
            return True
    return False


def planted(bug: Bug) -> Callable[[Handle], Handle]:
    def sabotage(handle: Handle) -> Handle:
        return lambda message, state: bug(message, state, handle(message, state))

    return sabotage


def state_not_written(_message: Input, _state: bytes | None, handled: Handled) -> Handled:
    return handled if handled.outcome == "quarantined" else handled._replace(state=KEEP)


def expunge_forgotten(_message: Input, _state: bytes | None, handled: Handled) -> Handled:
    if not isinstance(handled.state, bytes) or not handled.outputs or handled.outcome == "tick":
        return handled
    known = decode(handled.state)
    status = "withdrawn" if known.status == "expunged" else known.status
    return handled._replace(state=known._replace(status=status).encode())


def tombstone_for_what_is_live(message: Input, _state: bytes | None, handled: Handled) -> Handled:
    if handled.outcome != "upkeep_ignored":
        return handled
    return handled._replace(outputs=[Output(RECORDS, message.key or b"", None, message.partition)])


def sequence_falls(_message: Input, _state: bytes | None, handled: Handled) -> Handled:
    if not isinstance(handled.state, bytes) or handled.outcome != "accepted":
        return handled
    known = decode(handled.state)
    return handled._replace(state=known._replace(source_seq=known.source_seq - 1).encode())


def removal_says_nothing(_message: Input, _state: bytes | None, handled: Handled) -> Handled:
    said = [o for o in handled.outputs if o.topic != RECORDS or not _is_removal(o)]
    return handled._replace(outputs=said)


def _is_removal(output: Output) -> bool:
    return output.value is not None and read_record(output.value)["status"] in REMOVALS


def quarantine_not_erased(_message: Input, _state: bytes | None, handled: Handled) -> Handled:
    return handled._replace(outputs=[o for o in handled.outputs if o.topic != QUARANTINE])


def bytes_kept_under_a_seal(_message: Input, _state: bytes | None, handled: Handled) -> Handled:
    if handled.quarantined is None:
        return handled
    return handled._replace(quarantined=handled.quarantined._replace(keep_value=True))


def positions_forgotten(message: Input, _state: bytes | None, handled: Handled) -> Handled:
    if not isinstance(handled.state, bytes) or message.topic == UPKEEP:
        return handled
    return handled._replace(state=decode(handled.state)._replace(quarantined=()).encode())


def without(handled: Handled, topic: str, *names: str) -> Handled:
    """Leave out what says one of these things in a topic."""

    def says(output: Output) -> bool:
        if output.topic != topic or output.value is None:
            return False
        return read_entry(topic, output.value)[0] in names

    return handled._replace(outputs=[each for each in handled.outputs if not says(each)])


def relations_not_taken_back(_message: Input, _state: bytes | None, handled: Handled) -> Handled:
    return without(handled, RELATIONS, "PartRemoved")


def bundles_not_taken_back(_message: Input, _state: bytes | None, handled: Handled) -> Handled:
    return without(handled, MEETINGS, "BundleRemoved")


def _changed_state(handled: Handled, **fields: Any) -> Handled:
    if not isinstance(handled.state, bytes) or handled.outcome != "accepted":
        return handled
    return handled._replace(state=decode(handled.state)._replace(**fields).encode())


def parts_forgotten(_message: Input, _state: bytes | None, handled: Handled) -> Handled:
    return _changed_state(handled, parts=())


def markers_forgotten(_message: Input, _state: bytes | None, handled: Handled) -> Handled:
    return _changed_state(handled, marked=())


def first_day_moves(_message: Input, _state: bytes | None, handled: Handled) -> Handled:
    return _changed_state(handled, first_recorded_on="")


def first_judgement_wins(_message: Input, state: bytes | None, handled: Handled) -> Handled:
    if handled.outcome != "judged" or state is None:
        return handled
    return handled._replace(state=KEEP, outputs=())


@pytest.mark.parametrize(
    "bug",
    [
        relations_not_taken_back, bundles_not_taken_back, parts_forgotten, markers_forgotten,
        first_day_moves, first_judgement_wins,
        state_not_written, expunge_forgotten, tombstone_for_what_is_live, sequence_falls,
        removal_says_nothing, quarantine_not_erased, bytes_kept_under_a_seal, positions_forgotten,
    ],
)  # fmt: skip
def test_every_planted_bug_of_intake_is_found(bug: Bug) -> None:
    assert is_found(sabotage=planted(bug))


def superseded_accepted(known: RecordState, status: str, sequence: int, mark: str) -> Verdict:
    """Take what came last for what counts."""
    if known.status == "expunged" and status != "expunged":
        raise Rejected("resurrection_attempt")
    return Verdict.DUPLICATE if mark == known.fingerprint else Verdict.ACCEPT


def expunge_by_its_number(known: RecordState, status: str, sequence: int, mark: str) -> Verdict:
    """Judge an expunge as any other change."""
    if sequence <= known.source_seq:
        return Verdict.SUPERSEDED
    return Verdict.ACCEPT


@pytest.mark.parametrize("judge", [superseded_accepted, expunge_by_its_number])
def test_every_planted_bug_of_the_order_is_found(
    monkeypatch: pytest.MonkeyPatch, judge: Callable[..., Verdict]
) -> None:
    monkeypatch.setattr(order, "judge", judge)
    assert is_found()


def test_bytes_that_the_runtime_keeps_by_itself_are_found() -> None:
    assert is_found(set_aside=with_its_bytes)


def test_setting_aside_after_erasing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the runtime once did: a batch's outputs first, and then what it sets aside."""

    def outputs_first(writer: Any, batch: Any, to: Any) -> int:
        writer.begin()
        for topic, key, value, partition, version in batch.outputs:
            writer.produce(
                topic, key, value, partition, [("origin", to.origin), ("version", version)]
            )
        crashpoint("transaction.half")
        for aside in batch.quarantined:
            writer.produce(to.quarantine, aside.position.encode(), to.encode_quarantined(aside))
        for key, sealed in batch.changes.items():
            writer.produce(to.changelog, key, sealed, to.partition)
        positions = seal_positions(batch.positions)
        writer.produce(to.changelog, POSITION_KEY, positions, to.partition)
        return len(batch.changes) + 1

    monkeypatch.setattr(tenure_module, "write", outputs_first)
    assert is_found()


def test_without_a_bug_nothing_is_found() -> None:
    assert not is_found(sabotage=planted(lambda _message, _state, handled: handled))
