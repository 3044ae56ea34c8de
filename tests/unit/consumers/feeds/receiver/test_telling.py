"""What a receiver shows: one line a message, with what happened, to what, why, and what is owed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from consumers.feeds.receiver.inbox import Taken
from consumers.feeds.receiver.message import Message
from consumers.feeds.receiver.receive_command import read_keys
from consumers.feeds.receiver.telling import line_of, plain, refusal
from consumers.feeds.receiver.verifying import Verifier
from recordbus.errors import Misconfigured
from tests.unit.consumers.feeds.receiver.made import KEY

RECORD = {
    "record_kind": "arrest", "department": "harbor-city-pd",
    "body": {
        "record_id": "A-1",
        "people": [
            {"role": "arrestee", "person": {"names": [{"surname": "Delgado", "given": "Maria"}]}},
            {"role": "witness", "person": {"names": []}},
        ],
    },
}  # fmt: skip
ASSOCIATION = {
    "association": {
        "type": "co_arrested", "basis": "arrest", "evidence_kind": "fact",
        "first_date": "2026-01-01", "source": {"department": "harbor-city-pd"},
    }
}  # fmt: skip


def message(subject: str, status: str, **data: Any) -> Message:
    return Message("dlv_1", subject, 2, status, data, b"")


@pytest.mark.parametrize(
    ("told", "line"),
    [
        (message("record/" + "ab" * 32, "asserted", content=RECORD, level="full"),
         ("+ new         record abababababab  "
          "arrest A-1 of harbor-city-pd: Delgado, Maria (arrestee)")),
        (message("association/" + "cd" * 32, "asserted", content=ASSOCIATION, level="full"),
         ("+ new         association cdcdcdcdcdcd  "
          "co_arrested on arrest (fact) of harbor-city-pd, since 2026-01-01")),
        (message("record/" + "ab" * 32, "changed", content={"department": "harbor-city-pd"},
                 because="its owner corrected it", receipt_within_hours=24),
         ("~ changed     record abababababab  "
          "record of harbor-city-pd; its owner corrected it; receipt of dlv_1 due within 24 h")),
        (message("record/" + "ab" * 32, "retracted", because="the record was expunged",
                 receipt_within_hours=24, content=None),
         ("- taken back  record abababababab  the record was expunged; "
          "delete what you hold of it; receipt of dlv_1 due within 24 h")),
        (message("record/" + "ab" * 32, "asserted", level="pointer",
                 content={"department": "harbor-city-pd", "contact": {"unit": "Records desk"}}),
         "+ new         record abababababab  harbor-city-pd has something: ask Records desk"),
    ],
)  # fmt: skip
def test_a_line_says_what_happened_to_what_and_what_is_owed(told: Message, line: str) -> None:
    assert line_of(told, Taken.NEW).text == line


@pytest.mark.parametrize(
    ("taken", "says"), [(Taken.REPEAT, "known already"), (Taken.OLDER, "a newer message")]
)
def test_what_changes_nothing_is_said_to_change_nothing(taken: Taken, says: str) -> None:
    assert says in line_of(message("record/ab", "retracted"), taken).text


def test_many_people_are_counted() -> None:
    people = [RECORD["body"]["people"][0]] * 5  # type: ignore[index]
    content = {"record_kind": "arrest", "body": {"people": people}}
    line = line_of(message("record/ab", "asserted", content=content), Taken.NEW)
    assert line.text.endswith("Delgado, Maria (arrestee) and 2 more")


def test_programs_get_what_happened_and_no_content() -> None:
    told = message("record/ab", "changed", content=RECORD, reason="corrected")
    assert plain(told, Taken.NEW) == {
        "id": "dlv_1", "subject": "record/ab", "sequence": 2, "status": "changed",
        "reason": "corrected", "receipt_within_hours": None, "taken": "new",
    }  # fmt: skip
    assert refusal("too_old").text == "! refused     too_old"


def test_keys_are_read_from_files_with_remarks(tmp_path: Path) -> None:
    path = tmp_path / "metro.keys"
    path.write_text(f"# of metro-1, made in November\n\n{KEY.shown()}\n")
    assert isinstance(read_keys([path]), Verifier)
    path.write_text(f"{KEY.shown()[:-9]}\n")
    with pytest.raises(Misconfigured) as raised:
        read_keys([path])
    assert KEY.shown()[6:20] not in str(raised.value)
    with pytest.raises(Misconfigured, match="FileNotFoundError"):
        read_keys([tmp_path / "none"])
