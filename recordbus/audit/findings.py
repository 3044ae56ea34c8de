"""The error of a log, a checkpoint or a proof that does not hold."""

from __future__ import annotations

from recordbus.errors import ExitCode, RecordbusError


class Altered(RecordbusError):
    """Something is not what was signed: altered, cut off, forked, or by somebody else."""

    exit_code = ExitCode.REJECTED
