"""What may stand in a log line: tokens under known keys, and nothing a person wrote."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.errors import Misconfigured, Rejected
from recordbus.redaction import (
    ALLOWED_KEYS,
    REDACTED,
    clean_argument,
    clean_text,
    clean_value,
    clean_values,
    describe_exception,
)

spaced = st.tuples(st.text(), st.sampled_from(" \t\n\u00e9\u2028'\""), st.text()).map("".join)


@given(spaced)
def test_text_with_a_space_a_quote_or_a_letter_beyond_ascii_never_passes(text: str) -> None:
    assert clean_value(text) == REDACTED


@given(st.text(min_size=301))
def test_long_text_never_passes(text: str) -> None:
    assert clean_value(text) == REDACTED


@given(st.dictionaries(st.text().filter(lambda key: key not in ALLOWED_KEYS), st.integers()))
def test_a_key_that_is_not_allowed_never_keeps_its_value(values: dict[str, int]) -> None:
    assert set(clean_values(values).values()) <= {REDACTED}


def test_a_key_that_is_not_a_plain_word_is_gone() -> None:
    assert clean_values({"Jane Q Public": 1, "narrative": "she ran"}) == {"narrative": REDACTED}


@pytest.mark.parametrize(
    "value", [None, True, 7, 1.5, "harbor-city-pd", "ingest.harbor-city-pd.v1", "127.0.0.1:9092"]
)
def test_numbers_and_tokens_pass(value: object) -> None:
    assert clean_value(value) == value


def test_a_list_is_cleaned_item_by_item() -> None:
    assert clean_value(["intake", "Jane Public"]) == ["intake", REDACTED]


def test_credentials_in_an_address_are_cut_out() -> None:
    assert clean_value("https://me:pw@host/x") == "https://host/x"


@given(st.text())
def test_a_text_of_ours_stays_on_one_line(text: str) -> None:
    assert len(clean_text(text).splitlines()) <= 1


def test_a_strange_exception_leaves_its_type_and_place_but_not_its_message() -> None:
    described = describe_exception(_raised(ValueError("Jane Public, 617-555-0100")))

    assert described["error"] == "ValueError"
    assert described["error_at"][-1].endswith(":_raised")
    assert "Jane" not in json.dumps(described)


def test_an_exception_of_ours_leaves_its_message_and_its_causes_type() -> None:
    error = _raised(Misconfigured("no topic", hint="apply"), cause=KeyError("Jane"))

    described = describe_exception(error)

    assert described["message"] == "no topic (apply)"
    assert described["error_cause"] == "KeyError"
    assert "Jane" not in json.dumps(described)


def test_a_rejection_leaves_its_reason_code() -> None:
    assert describe_exception(Rejected("bad_utf8", position=3))["reason"] == "bad_utf8"


def test_a_librarys_argument_passes_as_a_number_a_trusted_token_or_its_type() -> None:
    assert clean_argument(3, trusted=False) == 3
    assert clean_argument("host:9092", trusted=True) == "host:9092"
    assert clean_argument("host:9092", trusted=False) == "<str>"
    assert clean_argument("Jane Public", trusted=True) == "<str>"
    assert clean_argument(ValueError("Jane"), trusted=True) == "<ValueError>"


def _raised(error: Exception, cause: Exception | None = None) -> Exception:
    try:
        raise error from cause
    except type(error) as caught:
        return caught
