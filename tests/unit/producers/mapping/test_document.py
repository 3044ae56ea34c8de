"""Rows 62-64: YAML that says one thing and means another is refused, with its line."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.mapping import MappingInvalid
from producers.mapping.document import Block, Text, line_of, read


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "stands here twice (line 1)"),
        ("a: &x 1\nb: *x\n", 1, "anchors and aliases"),
        ("a: 1\n<<: 2\n", 2, "merge keys"),
        ("a: !!int 1\n", 1, "tags"),
        ("a: !python/object:os.system 1\n", 1, "tags"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("a: 1\nb:\n", 2, "`b` has no value"),
        ("- 1\n- 2\n", 1, "must start with keys"),
        ("a: [1, 2\nb: 3\n", 2, "not YAML"),
        ("? [1, 2]\n: 3\n", 1, "a key must be plain text"),
        ("", 1, "the file is empty"),
        ("a: \x00\n", 1, "not YAML"),
    ],
)
def test_what_could_be_misread_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(MappingInvalid) as refused:
        read(text, name="m.yaml")
    assert refused.value.problems[0].line == line
    assert says in refused.value.problems[0].message
    assert f"m.yaml:{line}: " in str(refused.value)


@pytest.mark.parametrize("word", ["no", "on", "Yes", "0777", "12:30:45", "1e3", "null", "~", "1.0"])
def test_a_scalar_stays_the_text_it_is(word: str) -> None:
    value = read(f"a: {word}\n", name="m")["a"]
    assert isinstance(value, Text)
    assert value == word


def test_every_node_knows_its_line() -> None:
    root = read("a: 1\nb:\n  - x: 1\n    y: 2\n  - z\n", name="m")
    assert line_of(root, ("b", 0, "y")) == 4
    assert line_of(root, ("b", 1)) == 5
    assert line_of(root, ("b", 0, "missing", "deeper")) == 3
    assert isinstance(root["b"][0], Block)


def test_a_bomb_of_nested_lists_ends_at_the_depth_limit() -> None:
    with pytest.raises(MappingInvalid, match="nested deeper"):
        read("a: " + "[" * 500 + "]" * 500, name="m")


def test_a_huge_file_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(MappingInvalid, match="longer than"):
        read("a: " + "x" * 600_000, name="m")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    with contextlib.suppress(MappingInvalid):
        assert isinstance(read(text, name="m"), Block)
