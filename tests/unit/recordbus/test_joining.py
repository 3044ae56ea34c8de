"""A department joins: the file, the secret; nothing that is there is lost."""

from __future__ import annotations

import json
import stat
import threading
from pathlib import Path

import pytest

from recordbus import departments
from recordbus.cli import run
from recordbus.departments import Contact, Department
from recordbus.errors import ExitCode, Misconfigured
from recordbus.joining import create_topics, enrol
from recordbus.kafka.topics import Topic
from recordbus.secret_files import read_secret
from tests.unit.recordbus.test_departments import HARBOR

MAPLE = Department(
    name="maple-grove-pd",
    title="Maple Grove Police Department",
    ori="ZZ0990100",
    contact=Contact(unit="Records Desk", phone="+1 617 555 0142"),
)
BY_HAND = """\
# Who publishes here. Ask the desk before a change.
departments:
  - name: harbor-city-pd   # since 2024
    title: Harbor City Police
    ori: ZZ0010100
    contact: {unit: Records, phone: "+1 555 010 0100"}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "departments.yaml"


def test_the_first_department_makes_the_file_and_a_secret_of_its_own(path: Path) -> None:
    enrolled = enrol(path, MAPLE, with_secret=True)

    assert (enrolled.is_new, enrolled.made_secret) == (True, True)
    (found,) = departments.load(path)
    assert found == enrolled.department
    assert found.secret_file == path.parent / "secrets" / "maple-grove-pd.key"
    assert stat.S_IMODE(found.secret_file.stat().st_mode) == 0o600
    assert len(found.secret()) == 32


@pytest.mark.parametrize("text", [BY_HAND, BY_HAND.replace("\n  ", "\n")])
def test_what_was_written_by_hand_stays_with_its_comments(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    enrol(path, MAPLE, with_secret=False)

    assert path.read_text().startswith(text)
    assert [each.name for each in departments.load(path)] == ["harbor-city-pd", "maple-grove-pd"]


@pytest.mark.parametrize("text", ["departments: []\n", "{departments: [" + json.dumps(
    HARBOR.model_dump(mode="json", exclude_none=True)) + "]}\n"])  # fmt: skip
def test_a_file_in_another_form_is_written_anew(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    before = list(departments.load(path))
    enrol(path, MAPLE, with_secret=False)

    assert list(departments.load(path)) == [*before, MAPLE]


def test_adding_the_same_again_changes_nothing_the_secret_least(path: Path) -> None:
    """R-25: with another secret nothing could take the old records back."""
    first = enrol(path, MAPLE, with_secret=True)
    text, secret = path.read_text(), first.department.secret()

    again = enrol(path, MAPLE, with_secret=True)
    assert (again.is_new, again.made_secret) == (False, False)
    assert (path.read_text(), again.department.secret()) == (text, secret)


def test_a_secret_that_is_there_already_is_taken(path: Path) -> None:
    secret_file = path.parent / "secrets" / "maple-grove-pd.key"
    secret_file.parent.mkdir(parents=True)
    secret_file.write_text("ab" * 32)
    secret_file.chmod(0o600)

    assert enrol(path, MAPLE, with_secret=True).made_secret is False
    assert read_secret(secret_file) == b"\xab" * 32


@pytest.mark.parametrize(
    "change", [{"name": "other-pd"}, {"ori": "ZZ0990200"}, {"title": "Somebody else"}]
)
def test_a_name_or_an_ori_of_somebody_else_is_refused(path: Path, change: dict[str, str]) -> None:
    """R-44: a department is its name and its ORI, each of them its own."""
    enrol(path, MAPLE, with_secret=False)
    text = path.read_text()
    with pytest.raises(Misconfigured):
        enrol(path, MAPLE.model_copy(update=change), with_secret=True)

    assert path.read_text() == text
    assert not (path.parent / "secrets").exists()


def test_many_who_join_at_once_are_all_in_the_file(path: Path) -> None:
    def join(number: int) -> None:
        name, ori = f"pd-{number}", f"ZZ000000{number}"
        enrol(path, MAPLE.model_copy(update={"name": name, "ori": ori}), with_secret=True)

    threads = [threading.Thread(target=join, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = departments.load(path)
    assert sorted(found.names) == [f"pd-{number}" for number in range(8)]
    assert len({each.secret() for each in found}) == 8


ADD = ["departments", "add", "maple-grove-pd", "--ori", "ZZ0990100", "--title", "Maple Grove PD",
       "--unit", "Records Desk", "--phone", "+1 617 555 0142"]  # fmt: skip


@pytest.fixture
def alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the departments file of a bus whose servers do not answer."""
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(path.parent))
    monkeypatch.setenv("RECORDBUS_KAFKA__BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("RECORDBUS_REGISTRY__URL", "http://127.0.0.1:1")
    monkeypatch.setattr("recordbus.departments_command._PATIENCE_SECONDS", 0.2)
    return path


def test_without_a_broker_the_entry_is_made_and_the_rest_is_told(
    alone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ADD) == ExitCode.OK

    told = capsys.readouterr().out
    (department,) = departments.load(alone)
    assert f"maple-grove-pd is now in {alone}" in told
    assert "recordbus topics apply" in told
    assert "recordbus schemas register" in told
    assert "start intake and upkeep again" in told
    assert department.secret().hex() not in told

    assert run(["departments", "list"]) == ExitCode.OK
    assert capsys.readouterr().out.splitlines() == [
        "maple-grove-pd  ZZ0990100  Maple Grove PD  (Records Desk)",
        "1 departments",
    ]
    assert run(["departments", "list", "--json"]) == ExitCode.OK
    (row,) = json.loads(capsys.readouterr().out)["departments"]
    assert row["topic"] == "ingest.maple-grove-pd.v1"
    assert row["secret_file"] == str(department.secret_file)


@pytest.mark.parametrize(
    ("at", "value", "says"),
    [
        (2, "Maple_Grove", "name"),
        (2, "upkeep", "name"),
        (4, "ZZ099010", "ori"),
        (6, "", "title"),
        (8, "", "unit"),
    ],
)
def test_a_name_or_ori_that_cannot_be_is_refused_before_anything_is_written(
    alone: Path, at: int, value: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*ADD[:at], value, *ADD[at + 1 :]]) == ExitCode.MISCONFIGURED

    assert says in capsys.readouterr().err
    assert not alone.parent.exists()


class Cluster:
    """A cluster that has records.v1 in three partitions, and takes whatever is asked for."""

    def __init__(self) -> None:
        self.topics: dict[str, int] = {"records.v1": 3}

    def list_topics(self) -> dict[str, int]:
        return self.topics

    def apply_topics(self, wanted: list[Topic]) -> list[Topic]:
        new = [each for each in wanted if each.name not in self.topics]
        self.topics |= {each.name: each.partitions for each in new}
        return new


def test_a_department_gets_every_topic_of_its_own_and_no_other() -> None:
    """R-41: one of them tells it who used its records."""
    cluster = Cluster()

    assert create_topics(cluster, MAPLE, partitions=1, replicas=1)  # type: ignore[arg-type]
    assert cluster.topics == {
        "records.v1": 3,
        "ingest.maple-grove-pd.v1": 3,
        "ingest.maple-grove-pd.answers.v1": 3,
        "uses.maple-grove-pd.v1": 1,
    }
    assert not create_topics(cluster, MAPLE, partitions=1, replicas=1)  # type: ignore[arg-type]
