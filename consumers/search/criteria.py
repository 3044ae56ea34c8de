"""What somebody asks the index for, and on whose behalf: as typed, not yet cleaned (pure)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

from consumers.search.document import Span
from consumers.search.plan import Sort


@dataclass(frozen=True, slots=True)
class IdentifierAsked:
    """An issued number; `type` is one of the schema's identifier types."""

    type: str
    value: str
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, why, and for which case: without it there is no search (R-28).

    `on_behalf_of` is the name of the agency that will have the answer, where that is another than
    the one whose terminal this is.

    `described_suspect` is the number of the record that describes the suspect (R-12).
    """

    requester: str = ""
    purpose: str = ""
    case_number: str = ""
    on_behalf_of: str | None = None
    described_suspect: str | None = None


@dataclass(frozen=True, slots=True)
class Criteria:
    """What to look for. Empty means "does not matter"; several values of one field mean "any".

    Ages in years, heights in inches, weights in pounds; `until_day` is included.
    """

    text: str = ""
    text_any: str = ""
    text_none: str = ""
    name: str = ""
    date_of_birth: str = ""
    sex: tuple[str, ...] = ()
    hair: tuple[str, ...] = ()
    eyes: tuple[str, ...] = ()
    build: tuple[str, ...] = ()
    complexion: tuple[str, ...] = ()
    race: tuple[str, ...] = ()
    ethnicity: tuple[str, ...] = ()
    country_of_birth: tuple[str, ...] = ()
    age: Span | None = None
    age_at_event: Span | None = None
    height: Span | None = None
    weight: Span | None = None
    marks: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    plate: str = ""
    plate_state: str = ""
    vin: str = ""
    make: tuple[str, ...] = ()
    model: str = ""
    style: tuple[str, ...] = ()
    colour: tuple[str, ...] = ()
    vehicle_year: Span | None = None
    organisation: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    identifiers: tuple[IdentifierAsked, ...] = ()
    number: str = ""
    offences: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    record_kinds: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    from_day: date | None = None
    until_day: date | None = None
    sort: Sort = Sort.BEST
    page: int = 1
    page_size: int = 25
    facets: tuple[str, ...] = ("department", "record_kind", "basis", "evidence")
    hide_small_counts: bool = False

    def given(self) -> frozenset[str]:
        """Name the fields that were filled in."""
        return frozenset(
            each.name for each in fields(self) if getattr(self, each.name) not in (None, "", ())
        )


GATED = frozenset({"race", "ethnicity", "complexion"})
"""Only with a described suspect and two other descriptors (R-12)."""
DESCRIPTORS = frozenset({"sex", "hair", "eyes", "build", "age", "age_at_event", "height",
                         "weight", "marks"})  # fmt: skip
VEHICLE_DESCRIPTORS = frozenset({"make", "model", "style", "colour", "vehicle_year", "plate_state"})
STARTING_POINTS = frozenset({"text", "text_any", "name", "date_of_birth", "marks", "plate", "vin",
                             "organisation", "phone", "email", "address", "identifiers",
                             "number"})  # fmt: skip
"""Any one of these alone makes a search; descriptors need company."""
