"""Takes complete drops one by one and sees each of them to its end.

A drop that was taken and not ended, because the process was, is carried on first. Publishing it
again changes nothing: the connector knows which snapshot it accepted.
"""

from __future__ import annotations

import errno
import re
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from producers.connectors.csv_snapshot import Account
from producers.connectors.file_watch.archives import unpack
from producers.connectors.file_watch.complete import Completeness, check_digests, vouch
from producers.connectors.file_watch.layout import (
    APPROVED,
    REPORT,
    Drop,
    Layout,
    content_of,
    read_json,
    write_json,
)
from recordbus import logs
from recordbus.clock import Clock
from recordbus.crashpoints import crashpoint
from recordbus.errors import Misconfigured, Rejected, Retryable
from recordbus.metrics import WATCHED_DROPS_TOTAL, WATCHED_DROPS_WAITING

STEPS: Final = ("watch.claimed", "watch.published", "watch.reported", "watch.moved")
"""Where a test may end the process."""

_log = logs.logger(__name__)
_OF_THE_MACHINE: Final = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ESTALE)
)
"""Trouble that the next drop would meet as well."""
_DIGITS: Final = re.compile(r"\d+")

Publish = Callable[[Path, bool], Sequence[Account]]
"""Publishes the exports that a path holds, approved or not; raises as `publish_snapshot` does."""


@dataclass(frozen=True, slots=True)
class _Ending:
    place: str
    reason: str | None = None
    detail: str | None = None
    accounts: Sequence[Account] = ()


class Watcher:
    """One department's drop folder; not for use by several threads or processes."""

    def __init__(
        self,
        department: str,
        layout: Layout,
        publish: Publish,
        clock: Clock,
        completeness: Completeness,
    ) -> None:
        self._department, self._layout, self._publish = department, layout, publish
        self._clock, self._complete = clock, completeness

    def round(self) -> Counter[str]:
        """Take what is complete now, oldest number first; gives how many ended where.

        XX
        """
        ended: Counter[str] = Counter()
        try:
            self._look(ended)
        except OSError as error:
            raise Retryable(
                f"the drop folder cannot be used now: {type(error).__name__}",
                hint="look at the disk, and at who may read and move what is in `incoming`",
            ) from error
        return ended

    def _look(self, ended: Counter[str]) -> None:
        for claim in self._layout.claims("working"):
            ended[self._carry_on(claim)] += 1
        for claim in self._approved():
            ended[self._settle(self._layout.move(claim, "working"))] += 1
        drops = self._layout.drops()
        self._complete.forget(drops)
        ready = [drop for drop in drops if self._complete.of(drop)]
        for drop in sorted(ready, key=_in_order):
            claim = self._layout.claim(drop, self._clock.now())
            crashpoint("watch.claimed")
            ended[self._settle(claim)] += 1
        self._observe(len(drops) - len(ready))

    # --- one drop ------------------------------------------------------------------------

    def _carry_on(self, claim: Path) -> str:
        if content_of(claim) is None:
            self._layout.give_back(claim)
            return "given_back"
        return self._settle(claim)

    def _settle(self, claim: Path) -> str:
        drop = content_of(claim)
        assert drop is not None, "a claim is settled once it has its drop"
        ending = self._publish_drop(claim, drop)
        crashpoint("watch.published")
        write_json(claim / REPORT, self._report(drop, ending))
        crashpoint("watch.reported")
        _forget_unpacked(claim)
        self._layout.move(claim, ending.place)
        crashpoint("watch.moved")
        if ending.place == "done":
            self._overtake(ending.accounts)
        outcome = ending.reason or ending.place
        # not its name: what a department calls its files may name people
        _log.info("a drop was settled", department=self._department, outcome=outcome)
        WATCHED_DROPS_TOTAL.labels(department=self._department, outcome=ending.place).inc()
        return ending.place

    def _publish_drop(self, claim: Path, drop: Drop) -> _Ending:
        try:
            accounts = self._publish(self._opened(claim, drop), (claim / APPROVED).exists())
        except (Retryable, Misconfigured):
            raise
        except Rejected as error:
            return _Ending("refused", error.reason, error.detail)
        except Exception as error:  # one bad drop must not hold up the next
            if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
                raise
            _log.error("a drop failed in a way nothing expected", exc_info=error)
            return _Ending("refused", "unhandled", type(error).__name__)
        held = [account for account in accounts if account.ending == "held"]
        if held:
            return _Ending("held", "suspicious_delete_ratio", held[0].held_because, accounts)
        return _Ending("done", accounts=accounts)

    def _opened(self, claim: Path, drop: Drop) -> Path:
        """Give the drop as something to publish, unpacked if it is a zip."""
        if any(path.is_symlink() or not path.is_file() for path in drop.files()):
            raise Rejected("bad_archive", "it is or holds a link, or no regular file")
        check_digests(drop)
        path = drop.path
        if path.suffix.lower() == ".zip":
            path = claim / f".{drop.path.stem}"
            if not path.exists():
                made = claim / ".unpacking"
                shutil.rmtree(made, ignore_errors=True)  # of a run that was cut off
                unpack(drop.path, made)
                made.rename(path)
            inside = list(path.iterdir())
            if len(inside) == 1 and inside[0].is_dir():
                path = inside[0]
        vouch(path)
        return path

    def _report(self, drop: Drop, ending: _Ending) -> dict[str, Any]:
        return {
            "name": drop.path.name,
            "department": self._department,
            "ending": ending.place,
            "reason": ending.reason,
            "detail": ending.detail,
            "settled_at": self._clock.now().isoformat(),
            "accounts": [
                account.to_json() | {"refusals": [each._asdict() for each in account.refusals]}
                for account in ending.accounts
            ],
        }

    # --- what is held --------------------------------------------------------------------

    def _approved(self) -> list[Path]:
        return [claim for claim in self._layout.claims("held") if (claim / APPROVED).exists()]

    def _overtake(self, accounts: Sequence[Account]) -> None:
        """Refuse what is held of exports of which something newer was published just now."""
        newer = {account.export for account in accounts}
        for claim in self._layout.claims("held"):
            report = read_json(claim / REPORT)
            if newer.isdisjoint(each["export"] for each in report.get("accounts", ())):
                continue
            detail = "a newer snapshot was published while this one was held"
            refused = {"ending": "refused", "reason": "older_snapshot", "detail": detail}
            write_json(claim / REPORT, report | refused)
            self._layout.move(claim, "refused")
            WATCHED_DROPS_TOTAL.labels(department=self._department, outcome="refused").inc()

    def _observe(self, incomplete: int) -> None:
        waiting = {"incomplete": incomplete, "approval": len(self._layout.claims("held"))}
        for why, count in waiting.items():
            WATCHED_DROPS_WAITING.labels(department=self._department, why=why).set(count)


