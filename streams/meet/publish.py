"""Writers of `meetings.v1` and `verdicts.v1` values (pure)."""

from __future__ import annotations

from typing import Any, Final

from recordbus.avro.tree import build
from recordbus.avro.writer import PlainWriter
from recordbus.kafka.wire import frame
from schemas.types import (
    Bundle,
    BundleRemoved,
    DefaultValue,
    EvidenceRemoved,
    RecordEvidence,
)

_BUNDLE: Final = "recordbus.v1.Bundle"
_BUNDLE_REMOVED: Final = "recordbus.v1.BundleRemoved"
_EVIDENCE: Final = "recordbus.v1.RecordEvidence"
_EVIDENCE_REMOVED: Final = "recordbus.v1.EvidenceRemoved"
_DEFAULT_VALUE: Final = "recordbus.v1.DefaultValue"


class _EntryWriter:
    """Writes entries of one registered schema, framed."""

    def __init__(self, schema_id: int, schema: Any) -> None:
        self._header = frame(schema_id, b"")
        self._whole = PlainWriter(build(schema), complete=True)

    def _write(self, name: str, said: Any) -> bytes:
        return self._header + self._whole.write({"content": (name, said)})


class MeetingWriter(_EntryWriter):
    """Writes `MeetingEntry` with one registered schema."""

    def bundle(self, said: Bundle) -> bytes:
        """Give the framed bytes of a bundle."""
        return self._write(_BUNDLE, said)

    def removed(self, said: BundleRemoved) -> bytes:
        """Give the framed bytes of a removal."""
        return self._write(_BUNDLE_REMOVED, said)


class VerdictWriter(_EntryWriter):
    """Writes what meet says as `VerdictsEntry` with one registered schema."""

    def evidence(self, said: RecordEvidence) -> bytes:
        """Give the framed bytes of a record's evidence."""
        return self._write(_EVIDENCE, said)

    def removed(self, said: EvidenceRemoved) -> bytes:
        """Give the framed bytes of a removal."""
        return self._write(_EVIDENCE_REMOVED, said)

    def default_value(self, value: str, *, is_default: bool) -> bytes:
        """Give the framed bytes of what a value is now."""
        said: DefaultValue = {"value": value, "is_default": is_default}
        return self._write(_DEFAULT_VALUE, said)
