"""What becomes of a request: read, audited, sent, remembered, answered - in this order.

The order that makes kill -9 harmless: the Idempotency-Key is written down with its body's
digest; the audit has its entry before anything is sent (R-38, catalogue row 46); the answer is
written down once Kafka holds every record; only then it is given. Whoever hears nothing sends
the same again, and the event ids, which follow from the content, make the effect one.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from producers.connectors.http_push.answers import answer_to, refused_code
from producers.connectors.http_push.entries import (
    collection_entries,
    failure_entry,
    refusal_entry,
    rejection_entry,
)
from producers.connectors.http_push.items import Item, Live, Refusal, Removal, read_items, split
from producers.connectors.http_push.line import Line, Outcome, Sent, is_refusal
from producers.connectors.http_push.lines import Lines
from producers.connectors.http_push.remembered import Answer, Remembered
from recordbus import logs
from recordbus.audit import Entry, Receipt
from recordbus.clock import Clock
from recordbus.crashpoints import crashpoint
from recordbus.errors import Misconfigured, RecordbusError, Retryable
from recordbus.metrics import (
    GATEWAY_ACK_SECONDS,
    GATEWAY_REFUSED_TOTAL,
    GATEWAY_REPEATS_TOTAL,
    INGEST_RECORDS_TOTAL,
)
from recordbus.web.problems import Problem
from recordbus.web.rates import RateLimits
from recordbus.web.strict_json import parse
from recordbus.web.tokens import Caller

STEPS: Final = (
    "gateway.written_down",
    "gateway.audited",
    "gateway.acknowledged",
    "gateway.remembered",
)
"""The crash points of a request, in their order."""

_KEY: Final = re.compile(r"[A-Za-z0-9._-]{8,128}")
_INLINE_BYTES: Final = 32 * 1024
_RETRY_SECONDS: Final = 2
_log = logs.logger(__name__)


class Audit(Protocol):
    """The part of the audit that a request needs."""

    async def append_async(self, entry: Entry) -> Receipt:
        """Keep an entry for good before returning; raises Retryable when it is not certain."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a request may hold and how long it may wait."""

    batch_records: int = 1000
    ack_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Push:
    """One authenticated request."""

    caller: Caller
    body: bytes = field(repr=False)
    key: str | None
    request_id: str
    origin: str | None


