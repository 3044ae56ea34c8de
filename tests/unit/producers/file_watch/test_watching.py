"""Rows 55, 57 and 59 on a drop folder: complete drops only, each to one end, none held up."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from producers.connectors.file_watch import STEPS
from producers.connectors.file_watch.watcher import approve, decline
from recordbus import metrics
from recordbus.errors import Misconfigured, Retryable

from .conftest import Desk, csv, zipped

HUNDRED = {str(n): f"text {n}" for n in range(100)}


def test_a_drop_is_published_and_ends_in_done_with_its_report(desk: Desk) -> None:
    desk.drop("calls.csv", {"1": "one", "2": "two"})
    assert desk.look() == {"done": 1}
    assert desk.broker.live_texts() == {"1": "one", "2": "two"}
    (report,) = desk.reports("done")
    assert (report["name"], report["accounts"][0]["accepted"]) == ("calls.csv", 2)
    (claim,) = desk.layout.claims("done")
    assert (claim / "calls.csv").exists()
    assert list(desk.incoming.iterdir()) == []


def test_a_file_that_still_grows_waits(desk: Desk) -> None:
    """Row 57: nothing is taken before it has kept its size for a while."""
    path = desk.incoming / "calls.csv"
    path.write_text(csv({"1": "one"}))
    for number in range(2, 5):
        assert desk.watcher.round() == {}
        desk.clock.advance(9)
        path.write_text(csv({str(n): "text" for n in range(1, number + 1)}))
    assert desk.look() == {"done": 1}
    assert len(desk.broker.live_texts()) == 4


@pytest.mark.parametrize("name", [".calls.csv", "calls.csv.part", "calls.csv.filepart", "c.tmp"])
def test_what_is_hidden_or_unfinished_is_not_there(desk: Desk, name: str) -> None:
    (desk.incoming / name).write_text(csv({"1": "one"}))
    assert desk.look() == {}


def test_with_markers_nothing_is_taken_without_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "place", source="ready: marker")
    (desk.incoming / "calls.csv").write_text(csv({"1": "one"}))
    assert desk.look() == {}
    (desk.incoming / "calls.csv.done").touch()
    assert desk.watcher.round() == {"done": 1}
    assert list(desk.incoming.iterdir()) == []


def test_a_marker_may_hold_the_digest_of_its_file(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "place", source="ready: marker")
    text = csv({"1": "one"})
    digest = hashlib.sha256(text.encode()).hexdigest()
    desk.drop("calls-1.csv", text).with_name("calls-1.csv.done").write_text(
        f"{digest}  calls-1.csv\n"
    )
    desk.drop("calls-2.csv", text + "2,2020-01-02,two\n").with_name("calls-2.csv.done").write_text(
        digest
    )
    assert desk.watcher.round() == {"done": 1, "refused": 1}
    assert desk.reasons() == ["checksum_mismatch"]
    assert desk.broker.live_texts() == {"1": "one"}


def test_a_folder_is_one_drop(desk: Desk) -> None:
    part = desk.incoming / "today.part"
    part.mkdir()
    (part / "calls.csv").write_text(csv({"1": "one"}))
    part.rename(desk.incoming / "today")
    assert desk.look() == {"done": 1}
    assert desk.broker.live_texts() == {"1": "one"}


@pytest.mark.parametrize("name", ["calls.csv", "today/calls.csv"])
def test_a_zip_is_unpacked_and_published(desk: Desk, name: str) -> None:
    desk.drop("today.zip", zipped({name: csv({"1": "one"})}))
    assert desk.look() == {"done": 1}
    assert desk.broker.live_texts() == {"1": "one"}
    (claim,) = desk.layout.claims("done")
    assert sorted(path.name for path in claim.iterdir()) == ["report.json", "today.zip"]


def test_one_bad_drop_holds_up_no_other(desk: Desk) -> None:
    """Rows 47, 52 and 59 side by side with a good one."""
    desk.drop("a.zip", b"PK no zip")
    desk.drop("b.zip", zipped({"../calls.csv": csv({"9": "evil"})}))
    desk.drop("calls-1.csv", 'NO,AT,TEXT\n1,2020-01-02,"open\n')
    desk.drop("calls-2.csv", b"\xff\xfeN\x00O\x00")
    desk.drop("notes.txt", "hello")
    desk.drop("calls-3.csv", {"1": "one"})
    assert desk.look() == {"refused": 5, "done": 1}
    assert desk.broker.live_texts() == {"1": "one"}
    assert sorted(desk.reasons()) == [
        "bad_archive", "bad_archive", "bad_encoding", "missing_column", "unclosed_quote",
    ]  # fmt: skip
    assert not (desk.root.parent / "calls.csv").exists()


def test_a_folder_without_an_export_is_refused(desk: Desk) -> None:
    (desk.incoming / "today").mkdir()
    (desk.incoming / "today" / "notes.txt").write_text("hello")
    assert desk.look() == {"refused": 1}
    assert desk.reasons() == ["not_an_export"]


def test_a_link_is_not_followed(desk: Desk) -> None:
    secret = desk.root.parent / "secret.csv"
    secret.write_text(csv({"1": "secret"}))
    (desk.incoming / "calls.csv").symlink_to(secret)
    folder = desk.incoming / "today"
    folder.mkdir()
    (folder / "calls.csv").symlink_to(secret)
    assert desk.look() == {"refused": 2}
    assert desk.broker.live_texts() == {}
    assert secret.exists()


def test_a_pipe_does_not_hang_the_watch(desk: Desk) -> None:
    os.mkfifo(desk.incoming / "calls.csv")
    assert desk.look() == {"refused": 1}


def test_what_fails_unforeseen_is_set_aside(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real = desk.publish

    def publish(path: Path, approved: bool) -> object:
        if "1" in path.name:
            raise ZeroDivisionError
        return real(path, approved)

    monkeypatch.setattr(desk.watcher, "_publish", publish)
    desk.drop("calls-1.csv", {"1": "one"})
    desk.drop("calls-2.csv", {"2": "two"})
    assert desk.look() == {"refused": 1, "done": 1}
    assert desk.reasons() == ["unhandled"]


@pytest.mark.parametrize(
    ("number", "outcome"), [(errno.EACCES, {"refused": 1, "done": 1}), (errno.ENOSPC, None)]
)
def test_an_unreadable_drop_holds_up_no_other_and_a_full_disk_all(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, number: int, outcome: dict[str, int] | None
) -> None:
    real = desk.publish

    def publish(path: Path, approved: bool) -> object:
        if "1" in path.name:
            raise OSError(number, "no")
        return real(path, approved)

    desk.drop("calls-1.csv", {"1": "one"})
    desk.drop("calls-2.csv", {"1": "one", "2": "two"})
    with monkeypatch.context() as broken:
        broken.setattr(desk.watcher, "_publish", publish)
        if outcome is not None:
            assert desk.look() == outcome
            return
        with pytest.raises(Retryable):
            desk.look()
    assert desk.look() == {"done": 2}


def test_a_drop_taken_back_while_it_is_looked_at_is_nothing(desk: Desk) -> None:
    path = desk.drop("calls.csv", {"1": "one"})
    desk.watcher.round()
    desk.clock.advance(10)
    drop = desk.layout.drops()[0]
    path.unlink()
    assert not desk.watcher._complete.of(drop)
    assert desk.look() == {}


def test_one_watch_at_a_time_has_a_place(desk: Desk) -> None:
    with desk.layout.watched(), pytest.raises(Retryable), desk.layout.watched():
        pass
    with desk.layout.watched():
        pass


def test_snapshots_go_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """Row 57: the ninth before the tenth, and an older one after them is refused."""
    desk = Desk(tmp_path / "place", source="sequence: 'calls-(\\d+)'")
    desk.drop("calls-10.csv", {"1": "ten"})
    desk.drop("calls-9.csv", {"1": "nine"})
    assert desk.look() == {"done": 2}
    assert desk.broker.live_texts() == {"1": "ten"}
    desk.drop("calls-8.csv", {"1": "eight"})
    assert desk.look() == {"refused": 1}
    assert desk.reasons() == ["older_snapshot"]
    assert desk.broker.live_texts() == {"1": "ten"}


def test_an_old_file_sent_again_is_refused_by_its_content(desk: Desk) -> None:
    for text in ("one", "two"):
        desk.drop("calls.csv", {"1": text})
        desk.look()
    desk.drop("calls.csv", {"1": "one"})
    assert desk.look() == {"refused": 1}
    assert desk.broker.live_texts() == {"1": "two"}


def test_a_snapshot_cut_short_is_held_until_approved(desk: Desk) -> None:
    """Row 55: no deletes from a cut file; approved, they are what was meant."""
    desk.drop("calls.csv", HUNDRED)
    desk.look()
    desk.drop("calls.csv", {"1": "text 1"})
    assert desk.look() == {"held": 1}
    assert desk.broker.live_texts() == HUNDRED
    assert metrics.sample(
        "recordbus_watched_drops_pending", department="test-pd", why="approval"
    ) in (0, 1)
    assert desk.look() == {}
    approve(desk.layout, "calls.csv", "records.chief", desk.clock.now())
    assert desk.watcher.round() == {"done": 1}
    assert desk.broker.live_texts() == {"1": "text 1"}


def test_a_cut_snapshot_taken_as_deletes_would_be_caught(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test before this one bites: with the planted bug, ninety-nine records are withdrawn."""
    from producers.connectors.csv_snapshot import run

    desk.drop("calls.csv", HUNDRED)
    desk.look()
    monkeypatch.setattr(run, "why_held", lambda _difference, _source: None)
    desk.drop("calls.csv", {"1": "text 1"})
    assert desk.look() == {"done": 1}
    assert desk.broker.live_texts() != HUNDRED


