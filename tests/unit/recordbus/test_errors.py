"""The error tree: each branch has its exit code, and messages say what to do."""

from __future__ import annotations

import pytest

from recordbus.errors import (
    EXIT_CODE_MEANINGS,
    ExitCode,
    Misconfigured,
    RecordbusError,
    Refused,
    Rejected,
    Retryable,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RecordbusError("failed"), 1),
        (Rejected("bad_utf8"), 65),
        (Retryable("away"), 69),
        (Refused("R-28", "no purpose"), 77),
        (Misconfigured("wrong"), 78),
    ],
)
def test_each_branch_has_its_exit_code(error: RecordbusError, code: int) -> None:
    assert error.exit_code == code


def test_a_hint_follows_the_message() -> None:
    error = Misconfigured("the file is gone", hint="create it")

    assert str(error) == "the file is gone (create it)"
    assert error.message == "the file is gone"


def test_a_rejection_carries_its_reason_detail_and_position() -> None:
    error = Rejected("truncated", "ends inside a string", position=17)

    assert (error.reason, error.detail, error.position) == (
        "truncated",
        "ends inside a string",
        17,
    )
    assert str(error) == "truncated: ends inside a string"


def test_a_refusal_names_its_rule() -> None:
    assert Refused("R-28", "a search needs a purpose").reason == "R-28"


def test_every_exit_code_is_explained() -> None:
    assert set(EXIT_CODE_MEANINGS) == set(ExitCode)
