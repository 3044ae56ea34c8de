"""The subscriptions of a ledger, and how far each was looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import apsw

from consumers.feeds.ledger.tables import rows
from consumers.feeds.subscription import Standing, Subscription
from recordbus import logs

FROM_THE_START: Final = ""
UNREADABLE: Final = "subscription_unreadable"
"""Why a subscription is told nothing that stands in the ledger as this program cannot read it."""
OVER: Final = "ended"
"""How `seen` begins for a subscription that nothing new is looked at for."""
_NEVER: Final = -1
_Columns = dict[str, str | int | None]
_log = logs.logger(__name__)


class Registered(NamedTuple):
    """One subscription as the ledger has it.

    `seen` names the policy, agreements and state that it was looked at under, `scanned_to` the
    last record key that was looked at for them, None when all were. `watching` are the entities
    of its watched mentions. After a failed attempt nothing is sent before `not_before_us`.
    """

    subscription: Subscription
    standing: Standing
    seen: str
    scanned_to: str | None
    watching: frozenset[str]
    attempts: int
    not_before_us: int

    @property
    def entities(self) -> frozenset[str]:
        """Give the entities that are asked for at this moment."""
        return self.watching | frozenset(self.subscription.selector.entities)

    def may_ask_for(self, outline: tuple[str, str], entities: frozenset[str]) -> bool:
        """Tell whether a record of a department, kind and entities is worth a look."""
        selector = self.subscription.selector
        if self.seen.startswith(OVER) or not selector.may_take(*outline):
            return False
        return not selector.asks_for_entities or not entities.isdisjoint(self.entities)


class Register:
    """Reads and writes subscriptions within its caller's transaction.

    Invariant: a subscription that cannot be read stops nobody else, and is looked at from the start
    once it can be read again, because nothing was made due for it meanwhile.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._known: dict[str, Registered] = {}
        self._unreadable: frozenset[str] = frozenset()
        self._known_at = _NEVER

    def add(self, subscription: Subscription, standing: Standing) -> bool:
        """Take a subscription in; False, and nothing changes, when its id is taken."""
        before = self._connection.total_changes()
        self._connection.execute(
            "INSERT OR IGNORE INTO subscription VALUES (?, ?, ?, '', ?, '[]', 0, 0)",
            (subscription.subscription_id, subscription.model_dump_json(),
             standing.model_dump_json(), FROM_THE_START),
        )  # fmt: skip
        self._known_at = _NEVER
        return self._connection.total_changes() > before

    def all(self) -> dict[str, Registered]:
        """Give all subscriptions by id, ended ones too; those that others registered as well."""
        written_at = int(self._connection.pragma("data_version"))  # moves when others write
        if written_at != self._known_at:
            self._known, self._known_at = self._read(), written_at
        return self._known

    def unreadable(self) -> frozenset[str]:
        """Give the ids of those that are registered and cannot be read; `all` leaves them out."""
        self.all()
        return self._unreadable

    def _read(self) -> dict[str, Registered]:
        sql = (
            "SELECT subscription_id, content, standing, seen, scanned_to, watching, attempts, "
            "not_before_us FROM subscription ORDER BY subscription_id"
        )
        known: dict[str, Registered] = {}
        unreadable = set()
        for subscription_id, *columns in rows(self._connection, sql):
            try:
                known[subscription_id] = _registered(*columns)
            except ValueError as error:
                unreadable.add(subscription_id)
                self._set_aside(subscription_id, error)
        self._unreadable = frozenset(unreadable)
        return known

    def _set_aside(self, subscription_id: str, error: ValueError) -> None:
        """Say once that a subscription cannot be read, and forget what it was looked at under."""
        if subscription_id not in self._unreadable:
            _log.error(
                "a subscription in the ledger cannot be read, so its agency is told nothing, not "
                "even what must go; the others go on. Run the version of recordbus that "
                "registered it, or restore the ledger from a copy",
                subscription=subscription_id, reason=UNREADABLE, exc_info=error,
            )  # fmt: skip
        self._connection.execute(
            "UPDATE subscription SET seen = '' WHERE subscription_id = ? AND seen != ''",
            (subscription_id,),
        )

    def stand(self, subscription_id: str, standing: Standing) -> None:
        """Note what became of a subscription."""
        self._set(subscription_id, {"standing": standing.model_dump_json()}, standing=standing)

    def look_again(self, subscription_id: str, seen: str) -> None:
        """Look at all records anew, because what decides has become `seen`."""
        news: _Columns = {"seen": seen, "scanned_to": FROM_THE_START}
        self._set(subscription_id, news, **news)

    def scanned(self, subscription_id: str, scanned_to: str | None) -> None:
        """Note how far all records were looked at; None when that is done."""
        self._set(subscription_id, {"scanned_to": scanned_to}, scanned_to=scanned_to)

    def watch(self, subscription_id: str, entities: Iterable[str]) -> None:
        """Note the entities that the watched mentions belong to now."""
        now = sorted(entities)
        self._set(subscription_id, {"watching": json.dumps(now)}, watching=frozenset(now))

    def pause(self, subscription_id: str, attempts: int, not_before_us: int) -> None:
        """Note how often in a row its channel failed, and when it is tried again."""
        news: _Columns = {"attempts": attempts, "not_before_us": not_before_us}
        self._set(subscription_id, news, **news)

    def forget(self) -> None:
        """Read everything anew next time: what was written last was taken back."""
        self._known_at = _NEVER

    def _set(self, subscription_id: str, columns: _Columns, **now: Any) -> None:
        """Write columns, and keep what they now say: reading everything anew takes a while."""
        said = ", ".join(f"{column} = ?" for column in columns)
        self._connection.execute(
            f"UPDATE subscription SET {said} WHERE subscription_id = ?",  # noqa: S608 - ours
            (*columns.values(), subscription_id),
        )
        known = self._known.get(subscription_id)
        if known is not None:
            self._known = {**self._known, subscription_id: known._replace(**now)}


def _registered(
    content: str, standing: str, seen: str, scanned_to: str | None, watching: str,
    attempts: int, not_before_us: int,
) -> Registered:  # fmt: skip
    """Read one row; raises ValueError for what is none of ours."""
    return Registered(
        Subscription.model_validate_json(content), Standing.model_validate_json(standing),
        seen, scanned_to, frozenset(json.loads(watching)), attempts, not_before_us,
    )  # fmt: skip
