"""The clerk who writes people and vehicles down, and slips in known ways at known rates.

Every slip is reported as a `Slip`, so the truth folder can say exactly what was injected. A gap (a
field that this kind of record often leaves out) is not a slip.
"""

from __future__ import annotations

from collections.abc import Callable

from producers.synthetic.calendar import ISO, LAST_DAY, PLACEHOLDER_BIRTHS, swapped
from producers.synthetic.draws import Uniform, weighted_table
from producers.synthetic.facts import (
    NO_ADDRESS,
    NO_LOOKS,
    NO_MIDDLE,
    NO_PAPERS,
    NO_PHONE,
    NO_SSN,
    Mention,
    Slip,
    VehicleMention,
)
from producers.synthetic.names import NICKNAMES, mistyped, sounds_alike
from producers.synthetic.people import Person
from producers.synthetic.places import Address
from producers.synthetic.vehicles import VehicleTruth

SLIP_RATE = 0.17
VEHICLE_SLIP_RATE = 0.12
_PLACEHOLDER_SSNS = ("000000000", "999999999", "123456789", "111111111", "078051120")
_PLACEHOLDER_PHONES = ("5555555555", "0000000000", "9999999999")
_NO_FIXED_ABODE = ("HOMELESS", "TRANSIENT", "GENERAL DELIVERY", "UNKNOWN")
# A mistyped date of birth stays one that a reader would believe.
_OLDEST, _YOUNGEST = LAST_DAY - 96 * 365, LAST_DAY - 9 * 365
_FOLDS = {"O": "0", "0": "O", "I": "1", "1": "I", "B": "8", "8": "B", "S": "5", "5": "S"}
# One in so many records leaves these out; drawn together as one of 64 combinations.
_GAPS = weighted_table(
    [
        (0, 34.0), (NO_SSN, 16.0), (NO_PHONE, 9.0), (NO_SSN | NO_PHONE, 9.0),
        (NO_MIDDLE, 8.0), (NO_SSN | NO_MIDDLE, 5.0), (NO_LOOKS, 5.0),
        (NO_SSN | NO_LOOKS | NO_MIDDLE, 5.0), (NO_PAPERS | NO_SSN, 4.0),
        (NO_ADDRESS | NO_SSN | NO_PHONE, 3.0), (NO_PAPERS, 2.0),
    ],
    128,
)  # fmt: skip

Change = tuple[str, str, str] | None  # (field, true text, written text), None = does not apply


def _surname_typed(person: Person, uniform: Uniform) -> Change:
    true = person.surname
    person.surname = mistyped(true, uniform)
    return "surname", true, person.surname


def _given_typed(person: Person, uniform: Uniform) -> Change:
    true = person.given
    person.given = mistyped(true, uniform)
    return "given", true, person.given


def _surname_heard(person: Person, uniform: Uniform) -> Change:
    true = person.surname
    person.surname = sounds_alike(true, uniform)
    return "surname", true, person.surname


def _given_heard(person: Person, uniform: Uniform) -> Change:
    true = person.given
    person.given = sounds_alike(true, uniform)
    return "given", true, person.given


def _nickname(person: Person, uniform: Uniform) -> Change:
    forms = NICKNAMES.get(person.given)
    if not forms:
        return None
    true = person.given
    person.given = forms[int(uniform() * len(forms))]
    return "given", true, person.given


def _names_swapped(person: Person, _: Uniform) -> Change:
    true = f"{person.given}|{person.surname}"
    person.given, person.surname = person.surname, person.given
    return "name", true, f"{person.given}|{person.surname}"


def _suffix_in_surname(person: Person, _: Uniform) -> Change:
    if not person.suffix:
        return None
    true = f"{person.surname}|{person.suffix}"
    person.surname, person.suffix = f"{person.surname} {person.suffix}", ""
    return "suffix", true, person.surname


def _suffix_dropped(person: Person, _: Uniform) -> Change:
    true, person.suffix = person.suffix, ""
    return ("suffix", true, "") if true else None


def _name_unknown(person: Person, uniform: Uniform) -> Change:
    true = f"{person.given}|{person.surname}"
    if uniform() < 0.6:
        person.given, person.surname = "", "Unknown"
    else:
        person.given, person.surname = ("Jane" if person.sex == "F" else "John"), "Doe"
    person.middle = person.suffix = ""
    return "name", true, f"{person.given}|{person.surname}"


def _written_birth(person: Person, day: int | None) -> Change:
    true = person.birth
    if true is None or day is None or day == true:
        return None
    person.birth = day
    return "date_of_birth", ISO[true], ISO[day]


def _birth_swapped(person: Person, _: Uniform) -> Change:
    return _written_birth(person, None if person.birth is None else swapped(person.birth))


def _birth_mistyped(person: Person, uniform: Uniform) -> Change:
    offsets = (-365, 365, -10, 10, -1, 1, 30, -3653)
    true = person.birth
    day = (true or 0) + offsets[int(uniform() * len(offsets))]
    plausible = _OLDEST < day < _YOUNGEST
    return _written_birth(person, day if plausible else None)


def _birth_placeholder(person: Person, uniform: Uniform) -> Change:
    return _written_birth(person, PLACEHOLDER_BIRTHS[int(uniform() * 3)])


def _birth_missing(person: Person, _: Uniform) -> Change:
    true, person.birth = person.birth, None
    return None if true is None else ("date_of_birth", ISO[true], "")


def _ssn_placeholder(person: Person, uniform: Uniform) -> Change:
    true = person.ssn
    person.ssn = _PLACEHOLDER_SSNS[int(uniform() * len(_PLACEHOLDER_SSNS))]
    return "ssn", true, person.ssn


