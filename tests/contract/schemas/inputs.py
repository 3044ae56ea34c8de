"""Hypothesis strategies of what the models accept, read off the models' own limits."""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from pydantic import BaseModel, StringConstraints

from schemas import catalog, events
from schemas.events.base import KindDetails
from tests.contract.schemas.values import INSTANTS

_LIST_SIZE = 2
_TEXT_SIZE = 12


@cache
def record_inputs(record_kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Give a strategy of complete dicts that RecordInput accepts for one record kind."""
    body = _fields(events.RecordBody, {"details": _details(record_kind)})
    return _fields(events.RecordInput, {"record_kind": st.just(record_kind), "body": body})


def _details(record_kind: str) -> st.SearchStrategy[Any]:
    full_name = catalog.details_type(record_kind)
    model = getattr(events, full_name.rpartition(".")[2])
    return st.tuples(st.just(full_name), _model(model))


@cache
def _model(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    return _fields(model, {})


def _fields(
    model: type[BaseModel], given: dict[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[dict[str, Any]]:
    made = {
        name: given[name] if name in given else _of(info.annotation, tuple(info.metadata))
        for name, info in model.model_fields.items()
    }
    return st.fixed_dictionaries(made)


def _of(annotation: Any, metadata: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _of(arguments[0], (*arguments[1:], *metadata))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(_of(arguments[0]), max_size=_LIST_SIZE)
    if origin in (Union, UnionType):
        return st.one_of(*(_of(a) for a in arguments))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        assert not issubclass(annotation, KindDetails)
        return _model(annotation)
    return _leaf(annotation, metadata)


def _leaf(annotation: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    bounds = _bounds(metadata)
    if annotation is NoneType:
        return st.none()
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return st.integers(bounds["ge"], bounds["le"])
    if annotation is float:
        return st.floats(bounds["ge"], bounds["le"])
    if annotation is str:
        return _text(metadata)
    return INSTANTS


def _bounds(metadata: tuple[Any, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in metadata:
        for part in (item, *getattr(item, "metadata", ())):
            found |= {name: getattr(part, name) for name in ("ge", "le") if hasattr(part, name)}
    return found


def _text(metadata: tuple[Any, ...]) -> st.SearchStrategy[str]:
    rule = next((m for m in metadata if isinstance(m, StringConstraints)), StringConstraints())
    if rule.pattern is not None:
        # The models' engine reads `$` as the end alone, Python's also before a last line feed.
        pattern = str(rule.pattern).replace("$", r"\Z")
        return st.from_regex(pattern).filter(lambda text: len(text) <= (rule.max_length or 99))
    return st.text(min_size=rule.min_length or 0, max_size=_TEXT_SIZE)
