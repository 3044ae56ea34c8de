"""What a department is told of its records (pure).

One record is answered by itself; a batch is answered item by item, in its order. `accepted`
means that Kafka holds the record durably, and nothing more: what the bus finds wrong with it
later is in its quarantine, under the event id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import orjson

from producers.connectors.http_push.items import Refusal
from producers.connectors.http_push.line import Outcome, Sent
from producers.connectors.http_push.remembered import Answer
from recordbus.errors import RecordbusError, Rejected
from recordbus.web.problems import Fault, Problem

Result = Refusal | Outcome
_TOO_LARGE: Final = frozenset({"oversize", "too_large"})


def answer_to(results: Sequence[Result], *, is_batch: bool) -> Answer:
    """Give the answer to a request; raises Problem for a single record that is not taken."""
    if is_batch:
        return _batch(results)
    (result,) = results
    code = refused_code(result)
    if code is not None:
        raise Problem(code, faults=_faults(result, ""))
    return Answer(200, orjson.dumps(_result(result, "")))


def refused_code(result: Result) -> str | None:
    """Give the problem code of a record that is not taken; None for one that is."""
    if isinstance(result, Refusal):
        return result.code
    if isinstance(result, Rejected):
        return "oversize" if result.reason in _TOO_LARGE else "invalid_record"
    return None


def _batch(results: Sequence[Result]) -> Answer:
    shown = [{"index": at, **_result(each, f"/{at}")} for at, each in enumerate(results)]
    accepted = sum(isinstance(each, Sent) for each in results)
    counts = {"accepted": accepted, "refused": len(results) - accepted}
    return Answer(207, orjson.dumps({**counts, "results": shown}))


def _result(result: Result, at: str) -> dict[str, Any]:
    if isinstance(result, Sent):
        return {"status": "accepted", **result._asdict()}
    faults = [fault._asdict() for fault in _faults(result, at)]
    return {"status": "refused", "code": refused_code(result), "errors": faults}


def _faults(result: Result, at: str) -> tuple[Fault, ...]:
    if isinstance(result, Refusal):
        return result.faults
    assert isinstance(result, RecordbusError)
    reason = result.reason if isinstance(result, Rejected) else "failed"
    detail = result.detail if isinstance(result, Rejected) else result.message
    return (Fault(at, reason, detail),)
