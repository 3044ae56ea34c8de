"""The topics that intake reads beside those of departments, and those that it writes."""

from __future__ import annotations

from typing import Final

from recordbus import judgements, verification

UPKEEP: Final = "ingest.upkeep.v1"
JUDGEMENTS: Final = judgements.TOPIC
QUESTIONS: Final = verification.QUESTIONS
RECORDS: Final = "records.v1"
RELATIONS: Final = "relations.v1"
MEETINGS: Final = "meetings.v1"
VERDICTS: Final = "verdicts.v1"
VERIFICATIONS: Final = verification.VERIFICATIONS
QUARANTINE: Final = "quarantine.v1"
WRITTEN: Final = (RECORDS, RELATIONS, MEETINGS, VERDICTS, VERIFICATIONS)
"""The topics that intake writes with a registered schema of its own."""
