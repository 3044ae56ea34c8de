"""One agency is fed in the demo, by signed webhooks, and another one is denied.

Both go through the doors that real agencies go through: an agreement, a subscription, a receiver
of their own, receipts. What is shown is what the receiver printed.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from recordbus.local.child import Child
from recordbus.local.demo.bus import COMMAND, CommandFailed, DemoBus, NotSeen
from recordbus.local.demo.numbers import are_feeds_behind, scrape
from recordbus.local.demo.sharing import AgreementFile
from recordbus.local.ports import answers, free_ports
from recordbus.local.spec import ProcessSpec
from schemas.catalog import enum_symbols, record_kinds

FUGITIVE_UNIT: Final = "tri-county-fugitive-unit"
REMOVAL_OFFICE: Final = "coastal-removal-office"
SETTINGS: Final[dict[str, str]] = {
    "RECORDBUS_FEEDS__ENABLED": "true",
    "RECORDBUS_FEEDS__ALLOW_LOOPBACK": "true",
    "RECORDBUS_FEEDS__SCHEDULE_SCALE": "0.1",
}
"""The bus feeds, and an agency's endpoint may be on this machine."""
_WANTED: Final = {"record_kinds": ["arrest", "citation", "field_contact", "warrant"]}
_MOST_WATCHED: Final = 20
_SUBSCRIPTION: Final = "fugitives-2026-1"
_ID_PREFIX: Final = "dlv_"
_PATIENCE_SECONDS: Final = 60.0
_QUIET_SECONDS: Final = 1.0
_NOTHING_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.1
_LINES_SHOWN: Final = 3
_USES_SHOWN: Final = 3

_NEW_RECORD: Final = re.compile(
    r" \+ new +record (?P<key>\S+) +(?P<kind>\S+) (?P<number>\S+) of (?P<department>[\w-]+)"
)
_RECORD_GONE: Final = re.compile(r" - taken back +record (?P<key>\S+)")

Tell = Callable[[str], None]
Selector = Mapping[str, Sequence[str]]


def facts_for_fugitive_unit(owners: Sequence[str], today: date) -> AgreementFile:
    """Give the agreement by which the fugitive unit may have facts, and nobody's race."""
    rule = {
        "level": "full",
        "actions": ["feed"],
        "purposes": ["criminal_investigation"],
        "record_kinds": sorted(record_kinds()),
        "bases": sorted(enum_symbols("recordbus.v1.Basis")),
        "evidence_kinds": ["fact"],
        "masks": ["body.narrative", "body.people.person.race", "body.people.person.ethnicity"],
    }
    content = {
        "agreement": f"demo-to-{FUGITIVE_UNIT}",
        "version": "1",
        "title": "Facts on persons who are sought",
        "legal_authority": "Interlocal Cooperation Act, section 7 (of a made-up state)",
        "owners": list(owners),
        "recipient": FUGITIVE_UNIT,
        "start": f"{today.year}-01-01",
        "end": f"{today.year + 1}-12-31",
        "rules": {"facts": rule},
    }
    return AgreementFile(f"demo-to-{FUGITIVE_UNIT}", json.dumps(content, indent=2) + "\n")


def selector_for(known: Sequence[Mapping[str, Any]], *, is_county: bool) -> Selector:
    """Give what the agency asks for: kinds of records, of one's own export a watch list only."""
    if is_county:
        return _WANTED
    people = [person for record in known for person in record["normalised"]["people"]]
    return {"watched": [person["mention_id"] for person in people[:_MOST_WATCHED]]}


def records_held(lines: Iterable[str]) -> list[tuple[str, str, str]]:
    """Give department, kind and number of what was told as new and not taken back since (pure).

    `lines` are what a receiver printed, the oldest first; so is the result.
    """
    held: dict[str, tuple[str, str, str]] = {}
    for line in lines:
        if new := _NEW_RECORD.search(line):
            held[new["key"]] = (new["department"], new["kind"], new["number"])
        elif gone := _RECORD_GONE.search(line):
            held.pop(gone["key"], None)
    return list(held.values())


