"""Publishes the rows of a transactional outbox: a table that the department's own system writes.

The invariant: a row is marked only after the broker holds its record durably, so what committed
is published at least once; a repeat has the same event id and does nothing. A row that became
visible late is found by its state, never by its place.
"""

from producers.connectors.outbox.relay import STEPS, Relay, Round
from producers.connectors.outbox.row import Row, Verb
from producers.connectors.outbox.store import Backlog, Outbox, Refusal, Settled, ddl

__all__ = [
    "STEPS",
    "Backlog",
    "Outbox",
    "Refusal",
    "Relay",
    "Round",
    "Row",
    "Settled",
    "Verb",
    "ddl",
]
