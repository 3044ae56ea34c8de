"""Reason codes: every input that the catalogue of bad input names has one, and it helps."""

from __future__ import annotations

import pytest

from schemas import catalog

ROWS = {
    "1-3": "not_framed", "4": "unknown_schema", "5": "schema_not_for_topic", "6": "truncated",
    "7": "trailing_bytes", "8-9": "too_deep", "10": "too_many_items", "11": "bad_length",
    "12-13": "bad_index", "14": "int_range", "15": "bad_utf8", "16": "control_chars",
    "17": "not_finite", "18": "logical_type", "19": "duplicate_key", "25": "key_mismatch",
    "25b": "tombstone_from_publisher", "27": "superseded", "28": "conflicting_duplicate",
    "30": "resurrection_attempt", "47": "unclosed_quote", "48": "ragged", "50": "duplicate_header",
    "52": "bad_encoding", "53": "field_too_long", "55": "suspicious_delete_ratio",
    "56": "duplicate_key_in_snapshot", "58": "ambiguous_date",
}  # fmt: skip


@pytest.mark.parametrize(("row", "code"), ROWS.items())
def test_the_catalogue_of_bad_input_has_its_codes(row: str, code: str) -> None:
    assert code in catalog.reasons()


@pytest.mark.parametrize("code", catalog.reasons())
def test_every_reason_says_what_it_means_and_what_to_do(code: str) -> None:
    reason = catalog.reasons()[code]
    assert reason.code == code
    assert reason.meaning.endswith(".")
    assert reason.what_to_do.endswith(".")


def test_what_no_removal_would_find_is_kept_without_content() -> None:
    """Row 30, judgements, which lie under the key of a pair, and questions: only the id is held."""
    id_only = {code for code, reason in catalog.reasons().items() if reason.outcome == "id_only"}
    stages = {"judgement", "verification"}
    people_s = {c for c, reason in catalog.reasons().items() if reason.stage in stages}
    assert people_s
    assert id_only == people_s | {"resurrection_attempt"}


def test_what_is_nobodys_fault_is_only_counted() -> None:
    dropped = {code for code, reason in catalog.reasons().items() if reason.outcome == "drop"}
    assert dropped == {"superseded", "duplicate", "unknown_retraction", "duplicate_row"}
