"""What is asked of vehicles, organisations, phones, places, identifiers and numbers (pure).

Each kind of thing has a group of its own: a record answers when it names one such thing.
"""

from __future__ import annotations

from consumers.search import tokens as t
from consumers.search.criteria import Criteria, IdentifierAsked
from consumers.search.plan import Atom, Clause, Level
from consumers.search.refusals import BadQuery, Fault
from consumers.search.terms import MOST_TERMS
from consumers.search.wants import Digest, Vocabulary, Wanted, checked_span, checked_symbol
from consumers.search.words import compact, words
from recordbus.normalize import addresses, plates

OLDEST_VEHICLE, NEWEST_VEHICLE = 1880, 2100
_PHONE_TOKENS = {4: t.PHONE_TAIL, 6: t.PHONE_HEAD, 7: t.PHONE_TAIL, 10: t.PHONE_TAIL}
_VIN_LENGTH = 17
RECORD_ROW = Clause((Atom(t.RECORD_ROW),))


def things_wanted(criteria: Criteria, vocabulary: Vocabulary, digest: Digest) -> list[Wanted]:
    """Give what each kind of thing must answer; empty ones are left out."""
    found = [
        vehicle_wanted(criteria, vocabulary),
        *_contacts(criteria),
        *(_identifier(each, digest) for each in criteria.identifiers),
        _record(criteria),
    ]
    return [wanted for wanted in found if wanted.clauses]


def vehicle_wanted(criteria: Criteria, vocabulary: Vocabulary) -> Wanted:
    """Give what one vehicle must answer."""
    wanted = Wanted()
    if criteria.plate:
        wanted.add("plate", criteria.plate, plate_atoms(criteria.plate, vocabulary))
    if criteria.plate_state:
        wanted.add_codes("plate_state", t.PLATE_STATE, "state", [criteria.plate_state])
    if criteria.vin:
        wanted.add("vin", criteria.vin, [_vin(criteria.vin)])
    wanted.add_codes("make", t.VEHICLE_CODES["make"], "vehicle_make", criteria.make)
    wanted.add_codes("style", t.VEHICLE_CODES["style"], "vehicle_style", criteria.style)
    wanted.add_codes("colour", t.VEHICLE_CODES["colour"], "vehicle_colour", criteria.colour)
    wanted.add_all("model", t.MODEL_WORD, _some_words(criteria.model))
    if criteria.vehicle_year:
        span = checked_span("year", criteria.vehicle_year, OLDEST_VEHICLE, NEWEST_VEHICLE)
        years = range(span.low, span.high + 1)
        typed = f"{span.low}-{span.high}"
        wanted.add("vehicle_year", typed, [Atom(f"{t.VEHICLE_YEAR}{year}") for year in years])
    return wanted


def plate_atoms(typed: str, vocabulary: Vocabulary) -> list[Atom]:
    """Give the plates that a whole or partial plate may mean, `*` and `?` for what is unknown.

    Raises BadQuery when no three characters in a row are known.
    """
    pattern = plate_pattern(typed)
    runs = pattern.replace("?", "*").split("*")
    if max(map(len, runs)) < t.PLATE_GRAM:
        raise BadQuery(
            Fault.PLATE, f"a plate needs {t.PLATE_GRAM} known characters in a row",
            hint="write * for any characters and ? for one, for example 4AB?1*",
        )  # fmt: skip
    if "*" in pattern or "?" in pattern:
        found = vocabulary.plates_like(pattern)
        return [Atom(t.PLATE_FOLDED + plate, Level.PART) for plate in found]
    partial = vocabulary.plates_like(f"*{pattern}*")
    return [
        Atom(t.PLATE + compact(typed)),
        Atom(t.PLATE_FOLDED + pattern, Level.SPELLING),
        *(Atom(t.PLATE_FOLDED + plate, Level.PART) for plate in partial if plate != pattern),
    ]


def plate_pattern(typed: str) -> str:
    """Give a plate, or a pattern of one, with characters that are easily misread made one."""
    return "".join(c if c in "*?" else plates.folded(c).lower() for c in typed)


def _vin(typed: str) -> Atom:
    vin = compact(typed)
    if len(vin) == _VIN_LENGTH:
        return Atom(t.VIN + vin)
    if len(vin) == t.VIN_TAIL_LENGTH:
        return Atom(t.VIN_TAIL + vin)
    raise BadQuery(
        Fault.VIN, f"a VIN has {_VIN_LENGTH} characters", hint="or give the last 8 of them"
    )


def _contacts(criteria: Criteria) -> list[Wanted]:
    organisation, phone, email, address = Wanted(), Wanted(), Wanted(), Wanted()
    if criteria.organisation:
        found = _some_words(criteria.organisation, "organisation")
        organisation.add_all("organisation", t.ORGANISATION_WORD, found)
    if criteria.phone:
        phone.add("phone", criteria.phone, [_phone(criteria.phone)])
    if criteria.email:
        email.add("email", criteria.email, [Atom(t.EMAIL + compact(criteria.email))])
    if criteria.address:
        _add_address(address, criteria.address)
    return [organisation, phone, email, address]


def _phone(typed: str) -> Atom:
    digits = "".join(c for c in typed if c.isascii() and c.isdigit())
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    if len(digits) > 10:
        return Atom(t.PHONE + digits)
    prefix = _PHONE_TOKENS.get(len(digits))
    if prefix is None:
        raise BadQuery(
            Fault.PHONE, "a phone number has 10 digits",
            hint="or give the last 7, the last 4, or area code and exchange (6)",
        )  # fmt: skip
    return Atom(prefix + digits)


def _add_address(wanted: Wanted, typed: str) -> None:
    """Ask for every word of an address, wherever in it the index has the word."""
    street = words(addresses.street(typed.partition(",")[0]))
    rest = words(typed.partition(",")[2])
    prefixes = (t.STREET_NUMBER, t.STREET_WORD, t.CITY_WORD, t.STATE, t.POSTAL_CODE)
    for word in [*street, *rest]:
        wanted.add("address", word, [Atom(prefix + word) for prefix in prefixes])
    if not wanted.clauses or len(wanted.clauses) > MOST_TERMS:
        raise BadQuery(Fault.TOO_MANY_TERMS, f"an address has 1 to {MOST_TERMS} words")


def _identifier(asked: IdentifierAsked, digest: Digest) -> Wanted:
    kind = checked_symbol("IdentifierType", asked.type)
    found = digest(kind, asked.value, asked.issuer)
    if found is None:
        raise BadQuery(Fault.IDENTIFIER, f"that is no {kind} but a placeholder for one")
    wanted = Wanted()
    wanted.add("identifier", kind, [Atom(t.IDENTIFIER + found)])
    return wanted


def _record(criteria: Criteria) -> Wanted:
    """Ask for what stands in the record's own row: its numbers and its offences."""
    wanted = Wanted()
    if criteria.number:
        number = compact(criteria.number)
        if not number:
            raise BadQuery(Fault.EMPTY, "the number has no letter or digit")
        wanted.add("number", criteria.number, [Atom(t.NUMBER + number)])
    wanted.add_codes("offences", t.OFFENCE, "offence", criteria.offences)
    if wanted.clauses:
        wanted.clauses.append(RECORD_ROW)
    return wanted


def _some_words(typed: str, field: str = "") -> list[str]:
    found = words(typed)
    if len(found) > MOST_TERMS:
        raise BadQuery(Fault.TOO_MANY_TERMS, f"a search has at most {MOST_TERMS} words")
    if field and not found:
        raise BadQuery(Fault.EMPTY, f"the {field} has no word to search for")
    return found
