"""The five fictional departments: who they are, never what they know.

Names are topic-safe, ORIs have nine characters and use county number 99, which no county of the
state bears. Demonstrations and tests write their department registry from this one tuple.
"""

from __future__ import annotations

from dataclasses import dataclass

STATE = "ME"


@dataclass(frozen=True, slots=True)
class DepartmentContact:
    """Whom to ask about a department's records."""

    unit: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class SyntheticDepartment:
    """One fictional department: topic-safe name, title, nine-character ORI, kind, contact."""

    name: str
    title: str
    ori: str
    kind: str
    contact: DepartmentContact


def _department(
    name: str, title: str, ori: str, kind: str, unit: str, line: str
) -> SyntheticDepartment:
    contact = DepartmentContact(unit, f"+1207555{line}", f"records@{name}.example")
    return SyntheticDepartment(name, title, ori, kind, contact)


HARBOR_CITY = _department(
    "harbor-city-pd",
    "Harbor City Police Department",
    "ME0990100",
    "police",
    "Records Division",
    "0110",
)
MILLBROOK = _department(
    "millbrook-pd", "Millbrook Police Department", "ME0990200", "police", "Records Unit", "0120"
)
SHERIFF = _department(
    "alder-county-so",
    "Alder County Sheriff's Office",
    "ME0990000",
    "sheriff",
    "Jail Records",
    "0130",
)
COURT = _department(
    "alder-county-court", "Alder County Court", "ME099015J", "court", "Clerk of Court", "0140"
)
REGISTRY = _department(
    "state-vehicle-registry",
    "State Vehicle Registry",
    "ME099035V",
    "registry",
    "Title and Registration",
    "0150",
)

DEPARTMENTS: tuple[SyntheticDepartment, ...] = (HARBOR_CITY, MILLBROOK, SHERIFF, COURT, REGISTRY)
BY_NAME = {department.name: department for department in DEPARTMENTS}
