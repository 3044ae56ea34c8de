"""The people of a world as rows that `recordbus resolve` reads, and who each of them is.

One row per person that a record names, slips and gaps included, whatever department and record
kind. A described suspect whom nobody could name is no row: there is nothing to compare.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from producers.synthetic.calendar import ISO
from producers.synthetic.facts import NO_ADDRESS, NO_MIDDLE, NO_PAPERS, NO_PHONE, NO_SSN, Mention
from producers.synthetic.people import Person
from producers.synthetic.places import NOWHERE
from producers.synthetic.truth import FOLDER
from producers.synthetic.world import World

COLUMNS: Final = (
    "source", "record_id", "given_name", "middle_name", "surname", "name_suffix", "date_of_birth",
    "sex", "ssn", "driver_license_number", "driver_license_state", "state_id", "phone", "email",
    "street_number", "street_name", "unit", "city", "state", "postal_code",
)  # fmt: skip
TRUTH_COLUMNS: Final = ("source", "record_id", "true_id")
PEOPLE_FILE: Final = "people.csv"
TRUTH_FILE: Final = "people-truth.csv"


class PersonRow(NamedTuple):
    """One row in the order of `COLUMNS`, and the true person."""

    cells: tuple[str, ...]
    truth: Person


def person_rows(world: World) -> Iterator[PersonRow]:
    """Give every person that an undamaged record of the first snapshot names."""
    for fact in world.facts():
        for mention in fact.people:
            if not mention.described_only:
                record_id = f"{fact.kind}/{fact.number}/{mention.slot}"
                yield PersonRow((fact.department, record_id, *_cells(mention)), mention.truth)


def write_person_rows(world: World, root: Path) -> int:
    """Write `people.csv` to the world's folder and who is who to its truth; give the rows."""
    people, truth, rows = root / PEOPLE_FILE, root / FOLDER / TRUTH_FILE, 0
    with people.open("w", newline="") as out, truth.open("w", newline="") as who:
        add, tell = csv.writer(out).writerow, csv.writer(who).writerow
        add(COLUMNS)
        tell(TRUTH_COLUMNS)
        for cells, true in person_rows(world):
            add(cells)
            tell((*cells[:2], true.id))
            rows += 1
    return rows


def _cells(mention: Mention) -> tuple[str, ...]:
    p, gaps = mention.person, mention.gaps
    papers = not gaps & NO_PAPERS
    home = NOWHERE if gaps & NO_ADDRESS else p.address
    return (
        p.given, "" if gaps & NO_MIDDLE else p.middle, p.surname, p.suffix,
        "" if p.birth is None else ISO[p.birth], p.sex, "" if gaps & NO_SSN else p.ssn,
        p.licence if papers else "", "ME" if papers and p.licence else "",
        p.state_id if papers else "", "" if gaps & NO_PHONE else p.phone, p.email,
        home.number, home.street, home.unit, home.city, home.state, home.postal_code,
    )  # fmt: skip
