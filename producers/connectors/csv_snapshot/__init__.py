"""Publishes a department's CSV exports: what changed since the snapshot accepted last.

The invariant: every row ends as an event, a named refusal, a named duplicate or unchanged; the
marker moves only after the last acknowledgement; and nothing is withdrawn in bulk unapproved.
"""

from producers.connectors.csv_snapshot.account import Account, Refusal
from producers.connectors.csv_snapshot.folder import ExportFile, find_exports
from producers.connectors.csv_snapshot.ready import wait_until_complete
from producers.connectors.csv_snapshot.run import STEPS, Options, publish_snapshot
from producers.connectors.csv_snapshot.state import DifferState
from producers.connectors.csv_snapshot.verbs import RecordVerbs, find_record

__all__ = [
    "STEPS",
    "Account",
    "DifferState",
    "ExportFile",
    "Options",
    "RecordVerbs",
    "Refusal",
    "find_exports",
    "find_record",
    "publish_snapshot",
    "wait_until_complete",
]