class Feed:
    """The feed of one agency, and what its receiver has printed so far."""

    def __init__(self, bus: DemoBus, tell: Tell) -> None:
        self._bus, self._tell = bus, tell
        self._folder = bus.directory / "agencies" / FUGITIVE_UNIT
        self._receiver: Child | None = None
        self._mark = 0

    def begin(self, selector: Selector) -> None:
        """Subscribe for some records, and start the agency's receiver.

        Waits for all that the agency may have by now.
        """
        port = free_ports(1)[0]
        self._bus.run("feeds", "subscribe", str(self._subscription(FUGITIVE_UNIT, port, selector)))
        made = self._bus.run("feeds", "keys", "make", _SUBSCRIPTION)
        key = self._folder / "bus.key"
        key.write_text(made.strip().splitlines()[-1] + "\n", encoding="ascii")
        arguments = ("feeds", "receive", "--key", str(key), "--port", str(port),
                     "--folder", str(self._folder))  # fmt: skip
        self._receiver = self._bus.beside(ProcessSpec(
            name=f"{FUGITIVE_UNIT}-receiver", argv=(*COMMAND, *arguments),
            env={"NO_COLOR": "1"}, ready=lambda: answers(port), ports={"http": port},
        ))  # fmt: skip
        self._wait(self._has_all, "everything it may have")
        lines = self._new()
        what = Counter(line.split()[3] for line in lines)
        told = ", ".join(_counted(count, each) for each, count in sorted(what.items()))
        self._tell(
            f"\n{FUGITIVE_UNIT} has an agreement for facts and subscribes for "
            f"criminal_investigation; its webhook got {told}:"
        )
        of_each = [[line for line in lines if line.split()[3] == kind] for kind in sorted(what)]
        for some in of_each:
            self._show(some)

    def holds(self, number: str) -> bool:
        """Tell whether the agency was told of a record, by its owner's number."""
        return any(f" {number} of " in line for line in self._lines())

    def held(self) -> list[tuple[str, str, str]]:
        """Give department, record kind and number of the records that the agency now holds."""
        return records_held(self._lines())

    def refuse(self) -> None:
        """Let the second agency ask for what no agreement names (R-29)."""
        file = self._subscription(REMOVAL_OFFICE, 443, _WANTED, purpose="immigration_enforcement")
        try:
            self._bus.run("feeds", "subscribe", str(file))
        except CommandFailed as refused:
            self._tell(
                f"\n{REMOVAL_OFFICE} subscribes for immigration_enforcement and is denied:\n"
                f"{refused.hint}"
            )
            return
        raise NotSeen(f"{REMOVAL_OFFICE} was not refused", hint="see the agreements of the demo")

    def show_until(self, word: str, says: str) -> None:
        """Wait until the receiver prints a line with a word, and show what came."""
        self._wait(lambda: any(word in line for line in self._lines()[self._mark :]), says)
        lines = self._new()
        told = [line for line in lines if word in line]
        self._tell(f"\n{FUGITIVE_UNIT} is told of it ({_counted(len(lines), 'message')}):")
        self._show(told)

    def receipt(self, word: str) -> None:
        """Let the agency receipt the last message whose line has a word (R-24)."""
        last = next(line for line in reversed(self._lines()) if word in line)
        number = next(each for each in last.split() if each.startswith(_ID_PREFIX))
        self._tell("and receipts it:\n  " + self._bus.run(
            "feeds", "receipt", _SUBSCRIPTION, number).strip())  # fmt: skip

    def show_uses(self, department: str) -> None:
        """Show the owner's own view of who used its records (R-41)."""
        self._wait(lambda: bool(self._uses(department)), "a use of records to be told")
        uses = self._uses(department)
        self._tell(
            f"\n{department} sees every use of its records ({len(uses)} so far), for instance:"
        )
        told = [use for use in uses if FUGITIVE_UNIT in use]
        asked = [use for use in uses if use not in told]
        for use in sorted(told[-_USES_SHOWN:] + asked[-_USES_SHOWN:]):
            self._tell(f"  {use}")

    def verify_audit(self) -> None:
        """Show that nobody changed the log of all uses."""
        self._tell("\nnobody has changed the log of all this:")
        self._tell(self._bus.run("audit", "verify").rstrip())

    def _uses(self, department: str) -> list[str]:
        return self._bus.run("audit", "uses", "--department", department).splitlines()

    def _has_all(self) -> bool:
        (listed,) = self._bus.run_json("feeds", "list")
        before = len(self._lines())
        is_behind = are_feeds_behind(scrape(self._bus.metrics_ports().values()))
        if listed["records_due"] or is_behind:
            return False
        time.sleep(_QUIET_SECONDS if before else _NOTHING_SECONDS)
        return len(self._lines()) == before

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise NotSeen(
                    f"waited {_PATIENCE_SECONDS:g} s for {what}", hint="see logs/feeds.log"
                )
            time.sleep(_POLL_SECONDS)

    def _lines(self) -> list[str]:
        """Give what the receiver printed of whole messages."""
        if self._receiver is None:
            return []
        text = self._receiver.log.read_text(encoding="utf-8")
        return [line for line in text.splitlines() if line[2:3] == ":"]

    def _new(self) -> list[str]:
        lines = self._lines()
        new, self._mark = lines[self._mark :], len(lines)
        return new

    def _show(self, lines: Sequence[str]) -> None:
        for line in lines[-_LINES_SHOWN:]:
            self._tell(f"  {line}")
        if len(lines) > _LINES_SHOWN:
            self._tell(f"  (and {len(lines) - _LINES_SHOWN} more)")

    def _subscription(self, agency: str, port: int, selector: Selector, **changed: Any) -> Path:
        now = datetime.now(UTC)
        asked = {
            "subscription_id": _SUBSCRIPTION if agency == FUGITIVE_UNIT else f"{agency}-1",
            "agency": agency,
            "agency_ori": "ZZ0000001",
            "requester": "det. Alvarez",
            "purpose": "criminal_investigation",
            "case_number": "DEMO-2",
            "selector": selector,
            "channel": {"kind": "webhook", "url": f"http://127.0.0.1:{port}/"},
            "start": now.isoformat(timespec="seconds"),
            "end": (now + timedelta(days=180)).isoformat(timespec="seconds"),
        } | changed
        folder = self._bus.directory / "agencies" / agency
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "subscription.yaml"
        file.write_text(json.dumps(asked, indent=2) + "\n", encoding="utf-8")
        return file


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"
