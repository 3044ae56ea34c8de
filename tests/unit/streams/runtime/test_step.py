"""The step: order, versions, replay skip, stale inputs, and no exception ever leaving it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.errors import Rejected, Retryable
from streams.runtime.contract import KEEP, Handled, Input, Output, PlainMachine, Quarantine
from streams.runtime.effects import Batch, HandlerDied, StateAhead
from streams.runtime.envelope import START, Positions, pack_version, seal, unseal, version_of
from streams.runtime.step import Stepper
from tests.unit.streams.runtime.inputs import TOPIC, message

Handle = Callable[[Input, bytes | None], Handled]


def stepper(handle: Handle, held: dict[bytes, bytes] | None = None, **given: Any) -> Stepper:
    positions = given.pop("positions", START)
    store = held if held is not None else {}
    return Stepper("toy", 0, PlainMachine(handle), store.get, positions, **given)


def counting(given: Input, state: bytes | None) -> Handled:
    count = b"%d" % (int(state or b"0") + 1)
    return Handled(count, [Output("out", given.key or b"", count)])


def raising(error: BaseException) -> Handle:
    def handle(given: Input, _state: bytes | None) -> Handled:
        if given.value == b"bad":
            raise error
        return Handled(b"ok")

    return handle


def reasons(batch: Batch) -> list[str]:
    return [aside.reason for aside in batch.quarantined]


def test_each_input_sees_what_the_one_before_it_left() -> None:
    batch = stepper(counting).step([message(0), message(1), message(2, b"other")])
    assert [output.value for output in batch.outputs] == [b"1", b"2", b"1"]
    assert unseal(batch.changes[b"k"]).payload == b"2"
    assert batch.positions == Positions(0, 2, {TOPIC: 3})


@given(st.lists(st.integers(1, 4), min_size=2, max_size=6))
def test_batches_of_any_size_say_the_same(sizes: list[int]) -> None:
    messages = [message(n, b"%d" % (n % 3)) for n in range(sum(sizes))]
    whole = stepper(counting).step(messages)
    held: dict[bytes, bytes] = {}
    parts, at = [], 0
    one = stepper(counting, held)
    for size in sizes:
        batch = one.step(messages[at : at + size])
        held.update(batch.changes)
        parts += batch.outputs
        at += size
    assert parts == whole.outputs
    assert held == whole.changes


def test_a_replayed_input_is_skipped() -> None:
    one = stepper(counting, positions=Positions(0, 4, {TOPIC: 5}))
    batch = one.step([message(3), message(4), message(5)])
    assert batch.outcomes == {"skipped": 2, "handled": 1}
    assert batch.taken == 3


def test_the_version_of_a_single_source_is_its_offset() -> None:
    batch = stepper(counting, positions=Positions(2, -1, {})).step([message(7), message(9)])
    assert [o.version for o in batch.outputs] == [
        pack_version(version_of(2, 7)),
        pack_version(version_of(2, 9)),
    ]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 5)), max_size=30))
def test_versions_grow_over_all_sources_of_a_partition(moves: list[tuple[str, int]]) -> None:
    offsets = {"a": 0, "b": 0}
    messages = []
    for topic, gap in moves:
        offsets[topic] += gap
        messages.append(message(offsets[topic], topic=topic))
    versions = [output.version for output in stepper(counting).step(messages).outputs]
    assert versions == sorted(set(versions))
    assert len(versions) == len(moves)


def test_an_unexpected_exception_is_set_aside_and_the_next_input_goes_on() -> None:
    batch = stepper(raising(ZeroDivisionError("Jane Roe"))).step(
        [message(0), message(1, value=b"bad"), message(2, b"next")]
    )
    assert reasons(batch) == ["unhandled"]
    aside = batch.quarantined[0]
    assert aside.position == f"{TOPIC}/0/1"
    assert aside.value == b"bad"
    assert "ZeroDivisionError in test_step.py" in aside.detail
    assert "Jane Roe" not in aside.detail
    assert b"next" in batch.changes
    assert aside.by_runtime


def test_a_rejection_is_set_aside_with_its_reason() -> None:
    batch = stepper(raising(Rejected("unknown_code", "field sex"))).step([message(0, value=b"bad")])
    assert [(q.reason, q.detail) for q in batch.quarantined] == [("unknown_code", "field sex")]
    assert batch.changes == {}


def test_a_retryable_stops_the_batch_before_its_input() -> None:
    batch = stepper(raising(Retryable("registry away"))).step(
        [message(0, b"a"), message(1, b"b", b"bad"), message(2, b"c")]
    )
    assert batch.taken == 1
    assert str(batch.blocked) == "registry away"
    assert batch.positions.next_offsets == {TOPIC: 1}
    assert reasons(batch) == []


@pytest.mark.parametrize(
    "handled",
    [
        Handled(b"x" * 2000),
        Handled(KEEP, [Output("out", b"k", b"x" * 2000)]),
    ],
)
def test_what_is_too_large_to_write_sets_its_input_aside(handled: Handled) -> None:
    batch = stepper(lambda _given, _state: handled, max_value_bytes=1000).step([message(0)])
    assert reasons(batch) == ["too_large"]
    assert batch.outputs == []
    assert batch.changes == {}


def test_an_input_too_large_for_quarantine_stays_in_its_log() -> None:
    refuse = Handled(quarantined=Quarantine("too_large"))
    one = stepper(lambda _given, _state: refuse, max_value_bytes=10)
    assert one.step([message(0, value=b"x" * 11)]).quarantined[0].value is None


def test_original_bytes_are_left_out_when_the_stage_says_so() -> None:
    refuse = Handled(quarantined=Quarantine("resurrection_attempt", keep_value=False))
    batch = stepper(lambda _given, _state: refuse).step([message(0)])
    assert batch.quarantined[0].value is None
    assert not batch.quarantined[0].by_runtime


@pytest.mark.parametrize("key", [b"\x00position", b"\x00"])
def test_a_key_of_the_runtime_is_refused_from_outside(key: bytes) -> None:
    batch = stepper(counting).step([message(0, key)])
    assert reasons(batch) == ["key_mismatch"]
    assert batch.changes == {}


def test_an_input_without_a_key_is_handled() -> None:
    batch = stepper(lambda given, _state: Handled(outcome=str(given.key))).step([message(0, None)])
    assert batch.outcomes == {"None": 1}


def test_removing_a_value_leaves_its_version_only() -> None:
    held = {b"k": seal(0, b"content")}
    batch = stepper(
        lambda _given, _state: Handled(None), held, positions=Positions(0, 0, {TOPIC: 1})
    ).step([message(1)])
    assert unseal(batch.changes[b"k"]) == (1, None, {})


def test_a_value_ahead_of_its_input_ends_the_worker() -> None:
    held = {b"k": seal(10, b"from nowhere")}
    with pytest.raises(StateAhead, match="EPOCH"):
        stepper(counting, held).step([message(3)])


def said(origin: bytes, version: int) -> tuple[tuple[str, bytes], ...]:
    return (("origin", origin), ("version", pack_version(version)))


def test_what_is_not_newer_from_its_origin_is_dropped_and_counted() -> None:
    one = stepper(counting, tables=frozenset({TOPIC}))
    batch = one.step(
        [
            message(0, headers=said(b"intake/0", 5)),
            message(1, headers=said(b"intake/0", 5)),
            message(2, headers=said(b"intake/0", 4)),
            message(3, headers=said(b"identify/0", 1)),
            message(4, headers=said(b"intake/0", 6)),
        ]
    )
    assert batch.outcomes == {"handled": 3, "stale": 2}
    assert unseal(batch.changes[b"k"]).marks == {b"intake/0": 6, b"identify/0": 1}


def test_headers_of_outsiders_are_not_believed() -> None:
    one = stepper(counting)
    batch = one.step([message(n, headers=said(b"intake/0", 9 - n)) for n in range(3)])
    assert batch.outcomes == {"handled": 3}
    assert unseal(batch.changes[b"k"]).marks == {}


@pytest.mark.parametrize("version", [b"", b"short", b"much too long"])
def test_a_malformed_version_counts_as_none(version: bytes) -> None:
    headers = (("origin", b"intake/0"), ("version", version))
    one = stepper(counting, tables=frozenset({TOPIC}))
    assert one.step([message(0, headers=headers)]).outcomes == {"handled": 1}


def test_a_suspect_goes_through_the_isolated_handle() -> None:
    def isolated(_given: Input, _state: bytes | None) -> Handled:
        raise HandlerDied("ended by SIGSEGV")

    one = stepper(counting, suspect=lambda _topic, offset: offset == 1, isolated=isolated)
    batch = one.step([message(0), message(1), message(2)])
    assert [(q.reason, q.detail) for q in batch.quarantined] == [
        ("decoder_crash", "ended by SIGSEGV")
    ]
    assert [output.value for output in batch.outputs] == [b"1", b"2"]


class Broken:
    """A machine whose key function fails."""

    handle = staticmethod(counting)

    def state_key(self, given: Input) -> bytes:
        raise LookupError

    def loaded(self, key: bytes, state: bytes) -> None: ...
    def changed(self, key: bytes, old: bytes | None, new: bytes | None) -> None: ...


def test_a_failing_key_function_sets_its_input_aside() -> None:
    one = Stepper("toy", 0, Broken(), lambda _key: None, START)
    assert reasons(one.step([message(0)])) == ["unhandled"]


def test_a_stage_says_how_what_is_refused_is_set_aside() -> None:
    def set_aside(given: Input, state: bytes | None, why: Quarantine) -> Handled:
        return Handled((state or b"") + b"!", quarantined=why._replace(keep_value=False))

    told = stepper(raising(ZeroDivisionError()), set_aside=set_aside)
    batch = told.step([message(0), message(1, value=b"bad")])
    assert reasons(batch) == ["unhandled"]
    assert (batch.quarantined[0].value, batch.quarantined[0].by_runtime) == (None, True)
    assert unseal(batch.changes[b"k"]).payload == b"ok!"


def test_bytes_are_not_kept_when_setting_aside_fails_too() -> None:
    def set_aside(given: Input, state: bytes | None, why: Quarantine) -> Handled:
        raise ValueError(given)

    told = stepper(raising(ZeroDivisionError()), set_aside=set_aside)
    batch = told.step([message(0, value=b"bad"), message(1)])
    assert reasons(batch) == ["unhandled"]
    assert (batch.quarantined[0].value, batch.quarantined[0].by_runtime) == (None, True)
    assert b"k" in batch.changes
