"""The one error tree, grouped by what the caller should do next.

    RecordbusError
    ├── Retryable       wait and try again: the broker or the registry is away
    ├── Rejected        the input is wrong: quarantine it with its reason code
    ├── Refused         policy says no: tell the requester which rule
    └── Misconfigured   an operator must change something before it can work

Every message says what failed and which thing; `hint` says what to do.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """How a command ends; where sysexits.h has a number for it, that number."""

    OK = 0
    FAILED = 1
    USAGE = 2
    REJECTED = 65
    UNAVAILABLE = 69
    RESTART = 75
    REFUSED = 77
    MISCONFIGURED = 78
    INTERRUPTED = 130


EXIT_CODE_MEANINGS = {
    ExitCode.OK: "It worked.",
    ExitCode.FAILED: "It failed, or an error arose that nothing expected; the log says where.",
    ExitCode.USAGE: "The command line is wrong; `--help` shows what is possible.",
    ExitCode.REJECTED: "The input is wrong; the message gives its reason code.",
    ExitCode.UNAVAILABLE: "The broker, the registry or another server is away; try again later.",
    ExitCode.RESTART: "A worker ended itself on purpose: start it again at once.",
    ExitCode.REFUSED: "Policy does not allow it; the message names the rule.",
    ExitCode.MISCONFIGURED: "A setting, a file or the installation must be changed first.",
    ExitCode.INTERRUPTED: "Somebody pressed Ctrl-C.",
}


class RecordbusError(Exception):
    """An error of the bus, with a hint that tells its reader what to do next."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class Retryable(RecordbusError):
    """A dependency is away for now; the same call may succeed later."""

    exit_code = ExitCode.UNAVAILABLE


class Rejected(RecordbusError):
    """An input that cannot be accepted; `reason` is a code of `schemas/reasons.yaml`.

    `detail` must hold no personal data: it is logged and shown to operators.
    `position` is the byte offset of the fault, where one is known.
    """

    exit_code = ExitCode.REJECTED

    def __init__(self, reason: str, detail: str = "", *, position: int | None = None) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail
        self.position = position


class Refused(RecordbusError):
    """Policy does not allow this; `reason` names the rule."""

    exit_code = ExitCode.REFUSED

    def __init__(self, reason: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.reason = reason


class Misconfigured(RecordbusError):
    """A setting, file or installation is wrong; nothing works until somebody changes it."""

    exit_code = ExitCode.MISCONFIGURED
