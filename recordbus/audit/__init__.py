"""The audit: an append-only Merkle log of every use of a record, durable before an answer leaves.

`entry` says what is written, `merkle` and `proofs` are the mathematics, `store` and `log` put
entries on disk, `checkpoint` and `witness` make it impossible to rewrite unnoticed, and `verify`
says whether somebody tried (R-38 to R-43).
"""

from recordbus.audit.entry import (
    Asked,
    AuditSink,
    Entry,
    Operation,
    Outcome,
    Private,
    Receipt,
    hundredths,
    keyed,
    owners_of,
)

__all__ = [
    "Asked",
    "AuditSink",
    "Entry",
    "Operation",
    "Outcome",
    "Private",
    "Receipt",
    "hundredths",
    "keyed",
    "owners_of",
]
