"""What intake tells other stages, and what people judge, on a real Kafka."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from recordbus import ids
from recordbus.testing import records
from recordbus.testing.audit import entries_in
from tests.integration.intake.bus import Bus, Follower

COMMAND = Path(sys.executable).with_name("recordbus")
OFFERS = ("relations.v1", "meetings.v1")
_numbers = itertools.count(1)

Told = dict[str, Follower]


@pytest.fixture
def told(bus: Bus) -> Iterator[Told]:
    """Follow what other stages read."""
    with ExitStack() as stack:
        yield {
            topic: stack.enter_context(closing(Follower(bus, topic)))
            for topic in (*OFFERS, "verdicts.v1")
        }


def fresh(**fields: Any) -> dict[str, Any]:
    key = ids.record_key(records.SECRET, "field_contact", f"OF-{next(_numbers)}")
    return records.change(record_key=key, **fields)


def says(follower: Follower, key: str, name: str) -> Any:
    """Wait until the last word on a key is content of this type, and give it."""

    def is_it(value: Any) -> bool:
        return value is not None and value["content"][0] == f"recordbus.v1.{name}"

    return follower.wait(key, is_it)["content"][1]


def test_r23_offers_come_go_and_are_erased_in_step(bus: Bus, told: Told) -> None:
    """A record, its removal and its tombstone are each said in every table."""
    relations, meetings = (told[topic] for topic in OFFERS)
    change = fresh()
    key = change["record_key"]
    bus.say(change)
    offered = says(relations, f"{key}/intake", "RecordRelations")
    assert offered["relations"]
    assert says(meetings, key, "Bundle")["version"] == offered["version"]
    bus.say(records.removal("sealed", 2, record_key=key))
    removed = says(relations, f"{key}/intake", "PartRemoved")
    assert (removed["reason"], says(meetings, key, "BundleRemoved")["reason"]) == ("sealed",) * 2
    bus.ask_upkeep("tombstone", key, removed["version"])
    assert relations.wait(f"{key}/intake", lambda value: value is None) is None
    assert meetings.wait(key, lambda value: value is None) is None


def test_the_time_is_told(bus: Bus, told: Told) -> None:
    bus.ask_upkeep("tick", "tick")
    for topic in ("relations.v1", "verdicts.v1"):
        assert says(told[topic], "tick/0", "Tick")["at"] == records.MOMENT
    assert told["meetings.v1"].wait("tick/0") is None


def test_r09_a_judgement_is_audited_published_kept_and_revoked(
    bus: Bus, told: Told, tmp_path: Path
) -> None:
    one, other = sorted(f"{fresh()['record_key']}.p1" for _ in range(2))
    first = judge(bus, tmp_path, "same", f"{other}@4", f"{one}@7", "--expires", "2099-01-01")
    said = says(told["verdicts.v1"], f"judgement/{one}~{other}", "Judgement")
    assert (said["a"], said["a_version"], said["b_version"]) == (one, 7, 4)
    assert (said["outcome"], said["author"]) == ("same", "examiner 7")
    assert said["expires_at"].isoformat() == "2099-01-01T00:00:00+00:00"
    judge(bus, tmp_path, "revoke", f"{one}@7", f"{other}@4")
    told["verdicts.v1"].wait(
        f"judgement/{one}~{other}", lambda value: value["content"][1]["outcome"] == "revoked"
    )
    entries = entries_in(tmp_path / "audit")
    assert [each["outcome"] for each in entries] == ["sending", "sent"] * 2
    assert entries[1]["asked"]["offset"] == first["offset"]


def judge(bus: Bus, folder: Path, verb: str, *arguments: str) -> dict[str, Any]:
    """Judge as somebody does who knows the bus, from a folder of their own."""
    environment = os.environ | {
        "RECORDBUS_KAFKA__BOOTSTRAP_SERVERS": bus.servers.bootstrap_servers,
        "RECORDBUS_REGISTRY__URL": bus.servers.registry_url,
        "RECORDBUS_RUN_DIRECTORY": str(folder),
    }
    why = ("--reason", "one licence", "--author", "examiner 7", "--json")
    done = subprocess.run(
        [COMMAND, "judge", verb, *arguments, *why], env=environment, capture_output=True,
        text=True, check=False, cwd=folder, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told
