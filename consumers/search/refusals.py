"""Why a search is not answered, as closed lists: what it may not ask, and what it cannot mean."""

from __future__ import annotations

from enum import StrEnum

from recordbus.audit.roles import AUDITOR_CANNOT_SEARCH
from recordbus.errors import ExitCode, RecordbusError, Refused


class Refusal(StrEnum):
    """Reasons of policy; the requester learns which, and the audit keeps it."""

    REQUESTER_MISSING = "requester_missing"
    PURPOSE_MISSING = "purpose_missing"
    PURPOSE_UNKNOWN = "purpose_unknown"
    CASE_MISSING = "case_missing"
    CASE_UNKNOWN = "case_unknown"
    CASE_CLOSED = "case_closed"
    CASE_NOT_ASSIGNED = "case_not_assigned"
    DESCRIPTION_PURPOSE = "description_purpose"
    DESCRIBED_SUSPECT_MISSING = "described_suspect_missing"
    DESCRIBED_SUSPECT_UNKNOWN = "described_suspect_unknown"
    TOO_FEW_DESCRIPTORS = "too_few_descriptors"
    COUNTRY_OF_BIRTH = "country_of_birth"
    TOO_BROAD = "too_broad"
    AGENCY_MISSING = "agency_missing"
    FACET = "facet"
    NOT_IN_FULL = "not_in_full"
    AUDITOR = AUDITOR_CANNOT_SEARCH


class Fault(StrEnum):
    """What is wrong with a question; asking differently helps."""

    EMPTY = "empty"
    TEXT_TOO_LONG = "text_too_long"
    TOO_MANY_TERMS = "too_many_terms"
    PREFIX_TOO_SHORT = "prefix_too_short"
    TOO_MANY_WORDS_MATCH = "too_many_words_match"
    PAGE = "page"
    RANGE = "range"
    DATE = "date"
    CODE = "code"
    PHONE = "phone"
    PLATE = "plate"
    VIN = "vin"
    IDENTIFIER = "identifier"
    TOO_SLOW = "too_slow"
    ENTITY = "entity"
    MENTION = "mention"
    DEPTH = "depth"
    FILE = "file"


class BadQuery(RecordbusError):
    """The question cannot be answered as it is; `reason` is one of Fault."""

    exit_code = ExitCode.REJECTED

    def __init__(self, reason: Fault, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


def refused(reason: Refusal, message: str, hint: str | None = None) -> Refused:
    """Make the error for a refusal."""
    return Refused(reason.value, message, hint=hint)
