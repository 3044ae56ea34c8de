"""File drop: numbered, whole, with a manifest, and unbroken over crashes and pick-ups."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from consumers.feeds.channels.file_drop import FileDrop, Options
from consumers.feeds.channels.interface import DELIVERED, Parcel, Result
from consumers.feeds.difference import Message
from consumers.feeds.envelope import Delivery, delivery
from recordbus.testing.clock import ManualClock
from tests.unit.consumers.feeds import bus as made

ORI = "MA0130000"


@pytest.fixture
def drop(tmp_path: Path) -> FileDrop:
    return FileDrop(Options(folder=tmp_path / "out"), ORI, ManualClock())


def retraction(number: int) -> Delivery:
    message = Message(f"record/{made.record_key(number)}", 2, "retracted", "expunged", True, None)
    return delivery(made.subscription(), "urn:recordbus:test", message)


def parcel(number: int) -> Parcel:
    return Parcel("metro-1", made.record_key(number), (retraction(number),))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_file_holds_its_deliveries_and_its_manifest_describes_it(
    drop: FileDrop, tmp_path: Path
) -> None:
    assert drop.deliver([parcel(1), parcel(2)]) == [DELIVERED, DELIVERED]
    folder = tmp_path / "out"
    assert names(folder) == [
        f"{ORI}_20260101_0000_0001.jsonl", f"{ORI}_20260101_0000_0001.manifest.json",
    ]  # fmt: skip
    content = (folder / names(folder)[0]).read_bytes()
    manifest = json.loads((folder / names(folder)[1]).read_bytes())
    assert manifest["sha256"] == hashlib.sha256(content).hexdigest()
    assert manifest["deliveries"] == 2
    assert manifest["bytes"] == len(content)
    told = [json.loads(line) for line in content.splitlines()]
    assert [each["id"] for each in told] == [retraction(at).delivery_id for at in (1, 2)]


def test_numbers_go_on_though_the_recipient_took_the_files_away(
    drop: FileDrop, tmp_path: Path
) -> None:
    drop.deliver([parcel(1)])
    for path in (tmp_path / "out").glob(f"{ORI}*"):
        path.unlink()
    drop.deliver([parcel(2)])
    assert names(tmp_path / "out")[0].endswith("0002.jsonl")


def test_a_file_that_a_crash_left_without_manifest_gets_one(drop: FileDrop, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    drop.deliver([parcel(1)])
    (folder / f"{ORI}_20260101_0005_0002.jsonl").write_bytes(retraction(2).body + b"\n")
    drop.deliver([parcel(2)])
    numbers = [json.loads(path.read_bytes())["number"] for path in folder.glob("*.manifest.json")]
    assert sorted(numbers) == [1, 2, 3]


def test_a_folder_that_cannot_be_written_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file, not a folder")
    drop = FileDrop(Options(folder=tmp_path / "out"), ORI, ManualClock())
    (outcome,) = drop.deliver([parcel(1)])
    assert outcome.result is Result.LATER
    assert outcome.code == "folder_unusable"