def test_a_held_snapshot_is_overtaken_by_a_newer_one(desk: Desk) -> None:
    desk.drop("calls.csv", HUNDRED)
    desk.look()
    desk.drop("calls.csv", {"1": "text 1"})
    desk.look()
    desk.drop("calls.csv", HUNDRED | {"1": "changed"})
    assert desk.look() == {"done": 1}
    assert desk.reasons() == ["older_snapshot"]
    with pytest.raises(Misconfigured):
        approve(desk.layout, "calls.csv", "records.chief", desk.clock.now())


def test_a_declined_snapshot_is_refused(desk: Desk) -> None:
    desk.drop("calls.csv", HUNDRED)
    desk.look()
    desk.drop("calls.csv", "NO,AT,TEXT\n")
    assert desk.look() == {"held": 1}
    decline(desk.layout, "calls.csv", "records.chief", desk.clock.now())
    (report,) = desk.reports("refused")
    assert (report["declined_by"], report["ending"]) == ("records.chief", "refused")
    assert desk.broker.live_texts() == HUNDRED


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("name", ["calls.csv", "calls.zip"])
def test_killed_at_any_step_a_drop_still_ends_once(desk: Desk, step: str, name: str) -> None:
    """F7: kill -9 between any two steps; the snapshot is whole and the drop is in one place."""
    content = csv({"1": "one", "2": "two"})
    desk.drop(name, zipped({"calls.csv": content}) if name.endswith("zip") else content)
    desk.watcher.round()
    desk.clock.advance(10)
    with desk.killed_at(step):
        desk.watcher.round()
    desk.look()
    assert desk.broker.live_texts() == {"1": "one", "2": "two"}
    assert len(desk.layout.claims("done")) == 1
    assert [len(desk.layout.claims(place)) for place in ("working", "refused", "held")] == [0] * 3


