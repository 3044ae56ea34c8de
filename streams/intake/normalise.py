"""A record's mentions in comparable form, beside the body that stays as published (pure).

Invariant: race, ethnicity, complexion, birth country and the like never appear here (R-10), and no
identifier does in plain form. A placeholder becomes null and is named, so that a reader can tell
"not known" from "not asked".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, NamedTuple

from recordbus.normalize import (
    addresses,
    dates,
    emails,
    identifiers,
    marks,
    names,
    organisations,
    phones,
    plates,
    text,
    vins,
)
from schemas import catalog
from schemas.association_rules import association_rules

_OWN_NUMBER: Final = {"service_call": "call_number"}


class Normaliser:
    """Normalises bodies under one identifier secret, shared by the whole bus."""

    def __init__(self, identifier_secret: bytes) -> None:
        self._secret = identifier_secret
        self._digest = lru_cache(maxsize=text.CACHE_SIZE)(self._digest_of)
        self._identifier = lru_cache(maxsize=text.CACHE_SIZE)(self._identifier_of)

    def record(
        self, record_key: str, record_kind: str, owner_ori: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Give the `NormalisedRecord` of a body: every mention in the body's order, and matters."""
        prefix = f"{record_key}."
        return {
            "people": [self._person(role, prefix) for role in body["people"]],
            "vehicles": [_vehicle(role, prefix) for role in body["vehicles"]],
            "organisations": [self._organisation(role, prefix) for role in body["organisations"]],
            "locations": [_location(role, prefix) for role in body["locations"]],
            "phones": [_phone(role, prefix) for role in body["phones"]],
            "matters": self._matters(record_kind, owner_ori, body),
        }

    def _person(self, role: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        person, missing = role["person"], list[str]()
        born = person["date_of_birth"]
        birth = dates.birth_date(born["value"]) if born is not None else dates.NO_DATE
        if birth.placeholder:
            missing.append("date_of_birth")
        elif birth.year_only:
            missing.append("date_of_birth.day")
        return {
            "local_id": role["local_id"],
            "mention_id": prefix + role["local_id"],
            "names": [_name(name, missing) for name in person["names"]],
            "date_of_birth": birth.full,
            "date_of_birth_swapped": birth.swapped,
            "birth_year": birth.year,
            "identifiers": self._identifiers(person["identifiers"], missing),
            "phones": _phones(person["phones"], missing),
            "emails": [e for e in map(emails.normalise, person["emails"]) if e is not None],
            "addresses": _addresses(person["addresses"], missing),
            "marks": [_mark(mark) for mark in person["marks"]],
            "placeholders": list(dict.fromkeys(missing)) if missing else missing,
        }

    def _organisation(self, role: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        organisation, missing = role["organisation"], list[str]()
        name = organisations.normalise(organisation["name"])
        return {
            "local_id": role["local_id"],
            "mention_id": prefix + role["local_id"],
            "name": name.name,
            "tokens": name.tokens,
            "identifiers": self._identifiers(organisation["identifiers"], missing),
            "phones": _phones(organisation["phones"], missing),
            "addresses": _addresses(organisation["addresses"], missing),
        }

    def _identifiers(
        self, given: Sequence[Mapping[str, Any]], missing: list[str]
    ) -> list[dict[str, Any]]:
        found = []
        for identifier in given:
            kind = identifier["type"]
            value = self._identifier(kind, identifier["value"], identifier["issuer"])
            if value is None:
                missing.append(f"identifiers.{kind}")
            else:
                found.append(value)
        return found

    def _identifier_of(self, kind: str, value: str, issuer: str | None) -> dict[str, Any] | None:
        """Give a `NormalisedIdentifier`, which nobody may change, or None for a placeholder."""
        plain = identifiers.plain(kind, value, issuer)
        if plain.value is None:
            return None
        digest = self._digest_of(kind, plain.issuer, plain.value)
        return {"type": kind, "issuer": plain.issuer or None, "digest": digest}

    def _digest_of(self, kind: str, issuer: str, value: str) -> str:
        return identifiers.digest(self._secret, kind, issuer, value)

    def _matters(
        self, record_kind: str, owner_ori: str, body: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Give the matters of a record, its own first, each once.

        A local id holds a keyed digest, for it becomes part of mention ids and so of topic keys.
        """
        found: dict[str, dict[str, Any]] = {}
        for kind, number, issuer in _numbers(record_kind, owner_ori, body):
            compact = text.compact(number)
            if compact:
                key = f"{issuer}|{compact}"
                local_id = f"@{kind}:{self._digest('matter', kind, key)[:16]}"
                found.setdefault(local_id, {"local_id": local_id, "type": kind, "key": key})
        return list(found.values())


def _numbers(
    record_kind: str, owner_ori: str, body: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    """Give (type, number, issuer) of everything larger that a record belongs to, and of itself."""
    found = []
    own = association_rules()[record_kind].own_matter
    if own is not None:
        field = _OWN_NUMBER.get(own, f"{own}_number")
        found.append((own, body["details"][1].get(field) or body["record_id"], owner_ori))
    found += [(r["type"], r["number"], r["issuer_ori"] or owner_ori) for r in body["references"]]
    return found


def _name(name: Mapping[str, Any], missing: list[str]) -> dict[str, Any]:
    found, is_placeholder = _folded(*_NAME_AS_WRITTEN(name))
    if is_placeholder:
        missing.append("names")
    return found


_NAME_AS_WRITTEN: Final = itemgetter("type", "full", "given", "middle", "surname", "suffix")


@lru_cache(maxsize=text.CACHE_SIZE)
def _folded(
    kind: str, full: str | None, given: str | None, middle: str | None, surname: str | None,
    suffix: str | None,
) -> tuple[dict[str, Any], bool]:  # fmt: skip
    """Give a `NormalisedName`, which nobody may change, and whether it stands for no name."""
    parts = names.parse(full, given, middle, surname, suffix)
    found = {
        "type": kind,
        "given": parts.given or None,
        "middle": parts.middle or None,
        "surname": parts.surname or None,
        "suffix": parts.suffix or None,
        "given_canonical": parts.given_canonical or None,
        "given_codes": parts.given_codes,
        "surname_codes": parts.surname_codes,
    }
    return found, parts.placeholder


def _phones(given: Sequence[str], missing: list[str]) -> list[str]:
    found = []
    for written in given:
        phone = phones.normalise(written)
        if phone.e164 is not None:
            found.append(phone.e164)
        elif phone.placeholder:
            missing.append("phones")
    return found


def _addresses(given: Sequence[Mapping[str, Any]], missing: list[str]) -> list[dict[str, Any]]:
    found = []
    for written in given:
        address = _read(*_ADDRESS_AS_WRITTEN(written))
        if address.placeholder:
            missing.append("addresses")
        elif address.value is not None:
            found.append(address.value)
    return found


_ADDRESS_AS_WRITTEN: Final = itemgetter(
    "full", "street_number", "street", "unit", "city", "state", "postal_code"
)


class _Address(NamedTuple):
    """A `NormalisedAddress`, which nobody may change, or None when there is none to tell."""

    value: dict[str, Any] | None
    key: str | None
    placeholder: bool


@lru_cache(maxsize=text.CACHE_SIZE)
def _read(*written: str | None) -> _Address:
    address = addresses.normalise(*written)
    if address.placeholder or address == addresses.NO_ADDRESS:
        return _Address(None, address.key, address.placeholder)
    value = {
        "street_number": address.street_number,
        "street": address.street,
        "unit": address.unit,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
        "key": address.key,
    }
    return _Address(value, address.key, placeholder=False)


def _mark(mark: Mapping[str, Any]) -> dict[str, Any]:
    coded, description = mark["code"], mark["description"]
    parts = marks.parts(coded["code"]) if coded["code"] else marks.NO_MARK
    return {
        "category": parts.category or None,
        "side": parts.side,
        "place": parts.place,
        "text": (text.fold(description) or None) if description else None,
    }


def _vehicle(role: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    vehicle = role["vehicle"]
    plate = plates.normalise(vehicle["plate"]) if vehicle["plate"] is not None else plates.NO_PLATE
    vin = vins.normalise(vehicle["vin"]) if vehicle["vin"] is not None else vins.NO_VIN
    state = vehicle["plate_state"]
    return {
        "local_id": role["local_id"],
        "mention_id": prefix + role["local_id"],
        "plate": plate.plate,
        "plate_folded": plate.folded,
        "plate_state": state["code"] if state is not None else None,
        "vin": vin.vin,
        "vin_valid": vin.valid,
    }


def _location(role: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    address = _read(*_ADDRESS_AS_WRITTEN(role["location"]["address"]))
    return {
        "local_id": role["local_id"],
        "mention_id": prefix + role["local_id"],
        "address": address.value,
        "key": address.key,
    }


def _phone(role: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {
        "local_id": role["local_id"],
        "mention_id": prefix + role["local_id"],
        "e164": phones.normalise(role["number"]).e164,
    }


def placeholder_flags(normalised: Mapping[str, Any]) -> list[str]:
    """Give one flag for each field in which some person of the record has a placeholder."""
    fields = set[str]()
    for person in normalised["people"]:
        fields.update(person["placeholders"])
    return [catalog.flag(f"placeholder:{name}") for name in sorted(fields)] if fields else []
