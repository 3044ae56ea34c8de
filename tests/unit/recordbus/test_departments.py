"""The departments file: who publishes, found by name, ORI or topic; secrets kept apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from recordbus import departments
from recordbus.departments import Contact, Department, Departments
from recordbus.errors import Misconfigured
from recordbus.secret_files import make_secret

HARBOR = Department(
    name="harbor-city-pd",
    title="Harbor City Police",
    ori="ZZ0010100",
    contact=Contact(unit="Records", phone="+1 555 010 0100"),
)
COURT = Department(
    name="alder-county-court",
    title="Alder County Court",
    ori="ZZ002015J",
    contact=Contact(unit="Clerk", email="clerk@court.example"),
)
BOTH = Departments([HARBOR, COURT])


def test_a_department_is_found_by_name_ori_and_topic() -> None:
    assert BOTH.named("harbor-city-pd") is HARBOR
    assert BOTH.by_ori("ZZ002015J") is COURT
    assert BOTH.by_topic("ingest.alder-county-court.v1") is COURT
    assert BOTH.names == ("harbor-city-pd", "alder-county-court")
    assert list(BOTH) == [HARBOR, COURT]
    assert len(BOTH) == 2


@pytest.mark.parametrize("topic", ["records.v1", "ingest.upkeep.v1", "ingest.nobody.v1"])
def test_a_topic_that_no_department_writes_belongs_to_none(topic: str) -> None:
    """R-44: the department follows from the topic."""
    assert BOTH.by_topic(topic) is None


def test_an_unknown_name_is_told_with_those_there_are() -> None:
    with pytest.raises(Misconfigured, match=r"'nobody'.*harbor-city-pd, alder-county-court"):
        BOTH.named("nobody")
    assert BOTH.by_ori("ZZ9999999") is None


@pytest.mark.parametrize("change", [{"name": "other-pd"}, {"ori": "ZZ0030300"}])
def test_a_name_or_an_ori_given_twice_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="named twice"):
        Departments([HARBOR, HARBOR.model_copy(update=change)])


def test_a_saved_file_is_read_back_and_can_be_moved_with_its_secrets(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    secret = make_secret(old / "secrets" / "harbor.key")
    with_secret = HARBOR.model_copy(update={"secret_file": old / "secrets" / "harbor.key"})
    departments.save(old / "departments.yaml", [with_secret, COURT])
    old.rename(new)

    read = departments.load(new / "departments.yaml")

    assert list(read) == [
        HARBOR.model_copy(update={"secret_file": new / "secrets" / "harbor.key"}),
        COURT,
    ]
    assert read.named("harbor-city-pd").secret() == secret
    assert not list(new.glob("*.new"))


def test_a_department_without_a_secret_cannot_publish() -> None:
    with pytest.raises(Misconfigured, match="alder-county-court has no secret_file"):
        COURT.secret()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("departments: [", "cannot be read"),
        ("- name: x\n", "no list `departments`"),
        ("departments:\n- title: X\n", "entry 1, name: Field required"),
        (
            "departments:\n- {name: A B, title: X, ori: ZZ0010100, contact: {unit: R}}\n",
            "name",
        ),
        ("departments:\n- {name: x, title: X, ori: short, contact: {unit: R}}\n", "entry 1, ori"),
        (
            "departments:\n- {name: x, title: X, ori: ZZ0010100, contact: {unit: R}, colour: 1}\n",
            "entry 1, colour",
        ),
        ("departments: [3]\n", "entry 1, entry"),
    ],
)
def test_a_wrong_file_names_the_entry_and_the_field(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "departments.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(Misconfigured, match=said):
        departments.load(path)


def test_a_missing_file_is_told_with_what_writes_one(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="recordbus departments add"):
        departments.load(tmp_path / "departments.yaml")
