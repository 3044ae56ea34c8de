"""Which departments publish on this bus: one file that says who they are and where to reach them.

Invariant: a department is known by its name, and its ORI belongs to no other department; a
message's department follows from its topic, never from its payload (R-44). Secrets are kept in
files of their own (`recordbus.secret_files`) and are read when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from recordbus.errors import Misconfigured
from recordbus.secret_files import read_secret
from schemas.topics import (
    answers_topic_for_department,
    checked_department,
    department_of_topic,
    topic_for_department,
)


class Contact(BaseModel):
    """Whom to ask before acting on a department's record (R-34)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    unit: str = Field(min_length=1, max_length=200)
    phone: str | None = Field(default=None, max_length=50)
    email: str | None = Field(default=None, max_length=200)


class Department(BaseModel):
    """One publishing department."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, AfterValidator(checked_department)]
    title: str = Field(min_length=1, max_length=200)
    ori: str = Field(pattern=r"^[A-Z0-9]{9}$")
    contact: Contact
    secret_file: Path | None = None

    @property
    def topic(self) -> str:
        """The topic that this department alone writes."""
        return topic_for_department(self.name)

    @property
    def answers_topic(self) -> str:
        """The topic on which it alone answers questions about its records (R-34)."""
        return answers_topic_for_department(self.name)

    def secret(self) -> bytes:
        """Read the secret that makes this department's record keys.

        Raises Misconfigured when it has none here, or when others than its owner may read it.
        """
        if self.secret_file is None:
            raise Misconfigured(
                f"department {self.name} has no secret_file",
                hint="publishing needs it; name it in the departments file",
            )
        return read_secret(self.secret_file)


class Departments:
    """All departments of a bus, found by name, by ORI or by topic."""

    def __init__(self, departments: Iterable[Department]) -> None:
        """Keep the departments in the order given; raises Misconfigured when two share an ORI."""
        self._by_name: dict[str, Department] = {}
        self._by_ori: dict[str, Department] = {}
        for department in departments:
            if department.name in self._by_name or department.ori in self._by_ori:
                raise Misconfigured(
                    f"department {department.name} ({department.ori}) is named twice",
                    hint="each name and each ORI belongs to one department",
                )
            self._by_name[department.name] = department
            self._by_ori[department.ori] = department

    def __iter__(self) -> Iterator[Department]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def names(self) -> tuple[str, ...]:
        """Every department's name, in the order of the file."""
        return tuple(self._by_name)

    def named(self, name: str) -> Department:
        """Give the department of that name; raises Misconfigured, listing those there are."""
        found = self._by_name.get(name)
        if found is None:
            known = ", ".join(self._by_name) or "none"
            raise Misconfigured(
                f"no department is named {name!r}",
                hint=f"known departments: {known}; others go into the departments file",
            )
        return found

    def by_ori(self, ori: str) -> Department | None:
        """Give the department with that ORI, or None."""
        return self._by_ori.get(ori)

    def by_topic(self, topic: str) -> Department | None:
        """Give the department that alone writes that topic, or None."""
        name = department_of_topic(topic)
        return None if name is None else self._by_name.get(name)


def load(path: Path) -> Departments:
    """Read a departments file; secret files in it are relative to it.

    Raises Misconfigured, naming the entry and field that is wrong.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Misconfigured(
            f"the departments file {path} cannot be read: {error}",
            hint="`recordbus departments add` writes one; RECORDBUS_DEPARTMENTS_FILE names another",
        ) from error
    entries = content.get("departments") if isinstance(content, Mapping) else None
    if not isinstance(entries, list):
        raise Misconfigured(
            f"the departments file {path} has no list `departments`",
            hint="it begins with `departments:` and then one `- name: ...` for each",
        )
    return Departments(_department(entry, path, at) for at, entry in enumerate(entries, 1))


def save(path: Path, departments: Iterable[Department]) -> None:
    """Write a departments file in one step, so that a reader never sees half of it."""
    write(path, as_text(departments, path.parent))


def as_text(departments: Iterable[Department], folder: Path) -> str:
    """Give the text of a departments file in `folder`; secret files in it are named from there."""
    entries = [_entry(department, folder) for department in departments]
    return yaml.safe_dump({"departments": entries}, sort_keys=False, allow_unicode=True)


def write(path: Path, text: str) -> None:
    """Replace a departments file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".new")
    written.write_text(text, encoding="utf-8")
    written.replace(path)


def _department(entry: Any, path: Path, at: int) -> Department:
    try:
        department = Department.model_validate(entry)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "entry"
        raise Misconfigured(
            f"the departments file {path}: entry {at}, {field}: {first['msg']}",
            hint="each entry has name, title, ori, contact (unit, phone, email) and secret_file",
        ) from None
    if department.secret_file is None:
        return department
    return department.model_copy(update={"secret_file": path.parent / department.secret_file})


def _entry(department: Department, folder: Path) -> dict[str, Any]:
    entry = department.model_dump(mode="json", exclude_none=True)
    if department.secret_file is not None and department.secret_file.is_relative_to(folder):
        entry["secret_file"] = str(department.secret_file.relative_to(folder))
    return entry
