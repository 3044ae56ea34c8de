"""What the OpenAPI document says of bodies and answers beside their models (pure)."""

from __future__ import annotations

from typing import Any, Final

from pydantic import TypeAdapter

from consumers.feeds.channels.interface import Result
from consumers.feeds.portal.bodies import Parameter, schema_of
from consumers.feeds.subscription import State
from recordbus.web.app import problem_answers

_TEXT: Final = {"type": "string"}
_TEXT_OR_NONE: Final = {"type": ["string", "null"]}
_COUNT: Final = {"type": "integer", "minimum": 0}
_YES: Final = {"type": "boolean"}
_AT: Final = {"type": "string", "format": "date-time"}
_DIGEST: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_NAMES: Final = {"type": "array", "items": _TEXT}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _one_of(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


SUBSCRIPTION: Final = _object(
    subscription_id=_TEXT, agency=_TEXT, purpose=_TEXT, case_number=_TEXT, channel=_TEXT,
    state=_one_of(*(each.value for each in State)), suspended_for=_TEXT_OR_NONE, start=_AT,
    end=_AT, confirm_by=_AT, subjects_held=_COUNT, records_due=_COUNT, receipts_owed=_COUNT,
    receipts_overdue=_COUNT,
)  # fmt: skip
SUBSCRIPTIONS: Final = _object(subscriptions=_list(SUBSCRIPTION))
_ENVELOPE: Final = _object(
    specversion={"const": "1.0"}, id=_TEXT, source=_TEXT, type=_TEXT, subject=_TEXT,
    datacontenttype=_TEXT,
    data=_object(
        subscription_id=_TEXT, sequence=_COUNT, status=_one_of("asserted", "changed", "retracted"),
        reason=_TEXT_OR_NONE, receipt_within_hours={"type": ["integer", "null"]},
        verification=_TEXT, level=_TEXT_OR_NONE, content={"type": ["object", "null"]},
    ),
)  # fmt: skip
MESSAGES: Final = _object(
    cursor=_TEXT_OR_NONE, has_more=_YES, held_back=_YES, messages=_list(_ENVELOPE)
)
OWED: Final = _object(
    count=_COUNT,
    receipts=_list(
        _object(
            delivery_id=_TEXT, subject=_TEXT, sequence=_COUNT, sent_at=_AT, due_at=_AT,
            is_overdue=_YES,
        )
    ),
)  # fmt: skip
RECEIPTED: Final = _object(
    receipted=_COUNT, not_awaited=_COUNT,
    results=_list(_object(index=_COUNT, status=_one_of("receipted", "not_awaited"))),
)  # fmt: skip
PROOF: Final = _object(
    subscription_id=_TEXT, delivery_id=_TEXT, subject=_TEXT, sequence=_COUNT, sent_at=_AT,
    receipted_at=_AT, receipted_by=_TEXT,
    audit=_object(entry_id=_TEXT, number=_COUNT, leaf_hash=_DIGEST),
)  # fmt: skip
EXPECTED: Final = _object(
    salt=_TEXT, count=_COUNT, digest=_DIGEST,
    buckets={"type": "object", "additionalProperties": _DIGEST}, unsettled=_COUNT,
)  # fmt: skip
COMPARED: Final = {
    **_object(
        equal=_YES, unsettled=_COUNT, missing=_NAMES, unexpected=_NAMES, different=_NAMES,
        is_complete=_YES,
    ),
    "required": ["equal", "unsettled"],
}  # fmt: skip
GRANTED: Final = _object(messages=_COUNT, unknown=_NAMES)
ATTEMPTS: Final = _object(
    attempts=_list(
        _object(
            at=_AT, record=_TEXT, channel=_TEXT,
            result=_one_of(*(each.value for each in Result)), code=_TEXT, messages=_COUNT,
        )
    )
)  # fmt: skip
_SAYS: Final = {
    "after": "The cursor of the last answer; acknowledges what that answer held.",
    "limit": "At most so many.",
    "salt": "A word that the digest is made with; a new one is chosen when it is left out.",
}
_ALWAYS: Final = (400, 401, 403, 408, 413, 429, 431, 500, 503)


def answers(description: str, schema: dict[str, Any], *more: int) -> dict[int | str, Any]:
    """Give the answers of a route: one when it goes well, and the problems it may end with."""
    good = {"description": description, "content": {"application/json": {"schema": schema}}}
    return {200: good, **problem_answers(*_ALWAYS, *more)}


def body(adapter: TypeAdapter[Any], description: str) -> dict[str, Any]:
    """Give what the document says of a body."""
    content = {"application/json": {"schema": schema_of(adapter)}}
    return {"required": True, "description": description, "content": content}


def query(parameter: Parameter) -> dict[str, Any]:
    """Give what the document says of a parameter of the query."""
    schema: dict[str, Any] = {"type": "string", "pattern": parameter.pattern}
    if parameter.most is not None:
        schema = {"type": "integer", "minimum": 1, "maximum": parameter.most}
    return {
        "name": parameter.name, "in": "query", "required": False,
        "description": _SAYS[parameter.name], "schema": schema,
    }  # fmt: skip


def path(name: str, description: str) -> dict[str, Any]:
    """Give what the document says of a step of the path."""
    return {
        "name": name, "in": "path", "required": True, "description": description,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,100}$"},
    }  # fmt: skip
