"""A message as JSON-LD: the same values, each under the name that NIEM has for it (pure).

The data of the envelope becomes a JSON-LD document that names its context and keeps its own short
names; the context says which NIEM property each of them is. What NIEM has no name for - basis,
grade, expiry, dispute, receipts and more - is in a namespace of ours, by type and field.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import orjson

from consumers.feeds.formats.given import RECORD, UPDATE, branches_of, definition
from consumers.feeds.formats.message import CONTENT, MESSAGE, POINTER, data_fields, definitions
from recordbus.canonical import canonical_json
from schemas import catalog
from schemas.files import read_yaml

CONTEXT: Final = "urn:recordbus:feed:v1:niem"
"""By this IRI documents name their context; it is published beside the reference."""
_NIEM: Final = "https://docs.oasis-open.org/niemopen/ns/model"
_PREFIXES: Final[Mapping[str, str]] = {
    "nc": f"{_NIEM}/niem-core/6.0/", "j": f"{_NIEM}/domains/justice/6.0/",
    "rb": "urn:recordbus:terms:v1:", "xsd": "http://www.w3.org/2001/XMLSchema#",
}  # fmt: skip
_BODY: Final = f"{catalog.NAMESPACE}.RecordBody"
_DETAILS: Final = "details"
_CONTENT_TYPES: Final[Mapping[str, str]] = {"record": "Record", "association": "AssociationUpdate"}
_DATA_TYPE: Final = "application/ld+json"
Terms = Mapping[str, str]


def to_json_ld(envelope: bytes) -> bytes:
    """Give an envelope whose data is a JSON-LD document; equal envelopes give equal bytes."""
    said = orjson.loads(envelope)
    data = {"@context": CONTEXT, "@type": "Message", **said["data"]}
    if data[CONTENT] is not None:
        data[CONTENT] = _typed(said["subject"], data["level"], data[CONTENT])
    return canonical_json(said | {"datacontenttype": _DATA_TYPE, "data": data})


@cache
def context() -> Mapping[str, Any]:
    """Give the context document; callers must not change it."""
    top = {each["name"]: name_of(MESSAGE, each["name"]) for each in data_fields()}
    body = top | _names(_BODY)
    typed = {
        **dict.fromkeys((RECORD, UPDATE, POINTER), top),
        **dict.fromkeys(_detail_types(), body),
    }
    terms = {
        "@version": 1.1,
        **_PREFIXES,
        "Message": {"@id": "rb:Message"},
        **{each["name"]: _term(MESSAGE, each, {}) for each in data_fields()},
        **{_short(name): _type(name, inherited) for name, inherited in typed.items()},
    }
    return {"@context": terms}


def name_of(full_name: str, field: str) -> str:
    """Give the name of a type's field: NIEM's where it has one, else ours."""
    short = _short(full_name)
    words = "".join(word.capitalize() for word in field.split("_"))
    return str(_niem().get(short, {}).get(field, f"rb:{short}{words}"))


@cache
def _niem() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = read_yaml("niem.yaml")
    return found


def _typed(subject: str, level: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Say of what type the content is, and the details of a record in it."""
    kind = "Pointer" if level == "pointer" else _CONTENT_TYPES[subject.partition("/")[0]]
    body = content.get("body")
    if isinstance(body, dict) and _DETAILS in body:
        name, details = body[_DETAILS]
        content = {**content, "body": {**body, _DETAILS: {"@type": _short(name), **details}}}
    return {"@type": kind, **content}


def _detail_types() -> list[str]:
    return next(each["type"] for each in definition(_BODY)["fields"] if each["name"] == _DETAILS)


def _type(full_name: str, inherited: Terms) -> dict[str, Any]:
    return {"@id": f"rb:{_short(full_name)}", "@context": _terms(full_name, inherited)}


def _terms(full_name: str, inherited: Terms) -> dict[str, Any]:
    """Give the terms of a type. A name that is no field of it must not stand for one of its own."""
    own = _names(full_name)
    taken = set(own.values())
    hidden = {name: None for name, iri in inherited.items() if name not in own and iri in taken}
    below = {**inherited, **own}
    fields = _fields(full_name)
    return hidden | {each["name"]: _term(full_name, each, below) for each in fields}


def _term(of: str, field: Mapping[str, Any], inherited: Terms) -> dict[str, Any]:
    term: dict[str, Any] = {"@id": name_of(of, field["name"])}
    (kind, *others) = branches_of(field["type"])
    if isinstance(kind, dict) and "logicalType" in kind:
        term["@type"] = "xsd:dateTime"
    elif isinstance(kind, dict):
        term["@container"] = "@list"
        kind = kind["items"]
    if not others and isinstance(kind, str) and _fields(kind):
        term["@context"] = _terms(kind, inherited)
    return term


def _names(full_name: str) -> dict[str, str]:
    return {each["name"]: name_of(full_name, each["name"]) for each in _fields(full_name)}


def _fields(full_name: str) -> list[Mapping[str, Any]]:
    if "." not in full_name:
        return []
    said = definitions().get(full_name) or definition(full_name)
    return list(said.get("fields", ()))


def _short(full_name: str) -> str:
    return full_name.rpartition(".")[2]
