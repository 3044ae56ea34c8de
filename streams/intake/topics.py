"""The topics that intake reads beside those of departments, and those that it writes."""

from __future__ import annotations

from typing import Final

from recordbus import judgements

UPKEEP: Final = "ingest.upkeep.v1"
JUDGEMENTS: Final = judgements.TOPIC
RECORDS: Final = "records.v1"
RELATIONS: Final = "relations.v1"
MEETINGS: Final = "meetings.v1"
VERDICTS: Final = "verdicts.v1"
QUARANTINE: Final = "quarantine.v1"
WRITTEN: Final = (RECORDS, RELATIONS, MEETINGS, VERDICTS)
"""The topics that intake writes with a registered schema of its own."""
