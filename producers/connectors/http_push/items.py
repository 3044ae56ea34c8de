"""What a request holds: records to publish and records to take back, each read by itself (pure).

A record is what the publisher takes, as JSON. With `status` it is a removal: withdrawn, sealed
or expunged, by the number of the record and a `source_seq` above the last. Numbers of records
are in bodies only, so that no address and no access log has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from producers.publisher.from_json import with_instants
from producers.publisher.stamp import RemovedStatus
from recordbus.web.problems import Fault, Problem
from schemas.events import record_input_value
from schemas.limits import Code, Number
from schemas.limits import Sequence as SourceSequence
from schemas.types import RecordKind

_FAULTS_NAMED: Final = 10
_POINTER_LENGTH: Final = 300
_BATCH_ROOT: Final = ""


class Removal(BaseModel):
    """Takes a record off the bus; only what names it, never anything of its content."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    status: Literal["withdrawn", "sealed", "expunged"]
    record_kind: RecordKind
    record_id: Number
    source_seq: SourceSequence
    reason: Code = "owner_request"

    @property
    def removed(self) -> RemovedStatus:
        """The status, as the publisher names it."""
        return self.status


class Live(NamedTuple):
    """A record's complete present state, checked."""

    value: dict[str, Any]


class Refusal(NamedTuple):
    """An item that is not taken, and why."""

    code: str
    faults: tuple[Fault, ...]


Item = Live | Removal | Refusal


def split(document: Any, most: int) -> tuple[list[Any], bool]:
    """Give the items of a request, and whether it is a batch; raises Problem."""
    if isinstance(document, list):
        if len(document) > most or not document:
            raise Problem("too_many_items", f"a batch holds 1 to {most} records")
        return document, True
    if isinstance(document, dict):
        return [document], False
    fault = Fault("", "type", "it must be a record, or a list of records")
    raise Problem("invalid_record", faults=(fault,))


def read_items(values: Sequence[Any], *, is_batch: bool) -> list[Item]:
    """Read every item by itself: a bad one says what is wrong and changes nothing of the others."""
    return [
        read_item(value, f"/{at}" if is_batch else _BATCH_ROOT) for at, value in enumerate(values)
    ]


def read_item(value: Any, at: str) -> Item:
    """Read one item; `at` is its own pointer, which the pointers of its faults begin with."""
    if not isinstance(value, Mapping):
        return _refused(Fault(at, "type", "it must be an object"))
    try:
        if "status" in value:
            return Removal.model_validate(value)
        return Live(record_input_value(with_instants(value)))
    except ValidationError as error:
        return _refused(*_faults(error, at))
    except ValueError as error:  # details of another record kind; holds no content
        return _refused(Fault(f"{at}/body/details", "kind_mismatch", str(error)))


def _refused(*faults: Fault) -> Refusal:
    return Refusal("invalid_record", faults)


def _faults(error: ValidationError, at: str) -> list[Fault]:
    """Name what is wrong by JSON pointers; what the fields hold is never repeated."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    faults = [
        Fault(at + pointer(fault["loc"]), fault["type"], fault["msg"])
        for fault in found[:_FAULTS_NAMED]
    ]
    left = len(found) - len(faults)
    return [*faults, Fault(at, "more", f"and {left} more")] if left else faults


def pointer(places: Sequence[int | str]) -> str:
    """Give the JSON pointer (RFC 6901) of a place, without the names that only unions add.

    In `body.details` the name of the chosen type stands between the field and its pair.
    """
    steps = list(places)
    if len(steps) > 2 and steps[:2] == ["body", "details"] and isinstance(steps[2], str):
        del steps[2]
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "".join(f"/{step}" for step in escaped)[:_POINTER_LENGTH]
