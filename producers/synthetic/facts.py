"""What a department wrote down: one `Fact` per record, before it has a format.

A fact keeps what was written (`Mention.person`) beside whom it is about (`Mention.truth`); only the
first goes into an export, only the second into the truth folder.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from producers.synthetic.departments import BY_NAME
from producers.synthetic.organisations import OrganisationTruth
from producers.synthetic.people import Person
from producers.synthetic.places import Address
from producers.synthetic.vehicles import VehicleTruth

# What a record may leave out about a person (bits of `Mention.gaps`).
NO_SSN, NO_PHONE, NO_PAPERS, NO_LOOKS, NO_MIDDLE, NO_ADDRESS = 1, 2, 4, 8, 16, 32

_NUMBERS = {"court_disposition": "docket"}  # kinds whose number has another name

DESCRIBED = "described-suspect"  # the slot of a suspect whom nobody could name


class Mention(NamedTuple):
    """A person as one record names them: slot (local id), role, category, as written, in truth."""

    slot: str
    role: str
    category: str
    person: Person
    truth: Person
    gaps: int
    described_only: bool = False


class VehicleMention(NamedTuple):
    """A vehicle as one record names it."""

    slot: str
    role: str
    vehicle: VehicleTruth
    truth: VehicleTruth


class Reference(NamedTuple):
    """A number that a record gives of another or of itself; `issuer` is the ORI that gave it."""

    type: str
    number: str
    issuer: str


class OrganisationMention(NamedTuple):
    """An organisation as one record names it."""

    slot: str
    role: str
    organisation: OrganisationTruth


class Place(NamedTuple):
    """A location role: slot, role, address, and the name of the place if it has one."""

    slot: str
    role: str
    address: Address
    name: str = ""
    latitude: str = ""
    longitude: str = ""


class Charge(NamedTuple):
    """An offence: NIBRS code, words, statute, count, and the slots of those it is laid on."""

    code: str
    words: str
    statute: str
    counts: int
    slots: tuple[str, ...]
    disposition: str = ""


class Slip(NamedTuple):
    """One injected clerical error: where, what kind, the true and the written text."""

    slot: str
    field: str
    error: str
    true: str
    written: str


class Fact:
    """One record of one department; `details` holds what only its kind has. Days are ordinals.

    `fate` is (step, verb, reason) when the case already decided that the record goes away.
    """

    __slots__ = (
        "charges", "day", "department", "details", "fate", "kind", "minute", "narrative", "number",
        "organisations", "people", "phones", "places", "recorded", "references", "slips",
        "vehicles",
    )  # fmt: skip

    def __init__(self, department: str, kind: str, number: str, day: int, minute: int) -> None:
        self.department = department
        self.kind = kind
        self.number = number
        self.day = day
        self.minute = minute
        self.recorded = day
        self.people: list[Mention] = []
        self.vehicles: list[VehicleMention] = []
        self.organisations: list[OrganisationMention] = []
        self.places: list[Place] = []
        self.phones: list[str] = []
        self.charges: list[Charge] = []
        self.references: list[Reference] = []
        self.narrative = ""
        self.details: dict[str, Any] = {}
        self.slips: list[Slip] = []
        self.fate: tuple[int, str, str] | None = None

    def refer(self, *facts: Fact) -> None:
        """Refer to records by their numbers; a record may refer to itself."""
        for fact in facts:
            issuer = BY_NAME[fact.department].ori
            self.references.append(
                Reference(_NUMBERS.get(fact.kind, fact.kind), fact.number, issuer)
            )

    def copy(self) -> Fact:
        """Return a fact that can be altered without altering this one."""
        other = Fact(self.department, self.kind, self.number, self.day, self.minute)
        other.recorded = self.recorded
        other.fate = self.fate
        other.narrative = self.narrative
        for name in ("people", "vehicles", "organisations", "places", "phones", "charges",
                     "references", "slips"):  # fmt: skip
            setattr(other, name, list(getattr(self, name)))
        other.details = dict(self.details)
        return other
