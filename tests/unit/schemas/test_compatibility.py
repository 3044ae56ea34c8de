"""Schema evolution: what may follow an earlier version, and the changes that are refused."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from schemas import catalog
from schemas.compatibility import check_compatible, check_registration

Schema = dict[str, Any]
NAMESPACE = "recordbus.test"


def base() -> Schema:
    """Give a schema with one field of each sort that a change below touches."""
    colour = {
        "type": "enum",
        "name": "Colour",
        "namespace": NAMESPACE,
        "doc": "A colour.",
        "symbols": ["unknown", "red", "green"],
        "default": "unknown",
    }
    kind = {
        "type": "enum",
        "name": "Kind",
        "namespace": NAMESPACE,
        "doc": "A kind; closed.",
        "symbols": ["one", "two"],
    }
    part = {
        "type": "record",
        "name": "Part",
        "namespace": NAMESPACE,
        "doc": "A part.",
        "fields": [{"name": "size", "type": "int", "doc": "Its size."}],
    }
    instant = {"type": "long", "logicalType": "timestamp-micros"}
    return {
        "type": "record",
        "name": "Thing",
        "namespace": NAMESPACE,
        "doc": "A thing.",
        "fields": [
            {"name": "id", "type": "string", "doc": "Its id."},
            {"name": "count", "type": "int", "default": 1, "doc": "How many."},
            {"name": "made_at", "type": instant, "doc": "When it was made."},
            {"name": "colour", "type": colour, "doc": "Its colour."},
            {"name": "kind", "type": kind, "doc": "Its kind."},
            {"name": "parts", "type": {"type": "array", "items": part}, "default": [], "doc": "P."},
            {"name": "note", "type": ["null", "string"], "default": None, "doc": "A note."},
            {"name": "shade", "type": ["null", "string"], "default": None, "doc": "A shade.",
             "code_list": "hair_colour"},
        ],
    }  # fmt: skip


def field(schema: Schema, name: str) -> Schema:
    found: Schema = next(f for f in schema["fields"] if f["name"] == name)
    return found


def widen_a_number(schema: Schema) -> None:
    field(schema, "count")["type"] = "long"


def rename_a_field(schema: Schema) -> None:
    field(schema, "id")["name"] = "number"


def rename_a_field_with_an_alias(schema: Schema) -> None:
    field(schema, "note").update(name="remark", aliases=["note"])


def rename_a_type(schema: Schema) -> None:
    field(schema, "parts")["type"]["items"]["name"] = "Piece"


def add_a_required_field(schema: Schema) -> None:
    schema["fields"].append({"name": "owner", "type": "string", "doc": "Its owner."})


def remove_a_required_field(schema: Schema) -> None:
    schema["fields"].remove(field(schema, "id"))


def remove_a_default(schema: Schema) -> None:
    del field(schema, "count")["default"]


def change_a_default(schema: Schema) -> None:
    field(schema, "count")["default"] = 0


def extend_a_closed_enum(schema: Schema) -> None:
    field(schema, "kind")["type"]["symbols"].append("three")


def remove_a_symbol(schema: Schema) -> None:
    field(schema, "colour")["type"]["symbols"].remove("green")


def change_the_default_of_an_enum(schema: Schema) -> None:
    field(schema, "colour")["type"]["default"] = "red"


def make_a_field_optional(schema: Schema) -> None:
    field(schema, "id").update(type=["null", "string"], default=None)


def make_a_field_required(schema: Schema) -> None:
    field(schema, "note")["type"] = "string"
    del field(schema, "note")["default"]


def change_text_to_bytes(schema: Schema) -> None:
    field(schema, "id")["type"] = "bytes"


def change_what_an_instant_counts(schema: Schema) -> None:
    field(schema, "made_at")["type"]["logicalType"] = "timestamp-millis"


def drop_what_an_instant_counts(schema: Schema) -> None:
    field(schema, "made_at")["type"] = "long"


def change_a_code_list(schema: Schema) -> None:
    field(schema, "shade")["code_list"] = "eye_colour"


def make_it_recursive(schema: Schema) -> None:
    optional = {"type": ["null", f"{NAMESPACE}.Thing"], "default": None}
    schema["fields"].append({"name": "parent", "doc": "Its parent.", **optional})


def repeat_items_of_no_size(schema: Schema) -> None:
    empty = {"type": "record", "name": "Empty", "namespace": NAMESPACE, "doc": "E.", "fields": []}
    items = {"type": "array", "items": empty}
    schema["fields"].append({"name": "blanks", "type": items, "default": [], "doc": "Blanks."})


def nest_too_deeply(schema: Schema) -> None:
    kind: Any = "string"
    for _ in range(16):
        kind = {"type": "array", "items": kind}
    schema["fields"].append({"name": "deep", "type": kind, "default": [], "doc": "Deep."})


def add_a_forbidden_field(schema: Schema) -> None:
    optional = {"type": ["null", "string"], "default": None}
    schema["fields"].append({"name": "immigrationStatus", "doc": "Never.", **optional})


def leave_out_a_doc(schema: Schema) -> None:
    schema["fields"].append({"name": "more", "type": ["null", "string"], "default": None})


REFUSED: dict[Callable[[Schema], None], str] = {
    widen_a_number: "forward",  # an old reader cannot read a long
    rename_a_field: "backward",
    rename_a_field_with_an_alias: "alias",
    rename_a_type: "backward",
    add_a_required_field: "backward",
    remove_a_required_field: "forward",
    remove_a_default: "default_removed",
    change_a_default: "default_changed",
    extend_a_closed_enum: "forward",
    remove_a_symbol: "symbol_removed",
    change_the_default_of_an_enum: "default_changed",
    make_a_field_optional: "forward",
    make_a_field_required: "backward",
    change_text_to_bytes: "meaning_changed",
    change_what_an_instant_counts: "logical_type",
    drop_what_an_instant_counts: "meaning_changed",
    change_a_code_list: "meaning_changed",
    make_it_recursive: "recursion",
    repeat_items_of_no_size: "zero_width_items",
    nest_too_deeply: "too_deep",
    add_a_forbidden_field: "forbidden_name",
    leave_out_a_doc: "missing_doc",
}


@pytest.mark.parametrize(
    ("change", "rule"), REFUSED.items(), ids=[change.__name__ for change in REFUSED]
)
def test_a_forbidden_change_is_refused(change: Callable[[Schema], None], rule: str) -> None:
    new = base()
    change(new)
    assert rule in {problem.rule for problem in check_registration(new, [base()])}


def add_an_optional_field(schema: Schema) -> None:
    schema["fields"].append(
        {"name": "extra", "type": ["null", "string"], "default": None, "doc": "Extra."}
    )


def remove_an_optional_field(schema: Schema) -> None:
    schema["fields"].remove(field(schema, "note"))


def extend_an_open_enum(schema: Schema) -> None:
    field(schema, "colour")["type"]["symbols"].append("blue")


def describe_it_better(schema: Schema) -> None:
    schema["doc"] = field(schema, "id")["doc"] = "Better."


@pytest.mark.parametrize(
    "change",
    [add_an_optional_field, remove_an_optional_field, extend_an_open_enum, describe_it_better],
)
def test_an_allowed_change_passes(change: Callable[[Schema], None]) -> None:
    new = base()
    change(new)
    assert new != base()
    assert check_registration(new, [base()]) == ()


def test_every_earlier_version_counts() -> None:
    """What was once text cannot come back as a number, although v2 had neither."""
    second, third = base(), base()
    remove_an_optional_field(second)
    field(third, "note")["type"] = ["null", "int"]
    assert check_compatible(third, [second]) == ()
    problems = check_compatible(third, [base(), second])
    assert problems
    assert all(problem.where.startswith("version 1") for problem in problems)


def test_a_problem_says_where_and_what() -> None:
    new = base()
    widen_a_number(new)
    told = " ".join(map(str, check_compatible(new, [base()])))
    assert "version 1" in told
    assert "the old version cannot read what the new one writes" in told
    assert "[forward]" in told


@pytest.mark.parametrize("name", catalog.value_schemas())
def test_a_schema_may_follow_itself(name: str) -> None:
    schema = catalog.avro_schema(name)
    assert check_registration(deepcopy(schema), [schema, schema]) == ()


def test_what_is_no_schema_is_told_so() -> None:
    problems = check_compatible({"type": "record", "name": "Broken"}, [base()])
    assert problems[0].rule == "not_a_schema"
