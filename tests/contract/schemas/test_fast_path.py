"""The quick check of plain dicts vouches for nothing that the models would refuse or change."""

from __future__ import annotations

from copy import deepcopy
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas import catalog
from schemas.events import RecordInput, record_input_value
from schemas.events.complete import completeness_check
from tests.contract.schemas.inputs import record_inputs

IS_COMPLETE = completeness_check(RecordInput)


class Text(str):
    """A text that is not plainly a text."""


SPOILERS: list[Any] = [
    None, True, 0, -1, 2**31, 2**63, 1.5, float("nan"), float("inf"), "", "x" * 70_000, "\ud800",
    "@x", "a.b", "2024-13-99\n", b"bytes", [], ["x"], {}, (), ("recordbus.v1.ArrestDetails", {}),
    {"code": "M", "source": None}, datetime(2024, 1, 1), Text("p1"),  # noqa: DTZ001
    datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=2))), ["x"] * 10_001, frozenset({1}),
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the path of every value inside a value, itself included."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list | tuple):
        inner = enumerate(value)
    return [path, *(p for key, item in inner for p in places(item, (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Give a copy of a value with one value inside it replaced."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(value, tuple):
        items = list(value)
        items[key] = replaced(items[key], rest, new)
        return tuple(items)
    copied = value.copy()
    copied[key] = replaced(copied[key], rest, new)
    return copied


def accepted_as_it_is(value: Any) -> bool:
    """Say whether the model takes a value and changes nothing in it."""
    try:
        return bool(RecordInput.model_validate(value).to_avro() == value)
    except ValidationError:
        return False


def without_kind_check(value: dict[str, Any]) -> bool:
    """The quick check leaves it to its caller whether the details belong to the kind."""
    details = value["body"]["details"][0]
    kinds = {catalog.details_type(kind): kind for kind in catalog.record_kinds()}
    return accepted_as_it_is({**value, "record_kind": kinds[details]})


@pytest.mark.parametrize("record_kind", catalog.record_kinds())
@settings(max_examples=15)
@given(data=st.data())
def test_every_complete_input_is_vouched_for(record_kind: str, data: st.DataObject) -> None:
    value = data.draw(record_inputs(record_kind))
    before = deepcopy(value)
    assert IS_COMPLETE(value)
    assert record_input_value(value) is value
    assert value == before


@settings(max_examples=150)
@given(kind=st.sampled_from(catalog.record_kinds()), data=st.data())
def test_a_spoilt_input_is_never_vouched_for(kind: str, data: st.DataObject) -> None:
    value = data.draw(record_inputs(kind))
    path = data.draw(st.sampled_from(places(value)))
    spoilt = replaced(value, path, data.draw(st.sampled_from(SPOILERS)))
    if IS_COMPLETE(spoilt):
        assert without_kind_check(spoilt)


@settings(max_examples=60)
@given(kind=st.sampled_from(catalog.record_kinds()), data=st.data())
def test_a_missing_or_unknown_field_is_never_vouched_for(kind: str, data: st.DataObject) -> None:
    value = data.draw(record_inputs(kind))
    holders = [p for p in places(value) if isinstance(_at(value, p), dict)]
    path = data.draw(st.sampled_from(holders))
    held = _at(value, path)
    dropped = data.draw(st.sampled_from(sorted(held)))
    for other in (
        {k: v for k, v in held.items() if k != dropped},
        {**held, "religion": None},
        {**{k: v for k, v in held.items() if k != dropped}, "religion": None},
    ):
        assert not IS_COMPLETE(replaced(value, path, other))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, ()])
def test_what_is_no_record_is_never_vouched_for(value: Any) -> None:
    assert not IS_COMPLETE(value)
    with pytest.raises(ValidationError):
        record_input_value(value)


def test_the_spoilers_bite() -> None:
    """Somewhere in a record, every spoiler is refused: the tests above can fail."""
    value = record_input_value(
        {
            "record_kind": "arrest",
            "source_seq": 1,
            "recorded_at": datetime.now().astimezone(),
            "body": {"record_id": "A-1", "details": ("recordbus.v1.ArrestDetails", {})},
        }
    )
    assert IS_COMPLETE(value)
    for spoiler in SPOILERS:
        spoilt = [replaced(value, path, spoiler) for path in places(value)]
        assert any(not accepted_as_it_is(each) for each in spoilt)
