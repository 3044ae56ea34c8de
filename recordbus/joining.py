"""A department joins the bus: its entry in the departments file, a secret, topics, schemas.

Invariant: a reader of the departments file sees it before or after, never between, and two who add
at once both succeed. What is there already stays as it is, secrets above all, so that adding the
same department again only completes what was missing.
"""

from __future__ import annotations

import fcntl
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from recordbus import departments as department_file
from recordbus.departments import Department, Departments
from recordbus.errors import Misconfigured
from recordbus.secret_files import make_secret

if TYPE_CHECKING:
    from recordbus.kafka.admin import Admin
    from recordbus.kafka.registry import SchemaRegistry


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A department as it stands in the file now, and what of it is new."""

    department: Department
    is_new: bool
    made_secret: bool


def enrol(path: Path, wanted: Department, *, with_secret: bool) -> Enrolled:
    """Write a department into the file at `path`, which is made when it is missing.

    Raises Misconfigured when its name or ORI is another department's, or when the same name is
    there with other particulars.
    """
    with _only_one(path):
        known = department_file.load(path) if path.exists() else Departments([])
        earlier = next((each for each in known if each.name == wanted.name), None)
        if earlier is not None:
            _require_same(earlier, wanted, path)
            return Enrolled(earlier, is_new=False, made_secret=False)
        secret = path.parent / "secrets" / f"{wanted.name}.key" if with_secret else None
        complete = wanted.model_copy(update={"secret_file": secret})
        everybody = Departments([*known, complete])
        made = secret is not None and not secret.exists()
        if secret is not None:
            make_secret(secret)
        _write(path, everybody, complete)
    return Enrolled(complete, is_new=True, made_secret=made)


def create_topics(admin: Admin, department: Department, *, partitions: int, replicas: int) -> bool:
    """Create the department's own topics, or set them right; tells whether anything was changed.

    Those of records get as many partitions as `records.v1` has: one key has one partition
    everywhere.
    """
    from recordbus.kafka.catalogue import wanted_topics
    from schemas import catalog

    as_many = admin.list_topics().get("records.v1", partitions)
    wanted = wanted_topics([department.name], {"records": as_many}, replicas=replicas)
    shared = {spec.name for spec in catalog.topics().specs}
    return bool(admin.apply_topics([each for each in wanted if each.name not in shared]))


def register_schema(registry: SchemaRegistry, department: Department) -> int:
    """Register what the department's topics need; gives how many schemas were new."""
    from recordbus.kafka.catalogue import register_all
    from recordbus.kafka.schema_check import problems

    if found := problems(registry, [department.name]):
        raise Misconfigured("; ".join(found), hint="`recordbus schemas check` lists them")
    return register_all(registry, [department.name])


def _require_same(earlier: Department, wanted: Department, path: Path) -> None:
    if earlier.model_copy(update={"secret_file": None}) != wanted:
        raise Misconfigured(
            f"department {wanted.name} is in {path} with other particulars",
            hint="a name belongs to one department for good; change its title or contact there",
        )


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f".{path.name}.lock").open("w")
    except OSError as error:
        raise Misconfigured(
            f"the departments file {path} cannot be written: {error.strerror or error}",
            hint="RECORDBUS_DEPARTMENTS_FILE names another",
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, everybody: Departments, new: Department) -> None:
    """Add the entry below what is there, comments and all; write all anew where that fails."""
    text = department_file.as_text(everybody, path.parent)
    if path.exists():
        entry = department_file.as_text([new], path.parent).partition("\n")[2]
        text = _appended(path.read_text(encoding="utf-8"), entry) or text
    department_file.write(path, text)


def _appended(old: str, entry: str) -> str | None:
    """Give the text that holds what was there and the entry, in the indentation that fits."""
    wanted = [*yaml.safe_load(old)["departments"], *yaml.safe_load(entry)]
    for indent in ("", "  "):
        text = old.rstrip() + "\n" + textwrap.indent(entry, indent)
        try:
            if yaml.safe_load(text)["departments"] == wanted:
                return text
        except yaml.YAMLError:
            continue
    return None