def test_a_claim_cut_off_before_its_drop_gives_the_marker_back(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "place", source="ready: marker")
    path = desk.drop("calls.csv", {"1": "one"})
    claim = desk.layout.place("working") / "x_calls.csv"
    claim.mkdir()
    path.with_name("calls.csv.done").rename(claim / "calls.csv.done")
    assert desk.watcher.round() == {"given_back": 1, "done": 1}
    assert desk.broker.live_texts() == {"1": "one"}


def test_a_broker_that_is_away_leaves_the_drop_taken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(timeout_seconds: float = 60.0) -> None:
        raise Retryable("the broker is away")

    desk.drop("calls.csv", {"1": "one"})
    with monkeypatch.context() as broken:
        broken.setattr(desk.broker, "flush", away)
        with pytest.raises(Retryable):
            desk.look()
    assert len(desk.layout.claims("working")) == 1
    desk.broker.waiting.clear()
    assert desk.watcher.round() == {"done": 1}
    assert desk.broker.live_texts() == {"1": "one"}


def test_what_is_wrong_here_is_no_fault_of_the_drop(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish(path: Path, approved: bool) -> object:
        raise Misconfigured("nothing says who the department is")

    with monkeypatch.context() as broken:
        broken.setattr(desk.watcher, "_publish", publish)
        desk.drop("calls.csv", {"1": "one"})
        with pytest.raises(Misconfigured):
            desk.look()
    assert desk.watcher.round() == {"done": 1}


def test_settled_drops_go_after_their_time(desk: Desk) -> None:
    desk.drop("calls.csv", {"1": "one"})
    desk.look()
    (claim,) = desk.layout.claims("done")
    then = desk.clock.now().timestamp()
    os.utime(claim, (then, then))
    assert desk.layout.trim(desk.clock.now()) == 0
    desk.clock.advance(1)
    assert desk.layout.trim(desk.clock.now()) == 1
    assert desk.layout.claims("done") == []
