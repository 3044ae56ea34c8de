"""Of which fields of a record everything in the index was made: what a mask takes away (pure).

Invariant: whatever is made of a field that a mask names is asked of nothing and shown to nobody.
What is not listed here is seen by nobody whose view has a mask.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Final

from consumers.search import tokens as t
from consumers.search.document import MentionType
from consumers.search.documents import NUMBER_FIELDS
from consumers.search.plan import Column
from recordbus.policy.payload import is_masked

NARRATIVE: Final = "body.narrative"
NOT_SHOWN: Final = "(not shown)"
_PART_DEPTH: Final = 2
_ROLE: Final = "body.people"
_PERSON: Final = f"{_ROLE}.person"
_CAR: Final = "body.vehicles.vehicle"
_FIRM: Final = "body.organisations.organisation"
_PLACE: Final = "body.locations.location"
_PHONE: Final = "body.phones.number"
_NUMBERS: Final = (
    "body.record_id", "body.references", *(f"body.details.{name}" for name in NUMBER_FIELDS),
)  # fmt: skip
_BORN: Final = (f"{_PERSON}.date_of_birth", f"{_ROLE}.age_years", f"{_ROLE}.age_range")
_HEIGHT: Final = (f"{_PERSON}.height_inches", f"{_PERSON}.height_range")
_WEIGHT: Final = (f"{_PERSON}.weight_pounds", f"{_PERSON}.weight_range")
_COLOURS: Final = (f"{_CAR}.colour", f"{_CAR}.colour_secondary")
_PHONE_TOKENS: Final = (t.PHONE, t.PHONE_TAIL, t.PHONE_HEAD)
_ADDRESS_TOKENS: Final = (t.STREET_NUMBER, t.STREET_WORD, t.CITY_WORD, t.STATE, t.POSTAL_CODE)
_LOOKS: Final = {
    "sex": "sex", "hair": "hair_colour", "eyes": "eye_colour", "build": "build",
    "complexion": "complexion", "race": "race", "ethnicity": "ethnicity",
    "country_of_birth": "country_of_birth",
}  # fmt: skip

Sources = Mapping[str, tuple[str, ...]]


def _each(names: Collection[str], *paths: str) -> dict[str, tuple[str, ...]]:
    return dict.fromkeys(names, paths)


TOKENS: Final[Mapping[MentionType, Sources]] = {
    MentionType.RECORD: {
        t.NUMBER: _NUMBERS,
        t.OFFENCE: ("body.offences",),
        t.RECORD_ROW.partition(":")[0] + ":": (),
    },
    MentionType.PERSON: {
        t.CATEGORY: (f"{_ROLE}.subject_category",),
        t.DESCRIBED.partition(":")[0] + ":": (f"{_ROLE}.description_only",),
        t.NAME: (f"{_PERSON}.names",),
        **_each((t.BORN_ON, t.BORN_ON_SWAPPED), f"{_PERSON}.date_of_birth"),
        t.BORN_IN: _BORN,
        t.HEIGHT: _HEIGHT,
        t.WEIGHT_TENS: _WEIGHT,
        **{t.PERSON_CODES[name]: (f"{_PERSON}.{path}",) for name, path in _LOOKS.items()},
        **_each((t.MARK, t.MARK_WORD), f"{_PERSON}.marks"),
        **_each(_PHONE_TOKENS, f"{_PERSON}.phones"),
        t.EMAIL: (f"{_PERSON}.emails",),
        t.IDENTIFIER: (f"{_PERSON}.identifiers",),
        **_each(_ADDRESS_TOKENS, f"{_PERSON}.addresses"),
    },
    MentionType.VEHICLE: {
        **_each((t.PLATE, t.PLATE_FOLDED, t.PLATE_PART), f"{_CAR}.plate"),
        t.PLATE_STATE: (f"{_CAR}.plate_state",),
        **_each((t.VIN, t.VIN_TAIL), f"{_CAR}.vin"),
        t.VEHICLE_CODES["make"]: (f"{_CAR}.make",),
        t.VEHICLE_CODES["style"]: (f"{_CAR}.style",),
        t.VEHICLE_CODES["colour"]: _COLOURS,
        t.VEHICLE_YEAR: (f"{_CAR}.year",),
        t.MODEL_WORD: (f"{_CAR}.model",),
    },
    MentionType.ORGANISATION: {
        t.ORGANISATION_WORD: (f"{_FIRM}.name",),
        t.IDENTIFIER: (f"{_FIRM}.identifiers",),
        **_each(_PHONE_TOKENS, f"{_FIRM}.phones"),
        **_each(_ADDRESS_TOKENS, f"{_FIRM}.addresses"),
    },
    MentionType.LOCATION: _each(_ADDRESS_TOKENS, f"{_PLACE}.address", f"{_PLACE}.name"),
    MentionType.PHONE: _each(_PHONE_TOKENS, _PHONE),
}
"""By what a row stands for: the fields that each kind of its tokens was made of."""
SHOWN: Final[Mapping[MentionType, Sources]] = {
    MentionType.RECORD: {
        "number": ("body.record_id",),
        "contact": (),
        "source_seq": (),
        "disputed": (),
        "matters": _NUMBERS,
        "offences": ("body.offences",),
    },
    MentionType.PERSON: {
        **_each(("caption", "aliases"), f"{_PERSON}.names"),
        "role": (f"{_ROLE}.role",),
        "category": (f"{_ROLE}.subject_category",),
        "described": (f"{_ROLE}.description_only",),
        "born": (f"{_PERSON}.date_of_birth",),
        **{name: (f"{_PERSON}.{path}",) for name, path in _LOOKS.items()},
        "age_at_event": (f"{_ROLE}.age_years", f"{_ROLE}.age_range"),
        "height_inches": _HEIGHT,
        "weight_pounds": _WEIGHT,
        "marks": (f"{_PERSON}.marks",),
    },
    MentionType.VEHICLE: {
        "caption": (f"{_CAR}.plate", f"{_CAR}.year", f"{_CAR}.colour", f"{_CAR}.make",
                    f"{_CAR}.model"),
        "role": ("body.vehicles.role",),
        **{name: (f"{_CAR}.{name}",) for name in
           ("plate", "vin", "year", "plate_state", "make", "model", "style", "colour")},
    },
    MentionType.ORGANISATION: {
        "caption": (f"{_FIRM}.name",),
        "role": ("body.organisations.role",),
        "type": (f"{_FIRM}.type",),
    },
    MentionType.LOCATION: {
        "caption": (f"{_PLACE}.name", f"{_PLACE}.address"),
        "role": ("body.locations.role",),
        "address": (f"{_PLACE}.address",),
    },
    MentionType.PHONE: {"caption": (_PHONE,), "role": ("body.phones.role",)},
}  # fmt: skip
"""By what a row stands for: the fields that each part of what is shown of it was made of."""
COLUMNS: Final[Mapping[Column, tuple[str, ...]]] = {
    Column.BORN: _BORN,
    Column.AGE: _BORN,
    Column.HEIGHT: _HEIGHT,
    Column.WEIGHT: _WEIGHT,
}
PARTS: Final[Mapping[MentionType, str]] = {
    MentionType.PERSON: "body.people",
    MentionType.VEHICLE: "body.vehicles",
    MentionType.ORGANISATION: "body.organisations",
    MentionType.LOCATION: "body.locations",
    MentionType.PHONE: "body.phones",
}
COMMON: Final = frozenset({t.DEPARTMENT, t.RECORD_KIND})
"""What stands on every row of a record and is of no part of its body."""
GROUNDS: Final = frozenset({t.BASIS, t.EVIDENCE})
"""What follows from the record's relations, which name its parts."""
WORDS: Final = frozenset(
    {t.NAME, t.PHONE, t.PHONE_TAIL, t.EMAIL, *_ADDRESS_TOKENS, t.PLATE, t.PLATE_FOLDED, t.VIN,
     t.VIN_TAIL, t.MODEL_WORD, t.ORGANISATION_WORD, t.NUMBER, t.MARK_WORD}
)  # fmt: skip
"""The kinds of tokens that a word typed into the box may mean where a mask is."""
POINTED_AT_BY: Final = frozenset(
    {t.NAME, t.BORN_ON, t.BORN_ON_SWAPPED, t.IDENTIFIER, t.PHONE, t.PHONE_TAIL, t.EMAIL, t.PLATE,
     t.PLATE_FOLDED, t.VIN, t.VIN_TAIL, t.ORGANISATION_WORD, t.NUMBER, t.RECORD_ROW[:3]}
)  # fmt: skip
"""By these a record may be found of which there is a pointer only: who or what it is about."""


