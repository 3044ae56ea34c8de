"""From a department's change to a search answer, and through kills, on a real Kafka."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.indexer import GROUP, TOPIC
from consumers.testing import seen_whole
from recordbus import departments
from recordbus.crashpoints import EXIT_CODE
from recordbus.errors import ExitCode, Retryable
from recordbus.ids import record_key
from recordbus.kafka.admin import Admin
from recordbus.kafka.codec import Encoder
from recordbus.kafka.consumer import EARLIEST, LogReader
from recordbus.local.servers import LocalServers
from recordbus.testing import records
from recordbus.testing.audit import entries_in
from recordbus.testing.pytest_plugin import QUICK
from tests.integration.intake.bus import Bus, Follower, wait_for
from tests.unit.consumers.told import association, entity_id
from tests.unit.consumers.told import update as told_update

COMMAND = Path(sys.executable).with_name("recordbus")
ASK = ["--purpose", "criminal_investigation", "--case", "2026-117", "--requester", "det. Alvarez"]
KIND = "field_contact"
OWN = departments.Department(
    name="harbor-city-pd", title="Harbor City", ori="MA0130100",
    contact=departments.Contact(unit="Records desk"),
)  # fmt: skip


class Town:
    """A bus with intake running, and an indexer that tests start, stop and kill."""

    def __init__(self, servers: LocalServers, directory: Path) -> None:
        self.bus = Bus(servers, directory)
        self.directory = directory
        self.path = directory / "index" / "records.sqlite"
        self.key = directory / "identifiers.key"
        self.key.write_text("ab" * 32)
        self.key.chmod(0o600)
        departments.save(directory / "departments.yaml", [OWN])
        self.indexer: subprocess.Popen[bytes] | None = None
        self.seq = 0

    def environment(self, **more: str) -> dict[str, str]:
        return os.environ | {
            "RECORDBUS_KAFKA__BOOTSTRAP_SERVERS": self.bus.servers.bootstrap_servers,
            "RECORDBUS_REGISTRY__URL": self.bus.servers.registry_url,
            "RECORDBUS_RUN_DIRECTORY": str(self.directory),
            "RECORDBUS_SEARCH__AGENCY": OWN.name,
        } | more  # fmt: skip

    def start(self, **more: str) -> subprocess.Popen[bytes]:
        with (self.directory / "indexer.log").open("ab") as log:
            self.indexer = subprocess.Popen(
                [COMMAND, "index", "run"], env=self.environment(**more), stdout=log, stderr=log,
                cwd=self.directory,
            )  # fmt: skip
        return self.indexer

    def stop(self) -> int:
        assert self.indexer is not None
        self.indexer.terminate()
        code, self.indexer = self.indexer.wait(30), None
        return code

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [COMMAND, *arguments], env=self.environment(), capture_output=True, text=True,
            check=False, cwd=self.directory, timeout=60,
        )  # fmt: skip

    def search(self, *arguments: str) -> Any:
        done = self.run("search", *arguments, *ASK, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def publish(self, number: str, **fields: Any) -> str:
        """Publish a record, or a removal when a status is given; give its key."""
        self.seq += 1
        key = record_key(records.SECRET, KIND, number)
        if "status" not in fields:
            fields = {"body": records.body(KIND, record_id=number, **fields)}
        self.bus.say(records.change(KIND, record_key=key, source_seq=self.seq, **fields))
        return key

    def named(self, number: str, given: str, surname: str) -> str:
        someone = records.person_role(KIND, "p1", person=records.person(given, surname))
        return self.publish(number, people=[someone])

    def names(self, pattern: str) -> list[str]:
        try:
            engine = SqliteSearch(self.path)
        except Retryable:
            return []
        try:
            return list(seen_whole(engine).names_like(pattern))
        finally:
            engine.close()

    def raw(self) -> bytes:
        """Give all bytes of the index, its log and its shared memory, in lower case."""
        files = [self.path.with_name(self.path.name + side) for side in ("", "-wal", "-shm")]
        return b"".join(each.read_bytes() for each in files if each.exists()).lower()

    def wait_for_name(self, word: str, *, is_there: bool = True) -> None:
        wait_for(f"{word} in the index", lambda: (bool(self.names(word)) is is_there) or None)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with LocalServers(kafka_overrides=QUICK) as servers:
        made = Town(servers, tmp_path_factory.mktemp("town"))
        try:
            made.bus.start()
            yield made
        finally:
            if made.indexer is not None:
                made.indexer.kill()
                made.indexer.wait()
            made.bus.stop()


@pytest.fixture
def running(town: Town) -> Iterator[Town]:
    town.start()
    yield town
    if town.indexer is not None:
        assert town.stop() == 0


pytestmark = pytest.mark.kafka


def test_a_change_becomes_an_answer_and_leaves_again(running: Town) -> None:
    chance = random.Random(1)
    canary = "".join(chance.choices("bcdfghjklmnpqrstvwxz", k=20))
    running.named("A-1", "Winifred", canary)
    running.wait_for_name(canary)

    answer = running.search("--name", f"winifred {canary}")
    (result,) = answer["results"]
    assert (result["number"], result["department"]) == ("A-1", records.DEPARTMENT)
    assert result["contact"]["unit"] == "Records desk"
    assert {why["field"] for why in result["why"]} == {"name"}
    assert answer["freshness"]["says"].startswith("index complete to ")
    plain = running.run("search", "winifred", *ASK)
    assert "Winifred" in plain.stdout
    assert "index complete to" in plain.stdout

    running.publish("A-1", status="expunged", status_reason="court_order")
    running.wait_for_name(canary, is_there=False)
    assert running.search("--name", f"winifred {canary}")["total"] == 0

    def erased() -> bool | None:
        files = [running.path.with_name(running.path.name + side) for side in ("", "-wal", "-shm")]
        content = b"".join(each.read_bytes() for each in files if each.exists()).lower()
        return (
            canary[:12].encode() not in content and canary[-12:].encode() not in content
        ) or None

    wait_for("the canary's bytes to be gone", erased)
    entries = entries_in(running.directory / "audit")
    assert [each["outcome"] for each in entries].count("answered") == 3
    everything = [each for each in (running.directory / "audit").rglob("*") if each.is_file()]
    assert all(canary.encode() not in each.read_bytes() for each in everything)


def test_refusals_and_faults_have_their_exit_codes(running: Town) -> None:
    running.named("B-1", "Horace", "Abernathy")
    running.wait_for_name("abernathy")

    refused = running.run("search", "--name", "abernathy")
    assert refused.returncode == 77
    assert "R-28" in refused.stderr
    assert refused.stdout == ""
    assert running.run("search", "ab*", *ASK).returncode == 65
    assert (
        running.run("search", "--race", "W", "--sex", "M", "--hair", "BRO", *ASK).returncode == 77
    )
    status = json.loads(running.run("index", "status", "--json").stdout)
    assert status["records"] >= 1


def test_what_cannot_be_read_is_set_aside_and_the_next_goes_on(running: Town) -> None:
    key = "cd" * 32
    place = running.bus.publish(key, b"\x01no frame", TOPIC)
    running.bus.publish("tick/0", None, TOPIC)
    running.named("C-1", "Next", "Quillfeather")
    running.wait_for_name("quillfeather")

    aside = Follower(running.bus, "quarantine.v1")
    found = aside.wait(place)
    aside.close()

    assert (found["reason"], found["stage"]) == ("not_framed", "index")
    assert (found["source_topic"], found["key"]) == (TOPIC, key.encode())
    assert found["department"] is None  # nobody can tell
    assert found["value"] is None  # an expunge of its record would not reach a copy here


def test_what_stands_under_anothers_key_is_listed_with_its_department(running: Town) -> None:
    """R-44: intake wrote who it is of, so its operators find it by their department."""
    key = running.named("I-1", "Under", "Otherkeyes")
    running.wait_for_name("otherkeyes")
    reader = LogReader(running.bus.servers.connection)
    reader.assign({(TOPIC, 0): EARLIEST})
    value = wait_for(
        "the record on its topic",
        lambda: next((m.value for m in reader.consume(500, 0.2) if m.key == key.encode()), None),
    )
    reader.close()
    place = running.bus.publish("ef" * 32, value, TOPIC)

    def listed() -> Any:
        asked = ("--department", records.DEPARTMENT, "--reason", "key_mismatch", "--json")
        entries = json.loads(running.run("quarantine", "list", *asked).stdout)["entries"]
        return next((entry for entry in entries if entry["position"] == place), None)

    assert wait_for("the entry to be listed", listed)["stage"] == "index"


def test_a_tombstone_takes_a_record_out(running: Town) -> None:
    key = running.named("D-1", "Tom", "Bstonewell")
    running.wait_for_name("bstonewell")

    running.bus.publish(key, None, TOPIC)

    running.wait_for_name("bstonewell", is_there=False)


def test_stopping_in_order_tells_the_group(town: Town) -> None:
    town.start()
    town.named("E-1", "Last", "Wordsmythe")
    town.wait_for_name("wordsmythe")
    (end,) = Admin(town.bus.servers.connection).ends([(TOPIC, 0)]).values()
    assert town.stop() == 0

    (told,) = Admin(town.bus.servers.connection).group_offsets(GROUP, [TOPIC]).values()
    assert end - 1 <= told <= end  # the last entry may be the end of intake's transaction


def test_a_second_index_of_the_same_bus_gives_up_and_the_first_goes_on(
    running: Town, tmp_path: Path
) -> None:
    """Two would share the partitions, and both would lack records without anybody noticing."""
    running.named("G-1", "First", "Alonsworth")
    running.wait_for_name("alonsworth")
    (tmp_path / "index").mkdir()
    # The group hands out partitions in the order of its members' names.
    (tmp_path / "index" / "records.sqlite.lock").write_text("z" * 12)

    second = subprocess.run(
        [COMMAND, "index", "run"], env=running.environment(RECORDBUS_RUN_DIRECTORY=str(tmp_path)),
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60,
    )  # fmt: skip

    assert second.returncode == ExitCode.MISCONFIGURED
    assert "another process keeps a search index of this bus" in second.stderr
    running.named("G-2", "Still", "Bellweathers")
    running.wait_for_name("bellweathers")


POINTS = [
    "sink.batch_read:1",
    "sink.transaction_begun:1",
    "sink.transaction_filled:1",
    "sink.committed:1",
    "sink.offsets_committed:1",
    "sink.erased:2",
]


def test_kills_lose_nothing_and_repeat_nothing(town: Town) -> None:
    expected: dict[str, str] = {}
    slowest = 0.0
    for number, point in enumerate([*POINTS, ""]):
        worker = town.start(**({"RECORDBUS_CRASH_AT": point} if point else {}))
        for each in range(6):
            name = f"name{'abcdefg'[number]}{'abcdefg'[each]}"
            town.named(f"K-{each}", "Kay", name)  # corrects the record of the round before
            expected[f"K-{each}"] = name
        if point:
            assert worker.wait(60) == EXIT_CODE
        else:
            town.wait_for_name(expected["K-5"])
            worker.send_signal(signal.SIGKILL)
            worker.wait(30)
        started = time.monotonic()
        town.start()
        expected["K-6"] = f"name{'abcdefg'[number]}z"
        town.named("K-6", "Kay", expected["K-6"])
        town.wait_for_name(expected["K-6"])
        slowest = max(slowest, time.monotonic() - started)
        assert town.stop() == 0

    assert town.names("name*") == sorted(expected.values())
    verdict = town.run("index", "verify", "--json")
    assert verdict.returncode == 0, verdict.stdout
    assert json.loads(verdict.stdout)["is_right"]
    assert slowest < 15, f"back after {slowest:.1f} s"


def test_an_index_made_anew_is_the_same(town: Town) -> None:
    engine = SqliteSearch(town.path)
    before = engine.contents()[1]
    engine.close()

    done = town.run("index", "rebuild", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"records": len(before)}
    engine = SqliteSearch(town.path)
    assert engine.contents()[1] == before
    assert engine.problems() == []
    engine.close()


def test_identities_and_ties_are_answers_too_and_leave_again(running: Town) -> None:
    """From topics that this test writes in associate's place to `show`, `why` and `verify`."""
    keys = [running.named(f"T-{n}", "Ida", surname) for n, surname in enumerate(("Quist", "Qvist"))]
    running.wait_for_name("qvist")
    registry = running.bus.servers.schema_registry()
    topics = ("identities.v1", "associations.v1")
    encoders = {each: Encoder(registry, f"{each}-value") for each in topics}
    ann, bo = entity_id("ida"), entity_id("other")
    who = {f"{keys[0]}.p1": ann, f"{keys[1]}.p1": ann, f"{keys[1]}.p2": bo}
    for mention, entity in who.items():
        said = records.part(
            "Identity", mention_id=mention, record_key=mention.partition(".")[0], version=1,
            kind="person", entity_id=entity,
        )  # fmt: skip
        running.bus.publish(mention, encoders["identities.v1"].encode(said), "identities.v1")
    made = association(ann, bo, record=keys[1])

    def update(**fields: Any) -> None:
        said = told_update(made, **fields)
        value = encoders["associations.v1"].encode(said)
        running.bus.publish(said["association_id"], value, "associations.v1")

    def facts() -> list[str] | None:
        shown = running.run("show", ann[:16], *ASK, "--json")
        return [each["type"] for each in json.loads(shown.stdout)["facts"]] if shown.stdout else []

    update()
    wait_for("the association", lambda: facts() == ["co_arrested"] or None)
    found = running.search("--name", "ida quist", "--entities")
    assert [each["entity_id"] for each in found["entities"]] == [ann]
    asked = running.run("why", *list(who)[:2], *ASK, "--json")
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["sentences"]

    assert json.loads(running.run("index", "verify", "--json").stdout)["is_right"]
    update(sequence=2, status="retracted", reason="withdrawn", association=None)
    wait_for("the retraction", lambda: facts() == [] or None)
    assert json.loads(running.run("index", "verify", "--json").stdout)["is_right"]

    assert running.stop() == 0
    assert running.run("index", "rebuild").returncode == 0
    assert json.loads(running.run("index", "verify", "--json").stdout)["is_right"]
    assert facts() == []
    registry.close()


def test_a_wrong_index_is_found_out(town: Town) -> None:
    connection = apsw.Connection(str(town.path))
    connection.execute("UPDATE record SET version = version + 1 WHERE id = 1")
    connection.execute(
        "INSERT INTO record SELECT 99999, zeroblob(32), origin, 1, record_kind, "
        "department, owner_ori, 0, 0, '', '', 0, 0, 0 FROM record LIMIT 1"
    )
    connection.close()

    done = town.run("index", "verify", "--json")

    assert done.returncode == 1
    verdict = json.loads(done.stdout)
    assert not verdict["is_right"]
    assert len(verdict["different"]) == 1
    assert verdict["surplus"] == ["00" * 32]
