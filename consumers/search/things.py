"""Vehicles, organisations, places and phones of a record as rows of the index (pure)."""

from __future__ import annotations

from typing import Any, Literal

import orjson

from consumers.search import tokens as t
from consumers.search.document import Mention, MentionType
from consumers.search.people import address_tokens, folded_words, phone_words
from consumers.search.words import compact, words
from schemas.catalog import code_list
from schemas.types import (
    CodedValue,
    LocationRole,
    NormalisedAddress,
    NormalisedLocation,
    NormalisedOrganisation,
    NormalisedPhone,
    NormalisedVehicle,
    OrganisationRole,
    PhoneRole,
    Vehicle,
    VehicleRole,
)

_CODED_FIELDS: tuple[Literal["plate_state", "make", "model", "style", "colour"], ...] = (
    "plate_state", "make", "model", "style", "colour",
)  # fmt: skip


def vehicle_row(
    role: VehicleRole, normal: NormalisedVehicle, common: str
) -> tuple[Mention, list[str]]:
    """Give a vehicle's row and the words to find it by in a search over the whole record."""
    vehicle = role["vehicle"]
    made, others = [common], []
    plate = normal["plate"]
    if plate:
        made.append(t.PLATE + plate.lower())
        others.append(plate.lower())
    folded = normal["plate_folded"]
    if folded:
        made.append(t.PLATE_FOLDED + folded.lower())
        others.append(folded.lower())
        made += t.plate_grams(folded)
    if normal["plate_state"]:
        made.append(t.PLATE_STATE + t.code(normal["plate_state"]))
    if normal["vin"]:
        vin = normal["vin"].lower()
        made += (t.VIN + vin, t.VIN_TAIL + vin[-t.VIN_TAIL_LENGTH :])
        others += (vin, vin[-t.VIN_TAIL_LENGTH :])
    _vehicle_codes(vehicle, made)
    others += _vehicle_words(vehicle, made)
    row = Mention(
        MentionType.VEHICLE, " ".join(made), _shown_vehicle(role, vehicle),
        plate=folded.lower() if folded else None,
    )  # fmt: skip
    return row, others


def _vehicle_codes(vehicle: Vehicle, made: list[str]) -> None:
    coded: tuple[tuple[str, CodedValue | None], ...] = (
        ("vm:", vehicle["make"]), ("vs:", vehicle["style"]),
        ("vc:", vehicle["colour"]), ("vc:", vehicle["colour_secondary"]),
    )  # fmt: skip
    for prefix, value in coded:
        if value and value["code"]:
            made.append(prefix + t.code(value["code"]))
    if vehicle["year"] is not None:
        made.append(f"{t.VEHICLE_YEAR}{vehicle['year']}")


def _vehicle_words(vehicle: Vehicle, made: list[str]) -> list[str]:
    found: list[str] = []
    model = vehicle["model"]
    if model:
        parts = folded_words(model["source"] or model["code"] or "")
        made += [t.MODEL_WORD + word for word in parts]
        found += parts
    for value in (vehicle["make"], vehicle["colour"]):
        if value and value["source"]:
            found += folded_words(value["source"])
    found += folded_words(_colour(vehicle["colour"]) or "")
    if vehicle["description"]:
        found += words(vehicle["description"])
    return found


def organisation_row(
    role: OrganisationRole, normal: NormalisedOrganisation, common: str
) -> tuple[Mention, list[str]]:
    """Give an organisation's row and the words to find it by."""
    organisation = role["organisation"]
    name = words(organisation["name"])
    made, others = [common], list(name)
    made += [t.ORGANISATION_WORD + word for word in name]
    for token in normal["tokens"]:
        made += t.word_tokens(t.ORGANISATION_WORD, token)
    made += [t.IDENTIFIER + each["digest"] for each in normal["identifiers"]]
    for phone in normal["phones"]:
        made += t.phone_tokens(phone)
        others += phone_words(phone)
    for address in normal["addresses"]:
        others += address_tokens(address, made)
    shown: dict[str, Any] = {"caption": organisation["name"], "role": role["role"]}
    _put(shown, "type", organisation["type"])
    return Mention(MentionType.ORGANISATION, " ".join(made), orjson.dumps(shown)), others


def location_row(
    role: LocationRole, normal: NormalisedLocation, common: str
) -> tuple[Mention, list[str]]:
    """Give a place's row and the words to find it by."""
    location = role["location"]
    made, others = [common], []
    if location["name"]:
        name = words(location["name"])
        made += [t.STREET_WORD + word for word in name]
        others += name
    address = normal["address"]
    if address:
        others += address_tokens(address, made)
    shown = {
        "caption": location["name"] or _address_line(address) or location["address"]["full"] or "",
        "role": role["role"],
    }
    if address:
        shown["address"] = _address_line(address)
    return Mention(MentionType.LOCATION, " ".join(made), orjson.dumps(shown)), others


def phone_row(role: PhoneRole, normal: NormalisedPhone, common: str) -> tuple[Mention, list[str]]:
    """Give a telephone's row and the words to find it by."""
    made = [common]
    others: list[str] = []
    if normal["e164"]:
        made += t.phone_tokens(normal["e164"])
        others += phone_words(normal["e164"])
    else:
        others.append(compact(role["number"]))
    shown = {"caption": normal["e164"] or role["number"], "role": role["role"]}
    return Mention(MentionType.PHONE, " ".join(made), orjson.dumps(shown)), others


def _address_line(address: NormalisedAddress | None) -> str:
    if address is None:
        return ""
    street = " ".join(filter(None, (address["street_number"], address["street"])))
    unit = f"unit {address['unit']}" if address["unit"] else None
    return ", ".join(
        filter(None, (street, unit, address["city"], address["state"], address["postal_code"]))
    )


def _shown_vehicle(role: VehicleRole, vehicle: Vehicle) -> bytes:
    shown: dict[str, Any] = {"caption": _vehicle_caption(vehicle), "role": role["role"]}
    plain = {"plate": vehicle["plate"], "vin": vehicle["vin"], "year": vehicle["year"]}
    shown.update({field: value for field, value in plain.items() if value})
    for field in _CODED_FIELDS:
        _put(shown, field, vehicle[field])
    return orjson.dumps(shown)


def _vehicle_caption(vehicle: Vehicle) -> str:
    coded = (vehicle["make"], vehicle["model"])
    texts = [(value["source"] or value["code"]) if value else None for value in coded]
    year = str(vehicle["year"]) if vehicle["year"] else None
    told = (vehicle["plate"], year, _colour(vehicle["colour"]), *texts)
    return " ".join(filter(None, told)) or "(no plate)"


def _colour(value: CodedValue | None) -> str | None:
    """Give a colour as a word: departments write `GREY`, `GRY` or `03` for the same one."""
    if value is None:
        return None
    known = code_list("vehicle_colour").codes
    return known.get(value["code"] or "") or value["source"] or value["code"]


def _put(shown: dict[str, Any], field: str, value: CodedValue | None) -> None:
    if value:
        text = value["code"] or value["source"]
        if text:
            shown[field] = text