def _ssn_transposed(person: Person, uniform: Uniform) -> Change:
    true = person.ssn
    at = 3 + int(uniform() * 5)
    person.ssn = true[:at] + true[at + 1] + true[at] + true[at + 2 :]
    return None if person.ssn == true else ("ssn", true, person.ssn)


def _phone_placeholder(person: Person, uniform: Uniform) -> Change:
    true = person.phone
    person.phone = _PLACEHOLDER_PHONES[int(uniform() * 3)]
    return "phone", true, person.phone


def _no_fixed_abode(person: Person, uniform: Uniform) -> Change:
    true = person.address.line
    street = _NO_FIXED_ABODE[int(uniform() * 4)]
    person.address = Address("", street, "", person.address.city, "")
    return "address", true, street


def _address_stale(person: Person, _: Uniform) -> Change:
    earlier = [place for _, place in person.residences if place is not person.address]
    if not earlier:
        return None
    true = person.address.line
    person.address = earlier[0]
    return "address", true, person.address.line


def _zero_lost(person: Person, _: Uniform) -> Change:
    true = person.address.postal_code
    if not true.startswith("0"):
        return None
    person.address = person.address._replace(postal_code=true.lstrip("0"))
    return "postal_code", true, person.address.postal_code


_SLIPS: tuple[tuple[str, Callable[[Person, Uniform], Change]], ...] = weighted_table(
    [
        (("typo_surname", _surname_typed), 14.0),
        (("typo_given", _given_typed), 9.0),
        (("phonetic_surname", _surname_heard), 10.0),
        (("phonetic_given", _given_heard), 6.0),
        (("nickname", _nickname), 13.0),
        (("swapped_names", _names_swapped), 4.0),
        (("suffix_in_surname", _suffix_in_surname), 2.0),
        (("suffix_dropped", _suffix_dropped), 3.0),
        (("placeholder_name", _name_unknown), 2.0),
        (("swapped_day_month", _birth_swapped), 6.0),
        (("mistyped_date_of_birth", _birth_mistyped), 6.0),
        (("placeholder_date_of_birth", _birth_placeholder), 4.0),
        (("missing_date_of_birth", _birth_missing), 10.0),
        (("placeholder_ssn", _ssn_placeholder), 4.0),
        (("transposed_ssn", _ssn_transposed), 3.0),
        (("placeholder_phone", _phone_placeholder), 3.0),
        (("placeholder_address", _no_fixed_abode), 4.0),
        (("stale_address", _address_stale), 6.0),
        (("lost_leading_zero", _zero_lost), 5.0),
    ],
    228,
)
# For people whom the drawn slip cannot happen to: no nickname, never moved, no suffix ...
_ALWAYS: tuple[tuple[str, Callable[[Person, Uniform], Change]], ...] = (
    ("typo_surname", _surname_typed),
    ("phonetic_surname", _surname_heard),
    ("typo_given", _given_typed),
    ("missing_date_of_birth", _birth_missing),
    ("mistyped_date_of_birth", _birth_mistyped),
)


def write_person(
    slot: str, role: str, category: str, true: Person, day: int, uniform: Uniform, slips: list[Slip]
) -> Mention:
    """Return the person as written down on a day, and report what went wrong in `slips`."""
    written = true.as_of(day)
    u = uniform()
    if u < SLIP_RATE:
        name, slip = _SLIPS[int(u / SLIP_RATE * 228)]
        copy = written.rewritten()
        change = slip(copy, uniform)
        if change is None:
            copy = written.rewritten()
            name, slip = _ALWAYS[int(uniform() * len(_ALWAYS))]
            change = slip(copy, uniform)
        if change is not None and change[1] != change[2]:
            slips.append(Slip(slot, change[0], name, change[1], change[2]))
            written = copy
    return Mention(slot, role, category, written, true, _GAPS[int(u * 977 % 1 * 128)])


def write_vehicle(
    slot: str, role: str, true: VehicleTruth, uniform: Uniform, slips: list[Slip]
) -> VehicleMention:
    """Return the vehicle as written down: plates misread, VINs left out or mistyped."""
    u = uniform()
    if u >= VEHICLE_SLIP_RATE:
        return VehicleMention(slot, role, true, true)
    written = true.rewritten()
    if u < 0.04:
        field, error, before = "plate", "misread_plate", true.plate
        written.plate = after = _misread(true.plate, uniform)
    elif u < 0.06:
        field, error, before, after = "vin", "missing_vin", true.vin, ""
        written.vin = ""
    elif u < 0.08:
        field, error, before = "vin", "mistyped_vin", true.vin
        written.vin = after = true.vin[:12] + true.vin[13] + true.vin[12] + true.vin[14:]
    elif u < 0.1:
        field, error, before = "plate", "placeholder_plate", true.plate
        written.plate = after = ("NONE", "TEMP", "UNK", "DEALER")[int(u * 1000) % 4]
    else:
        field, error, before = "plate", "partial_plate", true.plate
        written.plate = after = true.plate[:4]
    if before != after:
        slips.append(Slip(slot, field, error, before, after))
    return VehicleMention(slot, role, written, true)


def _misread(plate: str, uniform: Uniform) -> str:
    for at, character in enumerate(plate):
        if character in _FOLDS:
            return plate[:at] + _FOLDS[character] + plate[at + 1 :]
    at = int(uniform() * (len(plate) - 1))
    return plate[:at] + plate[at + 1] + plate[at] + plate[at + 2 :]
