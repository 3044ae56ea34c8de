"""What the demo shows after publishing: searches, a correction and an expunge taking effect."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from recordbus.local.demo.bus import DemoBus, NotSeen
from recordbus.local.demo.endings import Bus, endings, summary
from recordbus.local.demo.publishing import Export, publish
from recordbus.local.demo.questions import PURPOSE, WHO, Question
from recordbus.local.demo.sample import records, values

Tell = Callable[[str], None]
_CANDIDATES: Final = 8
_PATIENCE_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.1
_SETTLE_SECONDS: Final = 120.0
_LINES_SHOWN: Final = 24


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb that a department says about one of its records."""

    department: str
    verb: str
    record_kind: str
    record_id: str
    reason: str


def ask(bus: DemoBus, question: Question, tell: Tell) -> None:
    """Ask one question and show the answer as the command prints it."""
    started = time.monotonic()
    answer = bus.run(*question.arguments, "--page-size", "3")
    tell(f"\n{question.says}:\n  recordbus {_shell(question.arguments)}")
    tell(answer.rstrip())
    tell(f"({time.monotonic() - started:.1f} s, the command's own start included)")


def correct(
    bus: DemoBus, county: Path, export: Export, first: Callable[[str], bool], tell: Tell
) -> str | None:
    """Publish a department's next snapshot and show one record that it corrected.

    Records whose number `first` holds for are shown rather than others. Gives the number of the
    one that is shown; None when the snapshot corrects nothing that a search shows.
    """
    corrected = [number for owner, number in _corrections(county) if owner == export.department]
    corrected.sort(key=lambda number: not first(number))
    before = {number: _captions(bus, number) for number in corrected[:_CANDIDATES]}
    actions = export.path.parent / "snapshot-0002" / "actions.jsonl"
    where = ("--mapping", export.mapping, "--department", export.department)
    bus.run("publish", "actions", str(actions), *where)
    later = Export(export.department, export.mapping, actions.parent)
    publish(bus, [later], lambda _published, _now: None)
    for number, was in before.items():
        now = _captions(bus, number)
        if was and now and was != now:
            _show_difference(export.department, number, was, now, tell)
            return number
    return None


def expunge(bus: DemoBus, verb: Verb, tell: Tell) -> float:
    """Expunge a record and wait until no search finds it; gives the seconds that took."""
    found = _found(bus, verb.record_id, verb.department)
    started = time.monotonic()
    bus.run(
        "publish", "expunge", verb.record_id, "--department", verb.department,
        "--kind", verb.record_kind, "--reason", verb.reason,
    )  # fmt: skip
    while _found(bus, verb.record_id, verb.department):
        if time.monotonic() - started > _PATIENCE_SECONDS:
            raise NotSeen(
                f"{verb.record_id} was still found after {_PATIENCE_SECONDS:g} s",
                hint="see the logs in the run directory",
            )
        time.sleep(_POLL_SECONDS)
    elapsed_seconds = time.monotonic() - started
    tell(
        f"\n{verb.department} expunges {verb.record_kind} {verb.record_id} ({verb.reason}): "
        f"{found} found before, 0 found {elapsed_seconds:.1f} s after the command was started"
    )
    return elapsed_seconds


def end(bus: DemoBus, tell: Tell) -> dict[str, Any]:
    """Show what became of the records when they met; gives how many entities and ties there are.

    Waits until the last record has come through all stages; they keep the order.
    """
    said = _all_said(bus)
    for ending in endings(said):
        tell(f"\n{ending.says}:")
        for arguments in ending.arguments:
            tell(f"  recordbus {_shell(arguments)}")
            lines = bus.run(*arguments).rstrip().splitlines()
            tell("\n".join(lines[:_LINES_SHOWN]))
            if len(lines) > _LINES_SHOWN:
                tell(f"(and {len(lines) - _LINES_SHOWN} lines more)")
    return summary(said)


def _all_said(bus: DemoBus) -> Bus:
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        said = Bus(records(bus), values(bus, "identities.v1"), values(bus, "associations.v1"))
        last = next((r for r in reversed(said.records.values()) if r["status"] == "live"), None)
        if last is None or _has_met(said, last):
            return said
        if time.monotonic() > deadline:
            raise NotSeen(
                f"not everything had met after {_SETTLE_SECONDS:g} s",
                hint="see the logs in the run directory",
            )
        time.sleep(_POLL_SECONDS)


def _has_met(said: Bus, record: Mapping[str, Any]) -> bool:
    mentions = [each for part in record["normalised"].values() for each in part]
    names = [f"{record['record_key']}.{each['local_id']}" for each in mentions]
    return not names or any(name in said.entities for name in names)


def verbs(county: Path, department: str, verb: str) -> Iterator[Verb]:
    """Give what a synthetic department wants done on its second day that no snapshot can say."""
    listed = county / department / "snapshot-0002" / "actions.jsonl"
    for line in listed.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        if said["verb"] == verb:
            yield Verb(department, verb, said["record_kind"], said["record_id"], said["reason"])


def _corrections(county: Path) -> list[tuple[str, str]]:
    with (county / "truth" / "changes.csv").open(encoding="utf-8", newline="") as changes:
        rows = csv.DictReader(changes)
        return [
            (row["department"], row["record_id"])
            for row in rows
            if row["verb"] == "correct" and row["step"] == "2"
        ]


def _captions(bus: DemoBus, number: str) -> list[str]:
    answer = _search(bus, number)
    return [mention["caption"] for result in answer["results"] for mention in result["mentions"]]


def _found(bus: DemoBus, number: str, department: str) -> int:
    return int(_search(bus, number, "--department", department)["total"])


def _search(bus: DemoBus, number: str, *more: str) -> dict[str, Any]:
    answer: dict[str, Any] = bus.run_json("search", "--number", number, *more, *PURPOSE, *WHO)
    return answer


def _show_difference(
    department: str, number: str, was: Sequence[str], now: Sequence[str], tell: Tell
) -> None:
    tell(f"\n{department} corrects {number} in its next export:")
    for caption in was:
        if caption not in now:
            tell(f"  - {caption}")
    for caption in now:
        if caption not in was:
            tell(f"  + {caption}")


def _shell(arguments: Sequence[str]) -> str:
    return " ".join(f'"{a}"' if " " in a or "*" in a else a for a in arguments)
