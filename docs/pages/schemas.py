"""The page of Avro types, from the schema files."""

from __future__ import annotations

import json
from typing import Any

from docs.pages.markdown import anchor, code, codes, page, table
from docs.pages.topics import short_name
from schemas import catalog

INTRODUCTION = """\
What crosses the bus. A type that is the value of a topic is named with its registry subject; the
others are its parts, by name. `null` beside a type means that the value may be absent. What a
department publishes begins at [RecordChange](#recordchange), and the part that a mapping draws at
[RecordBody](#recordbody)."""


def schemas() -> str:
    """Give the page."""
    subjects = table(
        ("registry subject", "type"),
        (
            (code(subject), f"[`{name}`](#{anchor(short_name(name))})")
            for subject, name in catalog.subjects()
        ),
    )
    return page(
        "Schemas",
        "schemas/avro/*.avsc",
        INTRODUCTION,
        subjects,
        *(_section(name) for name in sorted(catalog.full_names(), key=short_name)),
    )


def _section(full_name: str) -> str:
    schema = json.loads(catalog.avro_text(full_name))
    parts = [f"## {schema['name']}", schema.get("doc", "")]
    if schema["type"] == "enum":
        parts.append(f"One of {codes(schema['symbols'])}.")
    else:
        rows = [(code(f["name"]), _type(f["type"]), _meaning(f)) for f in schema["fields"]]
        parts.append(table(("field", "type", "meaning"), rows))
    return "\n\n".join(part for part in parts if part)


def _meaning(field: dict[str, Any]) -> str:
    """Give what a field means, and the list its codes are from."""
    says = field.get("doc", "")
    listed = field.get("code_list")
    return f"{says} Codes: [{listed}](code-lists.md#{anchor(listed)})." if listed else says


def _type(given: Any) -> str:
    """Give a field's type in words, with a link to every named type in it."""
    if isinstance(given, list):
        return " or ".join(_type(branch) for branch in given)
    if isinstance(given, str):
        return _named(given)
    if given["type"] == "array":
        return f"array of {_type(given['items'])}"
    if given["type"] == "map":
        return f"map of {_type(given['values'])}"
    logical = given.get("logicalType")
    return f"{code(given['type'])} ({logical})" if logical else _type(given["type"])


def _named(name: str) -> str:
    known = {short_name(full) for full in catalog.full_names()}
    short = short_name(name)
    return f"[{short}](#{anchor(short)})" if short in known else code(name)
