"""What the OpenAPI document says of records, made from the models that check them (pure)."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter

from producers.connectors.http_push.items import Removal
from recordbus.web.app import problem_answers
from schemas.avro_types import details_type, record_kinds
from schemas.events import RecordInput
from schemas.events.fast import typed_dict_of

_REFERENCE: Final = "#/components/schemas/{model}"
_TEXT: Final = {"type": "string"}
_ACCEPTED: Final = {
    "type": "object",
    "properties": {
        "status": {"const": "accepted"},
        "record_key": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "event_id": {"type": "string", "format": "uuid"},
    },
    "required": ["status", "record_key", "event_id"],
}
_REFUSED: Final = {
    "type": "object",
    "properties": {
        "status": {"const": "refused"},
        "code": _TEXT,
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {"pointer": _TEXT, "code": _TEXT, "detail": _TEXT},
                "required": ["pointer", "code", "detail"],
            },
        },
    },
    "required": ["status", "code", "errors"],
}
_COUNT: Final = {"type": "integer", "minimum": 0}
_BATCH: Final = {
    "type": "object",
    "properties": {
        "accepted": _COUNT,
        "refused": _COUNT,
        "results": {
            "type": "array",
            "items": {
                "allOf": [
                    {"properties": {"index": _COUNT}, "required": ["index"]},
                    {"oneOf": [_ACCEPTED, _REFUSED]},
                ]
            },
        },
    },
    "required": ["accepted", "refused", "results"],
}

IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same body gives the same answer, for a day.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{8,128}$"},
}


def _json(description: str, schema: Any) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: _json("The record is on the bus, durably.", _ACCEPTED),
    207: _json("What became of each record of a batch, in its order.", _BATCH),
    **problem_answers(400, 401, 403, 408, 409, 413, 415, 422, 429, 431, 500, 503),
}


@cache
def schemas() -> dict[str, Any]:
    """Give the JSON Schemas by name: `Item` is a record of one of the kinds, or a removal."""
    whole = TypeAdapter(typed_dict_of(RecordInput)).json_schema(ref_template=_REFERENCE)
    definitions: dict[str, Any] = whole.pop("$defs")
    body = definitions.pop("RecordBody")
    pairs = _pairs(body["properties"].pop("details"))
    kinds = [_of_kind(kind, whole, body, pairs[details_type(kind)]) for kind in record_kinds()]
    return {**definitions, "Item": {"anyOf": [*kinds, Removal.model_json_schema()]}}


def _of_kind(
    kind: str, whole: dict[str, Any], body: dict[str, Any], details: dict[str, Any]
) -> dict[str, Any]:
    """Give the schema of a record of one kind, which takes its own details only."""
    record, own = deepcopy(whole), deepcopy(body)
    own["properties"]["details"] = details
    record["title"] = kind
    record["properties"]["record_kind"] = {"const": kind}
    record["properties"]["body"] = own
    return record


def _pairs(details: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Give the schema of each kind's details, a pair of type name and fields, by that name."""
    choices = details.get("oneOf") or details["anyOf"]
    return {_name_of(choice): choice for choice in choices}


def _name_of(pair: dict[str, Any]) -> str:
    return str(pair["prefixItems"][0]["const"])


REQUEST_BODY: Final[dict[str, Any]] = {
    "required": True,
    "description": "A record's complete present state, a removal, or a list of them.",
    "content": {
        "application/json": {
            "schema": {
                "anyOf": [
                    {"$ref": "#/components/schemas/Item"},
                    {
                        "type": "array",
                        "minItems": 1,
                        "items": {"$ref": "#/components/schemas/Item"},
                    },
                ]
            }
        }
    },
}
