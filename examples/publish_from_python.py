"""Publish field contacts from a department's own program.

    python examples/publish_from_python.py maple-grove-pd

Where the bus is and who the department is come from the settings: RECORDBUS_CONFIG names the
file that `recordbus up` wrote. `record` is the part to replace: it turns one row of the
department's system into a record.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from producers.publisher import Publisher, Receipt, RecordInput
from producers.session import connect, owner_of
from recordbus.errors import Rejected
from recordbus.settings import load
from schemas.events import (
    Address,
    CodedValue,
    DateValue,
    FieldContactDetails,
    Location,
    LocationRole,
    Person,
    PersonName,
    PersonRole,
    RecordBody,
    Vehicle,
    VehicleRole,
)


@dataclass(frozen=True)
class Card:
    """One row of the department's system: two people who were met together in a car.

    `version` rises with every change of the row; the department's system keeps it.
    """

    number: str
    version: int
    at: datetime
    driver: tuple[str, str, str]
    passenger: tuple[str, str, str]
    plate: str
    corner: str


CARDS = (
    Card(
        number="FC-0007",
        version=1,
        at=datetime(2024, 3, 6, 22, 15, tzinfo=UTC),
        driver=("Rosa", "Almeida", "1993-04-02"),
        passenger=("Piet", "Almeida", "1996-01-19"),
        plate="2BRD771",
        corner="Mill St & Elm St",
    ),
    Card(
        number="FC-0008",
        version=3,
        at=datetime(2024, 3, 6, 23, 5, tzinfo=UTC),
        driver=("Sean", "Duffy", "1985-08-30"),
        passenger=("Rosa", "Almeida", "1993-04-02"),
        plate="90WWB",
        corner="Depot Sq",
    ),
)


def record(card: Card) -> RecordInput:
    """Give one card as a record: everything that it says now, never what changed."""
    return RecordInput(
        record_kind="field_contact",
        source_seq=card.version,
        recorded_at=card.at,
        occurred_at=card.at,
        body=RecordBody(
            record_id=card.number,
            people=[
                _person("driver", *card.driver),
                _person("passenger", *card.passenger),
            ],
            vehicles=[
                VehicleRole(
                    local_id="car",
                    role="contact_vehicle",
                    vehicle=Vehicle(
                        plate=card.plate, plate_state=CodedValue(code="MA", source="Mass.")
                    ),
                )
            ],
            locations=[
                LocationRole(
                    local_id="corner",
                    role="contact_location",
                    location=Location(address=Address(full=card.corner)),
                )
            ],
            details=FieldContactDetails(contact_basis="reasonable_suspicion"),
        ),
    )


def _person(local_id: str, given: str, surname: str, born: str) -> PersonRole:
    return PersonRole(
        local_id=local_id,
        role="contact",
        subject_category="contact_or_associate",
        person=Person(
            names=[PersonName(type="primary", given=given, surname=surname)],
            date_of_birth=DateValue(value=born, source=born),
        ),
    )


def publish(publisher: Publisher, cards: Iterable[Card]) -> Iterator[Receipt]:
    """Publish cards and give their receipts; a refused one is named and left out."""
    for card in cards:
        try:
            yield publisher.publish(record(card))
        except Rejected as refused:
            print(f"{card.number} was not sent: {refused}", file=sys.stderr)


def main(department: str) -> None:
    """Publish the cards of a department and wait until the bus holds all of them."""
    settings = load()
    publisher, close = connect(settings, owner_of(settings, department))
    try:
        receipts = list(publish(publisher, CARDS))
        publisher.flush()
        for receipt in receipts:
            topic, partition, offset = receipt.result()
            print(f"{receipt.record_key[:12]}... is in {topic}, partition {partition}, at {offset}")
    finally:
        close()


if __name__ == "__main__":
    main(sys.argv[1])