class Gateway:
    """Takes records of all departments."""

    def __init__(
        self,
        lines: Lines,
        remembered: Remembered,
        audit: Audit,
        rates: RateLimits,
        clock: Clock,
        bounds: Bounds,
    ) -> None:
        self._lines = lines
        self._remembered = remembered
        self._audit = audit
        self._rates = rates
        self._clock = clock
        self._bounds = bounds

    async def let_in(self, push: Push, scope: str) -> None:
        """Refuse a caller that may not push here; audited, and the same whatever the reason is.

        Raises Problem `forbidden`, or `unavailable` when the audit cannot be told of it.
        """
        caller = push.caller
        if scope not in caller.scopes or not self._lines.knows(caller.department):
            await self._append(refusal_entry(push, self._clock, "forbidden"))
            raise Problem("forbidden")

    async def take(self, push: Push) -> Answer:
        """Carry out the request of a caller that was let in; raises Problem."""
        department = push.caller.department
        self._rates.admit(department)
        if push.key is None:
            return await self._carried_out(push, None)
        if not _KEY.fullmatch(push.key):
            raise Problem("bad_idempotency_key")
        with self._remembered.at_work(department, push.key) as held:
            known = self._remembered.begin(held, department, push.body)
            if known is not None:
                GATEWAY_REPEATS_TOTAL.labels(department=department).inc()
                return known
            crashpoint("gateway.written_down")
            return await self._carried_out(push, held)

    async def _carried_out(self, push: Push, held: bytes | None) -> Answer:
        sent = False
        try:
            items, is_batch = await self._read(push)
            self._rates.take(push.caller.department, len(items))
            taken = [item for item in items if not isinstance(item, Refusal)]
            outcomes: Sequence[Outcome] = []
            if taken:
                line = await self._line(push.caller.department)
                await self._audited(push, line, items)
                sent = True
                outcomes = await self._sent(push, line, taken)
                sent = any(isinstance(outcome, Sent) for outcome in outcomes)
                await self._rejections_audited(push, line, taken, outcomes)
            answer = self._answered(push, items, outcomes, is_batch=is_batch)
            if held is not None and sent:
                self._remembered.finish(held, answer)
                crashpoint("gateway.remembered")
        except Problem:
            if held is not None and not sent:
                self._remembered.forget(held)
            raise
        if held is not None and not sent:
            self._remembered.forget(held)
        return answer

    async def _read(self, push: Push) -> tuple[list[Item], bool]:
        """Read a body; a large one beside the event loop, so that others go on."""
        if len(push.body) <= _INLINE_BYTES:
            return self._items(push.body)
        return await asyncio.to_thread(self._items, push.body)

    def _items(self, body: bytes) -> tuple[list[Item], bool]:
        values, is_batch = split(parse(body), self._bounds.batch_records)
        return read_items(values, is_batch=is_batch), is_batch

    async def _line(self, department: str) -> Line:
        opened = self._lines.opened(department)
        if opened is not None:
            return opened
        try:
            return await asyncio.to_thread(self._lines.of, department)
        except (Retryable, Misconfigured) as error:
            raise _unavailable(department, error) from None

    async def _audited(self, push: Push, line: Line, items: Sequence[Item]) -> None:
        for entry in collection_entries(push, self._clock, line.owner, items):
            await self._append(entry)
        crashpoint("gateway.audited")

    async def _rejections_audited(
        self, push: Push, line: Line, items: Sequence[Live | Removal], outcomes: Sequence[Outcome]
    ) -> None:
        """Add to the audit which records turned out, once encoded, to be no records after all."""
        refused = [item for item, o in zip(items, outcomes, strict=True) if is_refusal(o)]
        if refused:
            await self._append(rejection_entry(push, self._clock, line.owner, refused))

    async def _append(self, entry: Entry) -> None:
        try:
            await self._audit.append_async(entry)
        except Retryable:
            raise Problem("unavailable", retry_after_seconds=_RETRY_SECONDS) from None

    async def _sent(self, push: Push, line: Line, items: Sequence[Any]) -> list[Outcome]:
        """Give what became of the records once all are settled; none may be left in doubt."""
        department = push.caller.department
        began = self._clock.monotonic()
        try:
            outcomes = await self._settled(line, items)
        except (Retryable, TimeoutError) as error:
            await self._undone(push)
            raise _unavailable(department, error) from None
        failures = [o for o in outcomes if isinstance(o, RecordbusError) and not is_refusal(o)]
        if failures:
            await self._undone(push)
            raise _unavailable(department, failures[0])
        GATEWAY_ACK_SECONDS.labels(department=department).observe(self._clock.monotonic() - began)
        crashpoint("gateway.acknowledged")
        return outcomes

    async def _settled(self, line: Line, items: Sequence[Any]) -> list[Outcome]:
        loop = asyncio.get_running_loop()
        settled: asyncio.Future[list[Outcome]] = loop.create_future()

        def settle(outcomes: list[Outcome]) -> None:
            if not settled.done():
                settled.set_result(outcomes)

        def tell(outcomes: list[Outcome]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits
                loop.call_soon_threadsafe(settle, outcomes)

        line.send(items, tell)
        async with asyncio.timeout(self._bounds.ack_seconds):
            return await settled

    async def _undone(self, push: Push) -> None:
        """Add to the audit that what it was told of may not have come about, if it still can."""
        try:
            await self._append(failure_entry(push, self._clock))
        except Problem:
            _log.error("the audit does not know of a failure", request_id=push.request_id)

    def _answered(
        self, push: Push, items: Sequence[Item], outcomes: Sequence[Outcome], *, is_batch: bool
    ) -> Answer:
        department = push.caller.department
        results = _merged(items, outcomes)
        for result in results:
            code = refused_code(result)
            if code is not None:
                GATEWAY_REFUSED_TOTAL.labels(department=department, code=code).inc()
                INGEST_RECORDS_TOTAL.labels(department=department, outcome="refused").inc()
        return answer_to(results, is_batch=is_batch)


def _merged(items: Sequence[Item], outcomes: Sequence[Outcome]) -> list[Refusal | Outcome]:
    """Put what became of the sent items back among the refused ones."""
    left = iter(outcomes)
    return [item if isinstance(item, Refusal) else next(left) for item in items]


def _unavailable(department: str, error: BaseException) -> Problem:
    _log.warning("records were put off", department=department, error=type(error).__name__)
    return Problem("unavailable", retry_after_seconds=_RETRY_SECONDS)
