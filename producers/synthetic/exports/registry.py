"""State Vehicle Registry: tab-separated capitals, dates like 19810304, no social security numbers.

Owners are one or two people, or an organisation when OWNER_TYPE is ORG.
"""

from __future__ import annotations

from producers.synthetic.calendar import DateTexts
from producers.synthetic.departments import REGISTRY
from producers.synthetic.exports.form import (
    DepartmentExports,
    Dialect,
    Export,
    Row,
    columns,
    mention,
    vehicle,
)
from producers.synthetic.facts import NO_MIDDLE, NO_PAPERS, Fact, Mention
from producers.synthetic.names import CAPITALS
from producers.synthetic.places import Address

D = DateTexts(lambda y, m, d: f"{y:04d}{m:02d}{d:02d}")
DIALECT = Dialect("\t", "utf-8", "\n", False, D)
COLOUR = {
    "BLK": "BLACK", "WHI": "WHITE", "GRY": "GREY", "SIL": "SILVER", "BLU": "BLUE", "RED": "RED",
    "DBL": "DK BLUE", "GRN": "GREEN", "TAN": "TAN", "BRO": "BROWN", "GLD": "GOLD",
    "MAR": "MAROON", "ONG": "ORANGE", "YEL": "YELLOW", "LBL": "LT BLUE", "DGR": "DK GREEN",
    "PLE": "PURPLE", "BRZ": "BRONZE",
}  # fmt: skip
PERSON = "LAST FIRST MIDDLE SUFFIX DOB LICENSE ADDRESS CITY STATE ZIP"
_NOBODY = ("",) * len(PERSON.split())
VEHICLE = "PLATE PLATE_STATE VIN YEAR MAKE MODEL BODY COLOR"
_NO_VEHICLE = ("",) * len(VEHICLE.split())


def _address(a: Address) -> tuple[str, ...]:
    return (a.line.upper(), CAPITALS[a.city], a.state, a.postal_code)


def _person(m: Mention | None) -> tuple[str, ...]:
    if m is None:
        return _NOBODY
    p = m.person
    return (
        CAPITALS[p.surname],
        CAPITALS[p.given],
        "" if m.gaps & NO_MIDDLE else CAPITALS[p.middle],
        CAPITALS[p.suffix],
        "" if p.birth is None else D[p.birth],
        "" if m.gaps & NO_PAPERS else p.licence,
        *_address(p.address),
    )


def _vehicle(fact: Fact) -> tuple[str, ...]:
    m = vehicle(fact)
    if m is None:
        return _NO_VEHICLE
    v = m.vehicle
    return (
        v.plate, v.state, v.vin, str(v.year), v.model.make, v.model.name.upper(), v.model.style,
        COLOUR[v.colour],
    )  # fmt: skip


def _registration(fact: Fact) -> Row:
    owner = fact.organisations[0].organisation if fact.organisations else None
    company = (owner.name.upper(), owner.tax_id, owner.phone) if owner else ("", "", "")
    address = _address(fact.places[0].address) if owner else ("", "", "", "")
    return [
        fact.number, D[fact.day], D[fact.recorded], D[fact.details["valid_to_day"]],
        "ORG" if owner else "IND", *_person(mention(fact, "owner-1")),
        *_person(mention(fact, "owner-2")), *company, *address, *_vehicle(fact), fact.narrative,
    ]  # fmt: skip


def _permit(fact: Fact) -> Row:
    details = fact.details
    work = fact.organisations[0].organisation if fact.organisations else None
    return [
        fact.number, D[fact.day], D[fact.recorded], D[details["valid_to_day"]],
        details["permit_type"].upper(), details["permit_status"].upper(),
        *_person(mention(fact, "holder")), work.name.upper() if work else "",
        work.phone if work else "", *_vehicle(fact), fact.narrative,
    ]  # fmt: skip


_EXPORTS = (
    Export(
        "vehicle_registration", "registrations.csv",
        ("REG_NO", "VALID_FROM", "ENTERED", "VALID_TO", "OWNER_TYPE", *columns("OWNER1_", PERSON),
         *columns("OWNER2_", PERSON), "ORG_NAME", "ORG_TAX_ID", "ORG_PHONE", "ORG_ADDRESS",
         "ORG_CITY", "ORG_STATE", "ORG_ZIP", *VEHICLE.split(), "REMARKS"),
        _registration, "REG_NO", "VALID_FROM", None,
    ),
    Export(
        "permit", "permits.csv",
        ("PERMIT_NO", "VALID_FROM", "ENTERED", "VALID_TO", "PERMIT_TYPE", "STATUS",
         *columns("HOLDER_", PERSON), "EMPLOYER", "EMPLOYER_PHONE", *VEHICLE.split(), "REMARKS"),
        _permit, "PERMIT_NO", "VALID_FROM", None,
    ),
)  # fmt: skip
EXPORTS = DepartmentExports(REGISTRY.name, DIALECT, {e.kind: e for e in _EXPORTS})