def approve(layout: Layout, name: str, by: str, at: datetime) -> Path:
    """Let a held drop be published by the next round; Misconfigured when none has this name."""
    claim = _held(layout, name)
    write_json(claim / APPROVED, {"by": by, "at": at.isoformat()})
    return claim


def decline(layout: Layout, name: str, by: str, at: datetime) -> Path:
    """Refuse a held drop for good; Misconfigured when none has this name."""
    claim = _held(layout, name)
    declined = {"ending": "refused", "declined_by": by, "settled_at": at.isoformat()}
    write_json(claim / REPORT, read_json(claim / REPORT) | declined)
    return layout.move(claim, "refused")


def _held(layout: Layout, name: str) -> Path:
    held = {claim.name: claim for claim in layout.claims("held")}
    named = [c for c in held.values() if name in (c.name, read_json(c / REPORT).get("name"))]
    if len(named) == 1:
        return named[0]
    raise Misconfigured(
        f"{len(named)} drops of the name {name!r} are held",
        hint=f"held are: {', '.join(held) or 'none'}",
    )


def _forget_unpacked(claim: Path) -> None:
    """Keep the zip only: what was unpacked from it is a copy."""
    for path in claim.iterdir():
        if path.name.startswith(".") and path.is_dir():
            shutil.rmtree(path)


def _in_order(drop: Drop) -> tuple[list[int], int, str]:
    """Sort by the numbers in the name, then by age: older snapshots go before newer ones."""
    numbers = [int(found) for found in _DIGITS.findall(drop.path.name)]
    return numbers, drop.path.lstat().st_mtime_ns, drop.path.name
