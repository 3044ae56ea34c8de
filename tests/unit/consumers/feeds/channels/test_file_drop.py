"""File drop: numbered, whole, with a manifest, and unbroken over crashes and pick-ups."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from consumers.feeds.channels.interface import DELIVERED, Channel, Parcel, Result
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.difference import Message
from consumers.feeds.envelope import Delivery, delivery
from consumers.feeds.formats.json_ld import CONTEXT, to_json_ld
from consumers.feeds.making import Channels
from recordbus.errors import Misconfigured
from recordbus.testing.clock import ManualClock
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.channels.made_channel import channel_of, settings_in

ORI = "MA0130000"


@pytest.fixture
def drop(tmp_path: Path) -> Channel:
    return into(tmp_path / "out")


def into(folder: Path, **said: str) -> Channel:
    options = {"folder": str(folder), **said}
    return channel_of("file_drop", options, ManualClock(), settings_in(folder.parent))


def retraction(number: int) -> Delivery:
    message = Message(f"record/{made.record_key(number)}", 2, "retracted", "expunged", True, None)
    return delivery(made.subscription(), "urn:recordbus:test", message)


def parcel(number: int) -> Parcel:
    return Parcel("metro-1", made.record_key(number), (retraction(number),))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_file_holds_its_deliveries_and_its_manifest_describes_it(
    drop: Channel, tmp_path: Path
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
    drop: Channel, tmp_path: Path
) -> None:
    drop.deliver([parcel(1)])
    for path in (tmp_path / "out").glob(f"{ORI}*"):
        path.unlink()
    drop.deliver([parcel(2)])
    assert names(tmp_path / "out")[0].endswith("0002.jsonl")


def test_a_file_that_a_crash_left_without_manifest_gets_one(drop: Channel, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    drop.deliver([parcel(1)])
    (folder / f"{ORI}_20260101_0005_0002.jsonl").write_bytes(retraction(2).body + b"\n")
    drop.deliver([parcel(2)])
    numbers = [json.loads(path.read_bytes())["number"] for path in folder.glob("*.manifest.json")]
    assert sorted(numbers) == [1, 2, 3]


def test_a_folder_that_cannot_be_written_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file, not a folder")
    (outcome,) = into(tmp_path / "out").deliver([parcel(1)])
    assert outcome.result is Result.LATER
    assert outcome.code == "folder_unusable"


def test_what_is_sent_again_is_in_a_file_of_its_own_under_the_same_ids(
    drop: Channel, tmp_path: Path
) -> None:
    drop.deliver([parcel(1)])
    drop.deliver([parcel(1)])
    first, second = sorted((tmp_path / "out").glob("*.jsonl"))
    assert first.read_bytes() == second.read_bytes()
    assert second.name.endswith("0002.jsonl")


def test_two_subscriptions_may_share_a_folder(tmp_path: Path) -> None:
    """No number is given twice, whichever of them writes."""
    channels = [into(tmp_path / "out") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        work = [pool.submit(each.deliver, [parcel(at)]) for at, each in enumerate(channels * 5)]
        assert all(each.result() == [DELIVERED] for each in work)
    numbers = [name.rpartition("_")[2] for name in names(tmp_path / "out") if "jsonl" in name]
    assert numbers == [f"{number:04d}.jsonl" for number in range(1, 21)]


def test_numbers_go_on_beyond_four_digits(drop: Channel, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    for number in (9999, 10_000):
        (folder / f"{ORI}_20260101_0000_{number}.jsonl").write_bytes(b"{}\n")
    drop.deliver([parcel(1)])
    assert names(folder)[-1].endswith("9999.manifest.json")
    assert (folder / f"{ORI}_20260101_0000_10001.manifest.json").exists()


def test_as_json_ld_a_file_holds_documents_that_name_their_context(tmp_path: Path) -> None:
    assert into(tmp_path / "out", format="json_ld").deliver([parcel(1)]) == [DELIVERED]
    (file,) = (tmp_path / "out").glob("*.jsonl")
    (line,) = file.read_bytes().splitlines()
    assert line == to_json_ld(retraction(1).body)
    assert json.loads(line)["data"]["@context"] == CONTEXT


@pytest.mark.parametrize("said", [{"format": "pdf"}, {"most_records": "0"}, {"file": "x"}])
def test_what_a_folder_cannot_be_is_refused(tmp_path: Path, said: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="channel"):
        into(tmp_path / "out", **said)


def test_an_ori_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    channel = {"kind": "file_drop", "folder": str(tmp_path)}
    subscription = made.subscription(channel=channel, agency_ori="../MA0130000")
    with pytest.raises(Misconfigured, match="agency_ori"):
        Channels(Surroundings(ManualClock(), settings_in(tmp_path))).of(subscription)
