"""Signs and verifies the log again and again, and tells in metrics how old each is."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from recordbus.audit.checkpoint import make_checkpoint
from recordbus.audit.findings import Altered
from recordbus.audit.layout import ENTRIES
from recordbus.audit.notes import LOG_KEY, Note, VerifierKey, key_of
from recordbus.audit.salvage import Damaged
from recordbus.audit.verify import Report, stored_checkpoints, verify
from recordbus.clock import Clock
from recordbus.errors import RecordbusError
from recordbus.metrics import (
    AUDIT_ENTRIES,
    AUDIT_LAST_CHECKPOINT_TIMESTAMP_SECONDS,
    AUDIT_LAST_VERIFIED_TIMESTAMP_SECONDS,
    AUDIT_LOG_BYTES,
    AUDIT_VERIFY_FAILURES_TOTAL,
    AUDIT_WITNESS_TIMESTAMP_SECONDS,
)

_REST: Final = 10


class Watch:
    """Looks after one log. `checkpoint` and `verify` raise nothing but what the caller can tell."""

    def __init__(
        self, directory: Path, origin: str, key: Ed25519PrivateKey,
        witnesses: Sequence[VerifierKey], clock: Clock,
    ) -> None:  # fmt: skip
        self._directory = directory
        self._origin = origin
        self._key = key
        self._witnesses = witnesses
        self._clock = clock

    @property
    def log_key(self) -> VerifierKey:
        """Give the public key of the log."""
        return key_of(self._origin, LOG_KEY, self._key)

    def checkpoint(self) -> Note:
        """Sign the log; raises Altered and Damaged, which are counted."""
        try:
            note = make_checkpoint(self._directory, self._origin, self._key)
        except (Altered, Damaged):
            AUDIT_VERIFY_FAILURES_TOTAL.inc()
            raise
        AUDIT_ENTRIES.set(note.checkpoint.size)
        files = self._directory.joinpath(ENTRIES).glob("*.log")
        AUDIT_LOG_BYTES.set(sum(path.stat().st_size for path in files))
        AUDIT_LAST_CHECKPOINT_TIMESTAMP_SECONDS.set(self._clock.now().timestamp())
        return note

    def verify(self) -> Report:
        """Verify the whole log against what stands beside it."""
        found = verify(
            self._directory, self.log_key, self._witnesses, stored_checkpoints(self._directory)
        )
        for name, at in found.cosigned.items():
            AUDIT_WITNESS_TIMESTAMP_SECONDS.labels(witness=name).set(at)
        if found.is_sound:
            AUDIT_LAST_VERIFIED_TIMESTAMP_SECONDS.set(self._clock.now().timestamp())
        else:
            AUDIT_VERIFY_FAILURES_TOTAL.inc()
        return found


def keep_watch(
    watch: Watch, checkpoint_seconds: float, verify_seconds: float, stopped: Callable[[], bool],
    pause: Callable[[float], object], alarm: Callable[[Sequence[str]], object],
) -> None:  # fmt: skip
    """Sign and verify until told to stop; what is found goes to `alarm`, and watching goes on.

    A disk or a lock that is not to be had is told in the same way.
    """
    verify_at = time.monotonic()
    while not stopped():
        try:
            watch.checkpoint()
        except (RecordbusError, OSError) as error:
            alarm([str(error)])
        started = time.monotonic()
        if started >= verify_at:
            found = watch.verify()
            if not found.is_sound:
                alarm(found.findings)
            took = time.monotonic() - started
            verify_at = started + max(verify_seconds, took * _REST)
        pause(checkpoint_seconds)
