"""What the small parts of a record may hold."""

from __future__ import annotations

from schemas.events.base import Value
from schemas.limits import (
    Code,
    FullDate,
    Instant,
    Int32,
    LocalId,
    Number,
    PartialDate,
    ShortText,
    Text,
)
from schemas.types import (
    DisputeParty,
    HandlingCode,
    IdentifierType,
    InformationGrade,
    NoticeException,
    SourceGrade,
)


class CodedValue(Value):
    """One value of a code list, with what the department wrote beside it."""

    code: Code | None = None
    source: Text | None = None


class DateValue(Value):
    """A calendar date as far as it is known, with what the department wrote beside it."""

    value: PartialDate | None = None
    source: Text | None = None


class AgeRange(Value):
    """An estimated age, both ends included."""

    low: Int32
    high: Int32


class HeightRange(Value):
    """An estimated height, both ends included."""

    low_inches: Int32
    high_inches: Int32


class WeightRange(Value):
    """An estimated weight, both ends included."""

    low_pounds: Int32
    high_pounds: Int32


class Address(Value):
    """A postal address, whole or in parts, as the department wrote it."""

    full: ShortText | None = None
    street_number: ShortText | None = None
    street: ShortText | None = None
    unit: ShortText | None = None
    city: ShortText | None = None
    state: ShortText | None = None
    postal_code: ShortText | None = None


class Identifier(Value):
    """A number that some authority issued to a person or an organisation."""

    type: IdentifierType
    value: Number
    issuer: ShortText | None = None


class Contact(Value):
    """Whom to ask before acting on the record (R-34)."""

    unit: ShortText
    phone: ShortText | None = None
    email: ShortText | None = None


class Dispute(Value):
    """A dispute about the record or one of its roles.

    While open it freezes the edges concerned (R-19).
    """

    dispute_id: Number
    raised_at: Instant
    by: DisputeParty
    about_local_id: LocalId | None = None
    statement_reference: Number
    resolved_at: Instant | None = None


class Review(Value):
    """A documented review of the record; it may move a retention clock (R-22)."""

    reviewed_at: Instant
    reviewer_role: ShortText
    outcome: Text
    next_review_at: Instant | None = None


class Grade(Value):
    """The grade of an assessment or of information received (R-05). Grades are never averaged."""

    source: SourceGrade
    information: InformationGrade
    handling: HandlingCode


class Criterion(Value):
    """One documented criterion of a designation (R-14)."""

    code: Code
    source_record: Number
    observed_on: FullDate


class Notice(Value):
    """That a person was told of a designation before it holds, or why not (R-18)."""

    given_at: Instant | None = None
    exception: NoticeException | None = None
