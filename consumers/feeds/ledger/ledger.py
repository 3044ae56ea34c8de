"""The ledger of feeds: takes in what the bus says, and knows whom it may concern.

Invariant: what was said, whom it makes due and how far was read are one transaction, so after any
crash nobody's copy is forgotten. One process at a time sends from a ledger; others may register
and confirm in it meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw

from consumers.feeds.ledger.again import AgainRows
from consumers.feeds.ledger.diary import DiaryRows
from consumers.feeds.ledger.due import NEW, URGENT, DueRows
from consumers.feeds.ledger.fetched import FetchedRows
from consumers.feeds.ledger.held import HeldRows
from consumers.feeds.ledger.register import Register, Registered
from consumers.feeds.ledger.said import Decode, SaidRows, Touched
from consumers.feeds.ledger.tables import open_ledger, rows
from consumers.feeds.saying import Part, Said
from consumers.sink import Applied, Change, Progress, Removal, TopicPartition
from recordbus.crashpoints import crashpoint
from recordbus.errors import Retryable

_NOTE = (
    "INSERT INTO progress VALUES (?, ?, ?, ?) ON CONFLICT (topic, partition) DO UPDATE "
    "SET next_offset = excluded.next_offset, "
    "complete_to_us = max(complete_to_us, excluded.complete_to_us)"
)
_NOBODY: Final[frozenset[str]] = frozenset()


class Ledger:
    """A ledger file. Not for use by several threads."""

    name = "feeds"

    def __init__(self, path: Path, decoders: Mapping[Part, Decode]) -> None:
        """Open the ledger at `path`, making it when there is none; raises Misconfigured."""
        self.path = path
        self._connection = open_ledger(path)
        self.said = SaidRows(self._connection, decoders)
        self.due = DueRows(self._connection)
        self.held = HeldRows(self._connection)
        self.register = Register(self._connection)
        self.fetched = FetchedRows(self._connection)
        self.diary = DiaryRows(self._connection)
        self.again = AgainRows(self._connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do what follows whole or not at all; raises Retryable when the disk is in the way."""
        try:
            with self._connection:
                yield
        except (apsw.FullError, apsw.IOError, apsw.BusyError) as error:
            self.register.forget()
            raise Retryable(
                f"the ledger of feeds cannot be written now: {type(error).__name__}",
                hint="check its disk; nothing was stored and nothing was sent",
            ) from error
        except BaseException:
            self.register.forget()
            raise

    @contextmanager
    def _not_waiting_for_the_disk(self) -> Iterator[None]:
        self._connection.pragma("synchronous", "normal")
        try:
            yield
        finally:
            self._connection.pragma("synchronous", "full")

    def positions(self) -> Mapping[TopicPartition, int]:
        """Give the next offset to read of every partition this ledger has read."""
        found = rows(self._connection, "SELECT topic, partition, next_offset FROM progress")
        return {(topic, partition): offset for topic, partition, offset in found}

    def apply(
        self, changes: Sequence[Change[Said]], progress: Mapping[TopicPartition, Progress]
    ) -> Applied:
        """Store what was said, whom it concerns and how far was read, in one transaction.

        It does not wait for the disk: what is lost with it is read again, and whatever is told of
        it waits for both.
        """
        with self._not_waiting_for_the_disk(), self.transaction():
            touched = self.said.store(changes)
            crashpoint("feeds.said")
            self._concern(touched)
            self._connection.executemany(
                _NOTE, ((*partition, *reached) for partition, reached in progress.items())
            )
        crashpoint("feeds.committed")
        gone = sum(isinstance(change.payload, Removal) for change in changes)
        return Applied(stored=len(changes) - gone, removed=gone)

    def settle(self) -> bool:
        """Do nothing: what is due is the dispatcher's."""
        return True

    def close(self) -> None:
        """Let the file go; safe to call twice."""
        self._connection.close()

    def _concern(self, touched: Touched) -> None:
        """Make records due for whoever may have to be told.

        Whom a mention stands for is told to nobody: it only decides what is selected for those
        who ask for entities.
        """
        subscriptions = self.register.all()
        by_entity = {
            each: registered
            for each, registered in subscriptions.items()
            if registered.subscription.selector.asks_for_entities
        }
        marks = [*self._marks(touched.said, subscriptions, is_asked=bool(by_entity))]
        if by_entity:
            marks += self._marks(touched.regrouped, by_entity, is_asked=True)
        self.due.mark(marks)
        for subscription_id, registered in by_entity.items():
            self._follow(subscription_id, registered, touched)

    def _marks(
        self, record_keys: Iterable[str], subscriptions: Mapping[str, Registered], *, is_asked: bool
    ) -> Iterator[tuple[str, str, int]]:
        for record_key in sorted(record_keys):
            outline = self.said.outline(record_key)
            if outline is None:
                continue
            holders = self.held.holders(record_key)
            entities = self.said.entities_of(record_key) if is_asked else _NOBODY
            for subscription_id, registered in subscriptions.items():
                if subscription_id in holders:
                    yield subscription_id, record_key, URGENT
                elif registered.may_ask_for(outline, entities):
                    yield subscription_id, record_key, NEW

    def _follow(self, subscription_id: str, registered: Registered, touched: Touched) -> None:
        """Follow watched mentions to the entities that they belong to now."""
        watched = registered.subscription.selector.watched
        records = {mention_id.partition(".")[0] for mention_id in watched}
        if records.isdisjoint(touched.said) and records.isdisjoint(touched.regrouped):
            return
        now = frozenset(filter(None, map(self.said.entity_of, watched)))
        changed = self.said.naming(now ^ registered.watching)
        self.due.mark((subscription_id, record_key, NEW) for record_key in changed)
        self.register.watch(subscription_id, now)
