"""Rows 31-36: JSON is read in one way or refused with a code, a line and a column."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recordbus.web.problems import Problem
from recordbus.web.strict_json import MAX_DEPTH, depth_exceeds, parse

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(
        st.characters(exclude_categories=["Cs"]), max_size=4), each, max_size=4),
    max_leaves=20,
)  # fmt: skip


def refusal(body: bytes) -> Problem:
    with pytest.raises(Problem) as found:
        parse(body)
    return found.value


def problem_of(body: bytes) -> Problem | None:
    try:
        parse(body)
    except Problem as problem:
        return problem
    return None


@pytest.mark.parametrize(
    ("row", "body", "code", "line", "column"),
    [
        (31, b"", "empty_body", 1, 1),
        (31, b" \n\t ", "empty_body", 1, 1),
        (31, b"{", "bad_json", 1, 2),
        (31, b'{"a": 1,\n "b" 2}', "bad_json", 2, 6),
        (31, b'{"a": 1} {}', "bad_json", 1, 10),
        (31, b"{'a': 1}", "bad_json", 1, 2),
        (31, b'{"a": 1, 2}', "bad_json", 1, 10),
        (31, b"01", "bad_json", 1, 2),
        (31, b'"a\tb"', "bad_json", 1, 3),
        (31, b'["ok", "\xff"]', "bad_utf8", 1, 9),
        (31, b'["ok",\n "\xc0\xaf"]', "bad_utf8", 2, 3),
        (32, b"\xef\xbb\xbf{}", "byte_order_mark", 1, 1),
        (32, "{}".encode("utf-16"), "bad_utf8", 1, 1),
        (33, b'{"a": 1, "a": 2}', "duplicate_key", 1, 10),
        (33, b'{"x": {"a": 1},\n "y": {"b": 1, "\\u0062": 2}}', "duplicate_key", 2, 16),
        (33, b'[{"a": 1}, {"a": 1, "a": 1}]', "duplicate_key", 1, 21),
        (34, b"[1, NaN]", "not_finite", 1, 5),
        (34, b'{"a":\n 1e999}', "not_finite", 2, 2),
        (34, b"[-1e999]", "not_finite", 1, 2),
        (34, b"-Infinity", "not_finite", 1, 1),
        (34, b'["NaN", Infinity]', "not_finite", 1, 9),
        (35, b"[%s]" % (b"9" * 5000), "number_too_long", 1, 2),
        (35, b"[0.%s]" % (b"1" * 5000), "number_too_long", 1, 2),
        (36, b'{"a": "\\ud800"}', "lone_surrogate", 1, 7),
        (36, b'["\\ud83d\\ude00", "\\ude00\\ud83d"]', "lone_surrogate", 1, 18),
        (36, b'{"\\udfff": 1}', "lone_surrogate", 1, 2),
    ],
)
def test_the_fault_is_named_with_its_place(
    row: int, body: bytes, code: str, line: int, column: int
) -> None:
    problem = refusal(body)

    assert (problem.code, problem.line, problem.column) == (code, line, column)
    assert problem.status == 400


@pytest.mark.parametrize(
    ("row", "body", "code"),
    [
        (35, b"[" * 100_000, "too_deep"),
        (35, b'{"a":' * 100_000, "too_deep"),
        (35, b"[" * 100_000 + b"]" * 100_000, "too_deep"),
        (35, b'{"a":[' * 50_000, "too_deep"),
        (35, b"1" * 5000, "number_too_long"),
        (35, b"-" + b"1" * 100_000, "number_too_long"),
    ],
)
def test_row_35_bombs_take_less_than_50_ms(row: int, body: bytes, code: str) -> None:
    seconds = []
    for _ in range(3):
        began = time.process_time()
        assert refusal(body).code == code
        seconds.append(time.process_time() - began)

    assert min(seconds) < 0.05


def test_the_depth_that_is_read_ends_where_it_says() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert refusal(b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)).code == "too_deep"


@pytest.mark.parametrize("text", ['["[[[[\\"[[", "{{\\\\", "}"]', '{"a\\\\": "\\\\\\"[", "b": []}'])
def test_brackets_inside_texts_are_no_depth(text: str) -> None:
    assert not depth_exceeds(text.encode(), 2)
    assert parse(text.encode()) == json.loads(text)


@given(JSON)
@example({"a": ["\\", '"', "[{", "\u2028"]})
def test_whatever_is_right_is_read_as_it_was_written(value: Any) -> None:
    for form in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert parse(form.encode()) == value


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(JSON, st.integers(0, 5))
def test_depth_is_counted_as_a_reader_would_count_it(value: Any, limit: int) -> None:
    assert depth_exceeds(json.dumps(value).encode(), limit) == (depth_of(value) > limit)


@given(st.binary(max_size=60))
@example(b'{"a"')
@example(b'"\\')
@example(b'["]')
def test_any_bytes_are_read_or_refused_with_a_problem(body: bytes) -> None:
    problem = problem_of(body)

    assert problem is None or problem.status == 400
    assert problem is None or problem.line is None or problem.line >= 1


@given(st.text('{}[]",:01eE-+.aNI\\u \n', max_size=30))
def test_any_text_that_looks_like_json_is_read_or_refused(text: str) -> None:
    try:
        found = parse(text.encode())
    except Problem:
        return
    assert found == json.loads(text)
