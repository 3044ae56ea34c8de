"""Decoded values of the small parts that mentions and records share."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from schemas.types.vocabulary import (
    DisputeParty,
    HandlingCode,
    IdentifierType,
    InformationGrade,
    NoticeException,
    SourceGrade,
)


class CodedValue(TypedDict):
    """One value of a code list, with what the department wrote beside it."""

    code: str | None
    source: str | None


class DateValue(TypedDict):
    """A calendar date as far as it is known, with what the department wrote beside it."""

    value: str | None
    source: str | None


class AgeRange(TypedDict):
    """An estimated age, both ends included."""

    low: int
    high: int


class HeightRange(TypedDict):
    """An estimated height, both ends included."""

    low_inches: int
    high_inches: int


class WeightRange(TypedDict):
    """An estimated weight, both ends included."""

    low_pounds: int
    high_pounds: int


class Address(TypedDict):
    """A postal address, whole or in parts, as the department wrote it."""

    full: str | None
    street_number: str | None
    street: str | None
    unit: str | None
    city: str | None
    state: str | None
    postal_code: str | None


class Identifier(TypedDict):
    """A number that some authority issued to a person or an organisation."""

    type: IdentifierType
    value: str
    issuer: str | None


class Contact(TypedDict):
    """Whom to ask before acting on the record (R-34)."""

    unit: str
    phone: str | None
    email: str | None


class Dispute(TypedDict):
    """A dispute about the record or one of its roles.

    While open it freezes the edges concerned (R-19).
    """

    dispute_id: str
    raised_at: datetime
    by: DisputeParty
    about_local_id: str | None
    statement_reference: str
    resolved_at: datetime | None


class Review(TypedDict):
    """A documented review of the record; it may move a retention clock (R-22)."""

    reviewed_at: datetime
    reviewer_role: str
    outcome: str
    next_review_at: datetime | None


class Grade(TypedDict):
    """The grade of an assessment or of information received (R-05). Grades are never averaged."""

    source: SourceGrade
    information: InformationGrade
    handling: HandlingCode


class Criterion(TypedDict):
    """One documented criterion of a designation (R-14)."""

    code: str
    source_record: str
    observed_on: str


class Notice(TypedDict):
    """That a person was told of a designation before it holds, or why not (R-18)."""

    given_at: datetime | None
    exception: NoticeException | None
