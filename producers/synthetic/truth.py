"""The truth folder: who is who, what was injected, what is expected. The pipeline never reads it.

people.csv, vehicles.csv, organisations.csv hold the true things; mentions.csv says whom each role
of each record is about; slips.csv and damage.csv name every injected error; changes.csv every
change after the first snapshot; manifest.json the counts to expect. Residences are
`day=number street|unit|city|state|ZIP`, oldest first, joined by `;`; the first has no day.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from producers.synthetic.calendar import ISO
from producers.synthetic.files import TextFiles, csv_line
from producers.synthetic.organisations import organisation
from producers.synthetic.people import Person
from producers.synthetic.places import Address
from producers.synthetic.population import Block
from producers.synthetic.world import Told

FOLDER = "truth"
_PEOPLE = (
    "person_id,household,kin,twin,given,middle,surname,suffix,former_surname,renamed_on,birth,sex,"
    "race,ethnicity,ssn,licence,state_id,phone,email,employer,residences\n"
)
_VEHICLES = "vehicle_id,owners,organisation,plate,state,vin,make,model,style,colour,year\n"
_ORGANISATIONS = "organisation_id,name,type,phone,tax_id,address\n"
_MENTIONS = "department,record_kind,record_id,slot,kind,entity\n"
_SLIPS = "department,record_kind,record_id,slot,field,error,true,written\n"
_DAMAGE = "department,record_kind,record_id,damage\n"
_CHANGES = "step,verb,department,record_kind,record_id,reason\n"


class TruthWriter:
    """Writes the truth of block after block; the folder is closed to other users."""

    def __init__(self, directory: Path, files: TextFiles) -> None:
        directory.mkdir(parents=True, mode=0o700)
        self._people = files.open(directory / "people.csv", first_line=_PEOPLE)
        self._vehicles = files.open(directory / "vehicles.csv", first_line=_VEHICLES)
        self._organisations = files.open(directory / "organisations.csv", first_line=_ORGANISATIONS)
        self._mentions = files.open(directory / "mentions.csv", first_line=_MENTIONS)
        self._slips = files.open(directory / "slips.csv", first_line=_SLIPS)
        self._damage = files.open(directory / "damage.csv", first_line=_DAMAGE)
        self._changes = files.open(directory / "changes.csv", first_line=_CHANGES)

    def organisations(self, count: int) -> None:
        """Write the organisations with indexes below `count`."""
        for index in range(count):
            it = organisation(index)
            cells = (str(index), it.name, it.type, it.phone, it.tax_id, _one_line(it.address))
            self._organisations.append(csv_line(cells))

    def block(self, block: Block, records: Sequence[Told]) -> None:
        """Write a block's people and vehicles, and the truth of its records."""
        for person in block.people:
            self._people.append(_person_line(person))
        for v in block.vehicles:
            owners = " ".join(map(str, v.owners))
            company = "" if v.organisation is None else v.organisation
            self._vehicles.append(
                f"{v.id},{owners},{company},{v.plate},{v.state},{v.vin},{v.model.make},"
                f"{v.model.name},{v.model.style},{v.colour},{v.year}\n"
            )
        for told in records:
            self._record(told)

    def _record(self, told: Told) -> None:
        fact = told.fact
        head = f"{fact.department},{fact.kind},{fact.number}"
        add = self._mentions.append
        for m in fact.people:
            add(f"{head},{m.slot},person,{m.truth.id}\n")
        for v in fact.vehicles:
            add(f"{head},{v.slot},vehicle,{v.truth.id}\n")
        for o in fact.organisations:
            add(f"{head},{o.slot},organisation,{o.organisation.number}\n")
        for slip in fact.slips:
            self._slips.append(f"{head},{csv_line(slip)}")
        if told.damage:
            self._damage.append(f"{head},{told.damage}\n")
        for change in told.changes:
            self._changes.append(f"{change.step},{change.verb},{head},{change.reason}\n")


def _one_line(a: Address) -> str:
    return f"{a[0]} {a[1]}|{a[2]}|{a[3]}|{a[5]}|{a[4]}"


def _residences(p: Person) -> str:
    if len(p.residences) == 1:
        return "=" + _one_line(p.address)
    return ";".join(
        f"{ISO[since] if since else ''}={_one_line(place)}" for since, place in p.residences
    )


def _person_line(p: Person) -> str:
    birth = "" if p.birth is None else ISO[p.birth]
    renamed = ISO[p.renamed_on] if p.former_surname else ""
    return (
        f"{p.id},{p.household},{p.kin},{p.twin if p.twin >= 0 else ''},{p.given},{p.middle},"
        f"{p.surname},{p.suffix},{p.former_surname},{renamed},{birth},{p.sex},{p.race},"
        f"{p.ethnicity},{p.ssn},{p.licence},{p.state_id},{p.phone},{p.email},"
        f"{p.employer if p.employer >= 0 else ''},{_residences(p)}\n"
    )
