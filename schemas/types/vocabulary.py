"""The closed vocabularies of the bus, as literal types: what an Avro enum decodes to."""

from __future__ import annotations

from typing import Literal

RecordKind = Literal[
    "incident",
    "arrest",
    "booking",
    "citation",
    "field_contact",
    "warrant",
    "court_disposition",
    "custody",
    "supervision",
    "service_call",
    "missing_person",
    "vehicle_registration",
    "permit",
    "intelligence_report",
]
"""What sort of record this is. Closed: a new kind is a new version of the topic."""


RecordStatus = Literal["live", "sealed", "withdrawn", "expunged"]
"""Whether the record may be used.

Only a live record has a body. Closed: an unknown status must never be taken for live.
"""


DisseminationLevel = Literal["unrestricted", "law_enforcement", "restricted"]
"""How far the owner lets the record travel before any agreement is looked at.

A level that a reader does not know counts as restricted.
"""


DisputeParty = Literal["subject", "owner", "court", "agency", "other"]
"""Who raised a dispute."""


ReferenceType = Literal[
    "incident",
    "case",
    "arrest",
    "booking",
    "citation",
    "warrant",
    "docket",
    "permit",
    "service_call",
    "other",
]
"""What a number in a record refers to."""


SubjectCategory = Literal[
    "suspect", "convicted", "victim", "witness", "contact_or_associate", "other", "unknown"
]
"""In what capacity a record names a person (R-04).

A category that a reader does not know counts as unknown.
"""


NameType = Literal["primary", "alias", "maiden", "moniker"]
"""What sort of name this is. A sort that a reader does not know counts as an alias."""


IdentifierType = Literal[
    "ssn",
    "driver_license",
    "state_id",
    "fbi_number",
    "passport",
    "inmate_number",
    "registration_number",
    "tax_id",
    "other",
]
"""What issued number this is."""


AssertedBasis = Literal["self_statement", "officer_assessment", "informant"]
"""The bases that rest on what somebody said or judged. All others follow from the record itself."""


Basis = Literal[
    "conviction",
    "charge",
    "arrest",
    "citation",
    "warrant",
    "custody",
    "registration",
    "victim_or_witness_report",
    "field_contact",
    "self_statement",
    "officer_assessment",
    "informant",
]
"""What an association rests on (R-01).

Closed and without a default: an unknown basis is quarantined.
"""


ContactBasis = Literal["probable_cause", "reasonable_suspicion", "encounter", "intel"]
"""Why officers made a field contact (R-01).

Closed and without a default: an unknown value is quarantined.
"""


EvidenceKind = Literal["fact", "assessment"]
"""Whether an association states a fact or somebody's assessment (R-03).

A kind that a reader does not know counts as an assessment.
"""


DispositionOutcome = Literal[
    "convicted", "acquitted", "dismissed", "unfounded", "deferred", "pending", "other"
]
"""How a court case ended, or that it has not ended yet (R-26).

Closed: it decides which associations stand.
"""


SourceGrade = Literal["S1", "S2", "S3", "not_assessed"]
"""Reliability of a source in the 3x5x2 scheme (R-05). Not assessed is a value of its own."""


InformationGrade = Literal["A", "B", "C", "D", "E", "not_assessed"]
"""Assessment of a piece of information in the 3x5x2 scheme (R-05).

Not assessed is a value of its own.
"""


HandlingCode = Literal["P", "C"]
"""Handling of graded material (R-05): P may be shared, C only under conditions.

A code that a reader does not know counts as C.
"""


UpkeepKind = Literal["tick", "tombstone"]
"""What the upkeep worker asks of a stage. Closed."""


MentionKind = Literal["person", "vehicle", "organisation", "location", "phone", "matter"]
"""What sort of thing a mention names. Closed."""


JudgementOutcome = Literal["same", "different", "revoked"]
"""What somebody decided about two mentions.

Closed: an unknown decision must never join or part anybody.
"""


NoticeException = Literal["active_investigation", "health_or_safety"]
"""The only reasons for which a designation may hold without notice (R-18).

Closed: an unknown one excuses nothing.
"""


VerificationOutcome = Literal["verified", "refused"]
"""What an owner answers when asked whether something of its record may be relied on.

Closed: no other answer may be taken for a confirmation.
"""


AssociationStatus = Literal["asserted", "changed", "retracted"]
"""What an update does to an association.

Closed: an unknown status must never be taken for asserted.
"""


RetractionReason = Literal[
    "withdrawn",
    "sealed",
    "expunged",
    "corrected",
    "expired",
    "disposition",
    "dispute",
    "split",
    "merged",
]
"""Why an association or an identity is taken back.

A reason that a reader does not know counts as corrected.
"""