@cache
def sees_token(masked: frozenset[str], prefix: str, kind: MentionType) -> bool:
    """Tell whether tokens of a kind may be asked of a row and read from it."""
    if not sees_rows(masked, kind):
        return False
    if prefix in COMMON:
        return True
    if prefix in GROUNDS:
        return sees_relations(masked)
    return _sees(masked, TOKENS[kind].get(prefix))


@cache
def sees_column(masked: frozenset[str], column: Column) -> bool:
    """Tell whether a range of people may be asked for."""
    return _sees(masked, COLUMNS[column])


@cache
def sees_rows(masked: frozenset[str], kind: MentionType) -> bool:
    """Tell whether it may be known that a record has rows of a kind at all."""
    return kind is MentionType.RECORD or not any(path == PARTS[kind] for path in masked)


@cache
def sees_relations(masked: frozenset[str]) -> bool:
    """Tell whether bases and grades may be known: they name parts that a mask may take away."""
    exempt = {NARRATIVE, "body.record_id"}
    return not any(path.count(".") + 1 <= _PART_DEPTH and path not in exempt for path in masked)


def unmasked(masked: frozenset[str], kind: MentionType, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Give what of a row's shown parts is left; a caption that is not keeps its place."""
    if not masked:
        return dict(shown)
    left = {name: value for name, value in shown.items() if _sees(masked, SHOWN[kind].get(name))}
    gated = shown.get("gated", {})
    if gated:
        left["gated"] = {
            name: value for name, value in gated.items() if _sees(masked, SHOWN[kind].get(name))
        }
    if "grades" in shown and sees_relations(masked):
        left["grades"] = shown["grades"]
    if kind is not MentionType.RECORD:
        left.setdefault("caption", NOT_SHOWN)
    return left


def _sees(masked: frozenset[str], sources: tuple[str, ...] | None) -> bool:
    """Tell whether no mask is about any of some fields; what is not known is not seen."""
    return sources is not None and not any(is_masked(path, masked) for path in sources)
