"""Reads the end of a server's log and says what went wrong and what to do.

Pure. Only causes that an operator can mend are named; anything else quotes the log.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from recordbus.errors import Misconfigured, RecordbusError, Retryable

_CAUSES: Final = (
    (
        ("address already in use", "port(s)", "bindexception"),
        "a port it needs is already used",
        "stop the other server (`recordbus status` lists ours) or choose another port",
    ),
    (
        ("no space left on device", "enospc", "disk quota exceeded"),
        "the disk of the run directory is full",
        "free space there, or choose another run directory; data that was acknowledged is safe",
    ),
    (
        ("failed to acquire lock", "may be already in use", "database may be already"),
        "another server uses the same data directory",
        "end it with `recordbus down`, or choose another run directory",
    ),
    (
        ("permission denied", "accessdenied", "read-only file system"),
        "it may not write to the run directory",
        "choose a run directory of your own",
    ),
    (
        ("outofmemoryerror", "could not reserve enough space", "cannot allocate memory"),
        "it ran out of memory",
        "free memory on this machine; the whole stack needs about 1.5 GB",
    ),
    (
        ("could not find or load main class", "noclassdeffounderror", "invalid or corrupt jarfile"),
        "its files in the cache are broken",
        "delete the cache directory; the next start fills it again",
    ),
)


def did_not_start(name: str, exit_code: int, log: Path, tail: str) -> RecordbusError:
    """Explain a child that ended before it was ready."""
    lowered = tail.lower()
    for signs, cause, hint in _CAUSES:
        if any(sign in lowered for sign in signs):
            return Misconfigured(f"{name} did not start: {cause}", hint=f"{hint}; log: {log}")
    return Retryable(
        f"{name} ended with code {exit_code} before it was ready; its last words:\n{tail}",
        hint=f"the whole log is {log}",
    )


def not_ready(name: str, waited_seconds: float, log: Path) -> Retryable:
    """Explain a child that runs but did not become ready in time."""
    return Retryable(
        f"{name} was not ready after {waited_seconds:.0f} s",
        hint=f"the machine may be overloaded; its log is {log}",
    )
