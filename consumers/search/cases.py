"""A case register in a file: which cases there are, whether they are open, and whose they are.

A department's own case system takes its place behind `gates.CaseRegister`. The file is read anew
when it changed, so a case that is closed counts as closed from the next search on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from consumers.search.gates import CaseState
from recordbus.errors import Misconfigured


class _Case(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str = Field(min_length=3, max_length=40)
    state: Literal["open", "closed"]
    assigned: list[str]


class _Cases(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    cases: list[_Case]


class CaseFile:
    """A YAML file: `cases`, a list of `number`, `state` (open or closed) and `assigned`."""

    def __init__(self, path: Path) -> None:
        """Read the file; raises Misconfigured when it cannot be read or is not as described."""
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._cases: dict[str, _Case] = {}
        self._read()

    def state(self, case_number: str, requester: str) -> CaseState:
        """Give the state of a case as seen by this requester."""
        self._read()
        case = self._cases.get(case_number.strip())
        if case is None:
            return CaseState.UNKNOWN
        if case.state == "closed":
            return CaseState.CLOSED
        return CaseState.OPEN if requester in case.assigned else CaseState.SOMEBODY_ELSES

    def _read(self) -> None:
        try:
            status = self._path.stat()
            changed = (status.st_mtime_ns, status.st_size)
            if changed != self._read_at:
                found = _Cases.model_validate(yaml.safe_load(self._path.read_text("utf-8")))
                self._cases = {case.number: case for case in found.cases}
                self._read_at = changed
        except (OSError, UnicodeDecodeError, yaml.YAMLError, ValidationError) as error:
            raise Misconfigured(
                f"the case register {self._path} cannot be read: {type(error).__name__}",
                hint="it is YAML: cases, a list of number, state (open or closed) and assigned",
            ) from error
