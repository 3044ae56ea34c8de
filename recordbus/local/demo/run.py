"""The demo from beginning to end; `cli` says with what."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from recordbus.local.demo import story
from recordbus.local.demo.account import DemoReport, DepartmentAccount
from recordbus.local.demo.bus import DemoBus
from recordbus.local.demo.feed import Feed, selector_for
from recordbus.local.demo.numbers import Numbers
from recordbus.local.demo.publishing import Export, Published, look, publish
from recordbus.local.demo.questions import Question, questions
from recordbus.local.demo.sample import quarantined, sample
from recordbus.local.demo.view import LiveView

_SAMPLE = 400


@dataclass(frozen=True, slots=True)
class Cast:
    """What is published: the departments' exports, and the synthetic county if it is one."""

    exports: Sequence[Export]
    county: Path | None

    @property
    def owners(self) -> list[str]:
        """Name the departments that publish."""
        return [export.department for export in self.exports]


def show(bus: DemoBus, cast: Cast, console: Console, started: float) -> DemoReport:
    """Publish, search, correct and expunge; gives the account of what was published.

    `started` is the monotonic time at which the demo began.
    """
    tell = _teller(console)
    with LiveView(console, [export.department for export in cast.exports]) as view:
        published = publish(bus, cast.exports, view.update)
        now = look(bus)
        view.update(published, now)
        seconds = view.elapsed_seconds
    report = account(bus, published, now, seconds)
    console.print(view.table(published, replace(now, documents=report.searchable)))
    known = sample(bus, _SAMPLE)
    first = _ask(bus, questions(known), started, tell)
    feed = Feed(bus, tell)
    feed.begin(selector_for(known, is_county=cast.county is not None))
    feed.refuse()
    _change(bus, cast, [(r["department"], r["record_kind"], r["body"]) for r in known], feed, tell)
    associations = story.end(bus, tell)
    feed.show_uses(cast.owners[0])
    feed.verify_audit()
    tell("\nmetrics of the workers:")
    for name, port in bus.metrics_ports().items():
        tell(f"  {name:8} http://127.0.0.1:{port}/metrics")
    return replace(report, first_answer_seconds=first, associations=associations)


def _ask(
    bus: DemoBus, asked: Sequence[Question], started: float, tell: Callable[[str], None]
) -> float | None:
    """Ask each question; gives when the first one was answered, in seconds from `started`."""
    first = None
    for question in asked:
        story.ask(bus, question, tell)
        if first is None:
            first = time.monotonic() - started
            tell(f"first answer {first:.0f} s after the demo was started")
    return first


def account(bus: DemoBus, published: Published, now: Numbers, seconds: float) -> DemoReport:
    """Account for every row that was read."""
    set_aside = quarantined(bus)
    searchable = bus.run_json("index", "status")["records_by_department"]
    departments = {
        name: DepartmentAccount(
            read=rows.read,
            sent=rows.sent,
            unchanged=rows.unchanged,
            duplicates=rows.duplicates,
            refused=rows.refused or {},
            quarantined=set_aside.get(name, {}),
            searchable=searchable.get(name, 0),
        )
        for name, rows in published.items()
    }
    return DemoReport(
        departments,
        _number(now.latency_p50_seconds),
        _number(now.latency_p99_seconds),
        now.stored / seconds if seconds else 0.0,
    )


def _change(
    bus: DemoBus,
    cast: Cast,
    known: Sequence[tuple[str, str, dict[str, str]]],
    feed: Feed,
    tell: Callable[[str], None],
) -> None:
    """Show a correction, where the next export is known, and an expunge."""
    if cast.county is None:
        department, kind, body = known[0]
        verb = story.Verb(department, "expunge", kind, body["record_id"], "court_order")
        _expunge(bus, verb, feed, tell)
        return
    corrected = _first_correction(bus, cast.county, cast.exports, feed, tell)
    others = [each.department for each in cast.exports if each is not corrected]
    wanted = [verb for name in others for verb in story.verbs(cast.county, name, "expunge")]
    found = [(department, kind, body["record_id"]) for department, kind, body in known]
    wanted += [
        story.Verb(department, "expunge", kind, number, "court_order")
        for department, kind, number in (*found, *feed.held())
        if department in others
    ]
    if wanted:
        told = next((verb for verb in wanted if feed.holds(verb.record_id)), wanted[0])
        _expunge(bus, told, feed, tell)


def _expunge(bus: DemoBus, verb: story.Verb, feed: Feed, tell: Callable[[str], None]) -> None:
    """Show how a record leaves search, and the copy of an agency that was told of it."""
    is_held = feed.holds(verb.record_id)
    story.expunge(bus, verb, tell)
    if is_held:
        feed.show_until("expunged", "the expunge to be told")
        feed.receipt("expunged")


def _first_correction(
    bus: DemoBus, county: Path, exports: Sequence[Export], feed: Feed, tell: Callable[[str], None]
) -> Export | None:
    """Publish next exports until one corrects something that a search shows."""
    for export in exports:
        number = story.correct(bus, county, export, feed.holds, tell)
        if number is not None:
            if feed.holds(number):
                feed.show_until(f" {number} ", "the correction to be told")
            return export
    tell("\nno next export corrects anything that a search shows")
    return None


def _teller(console: Console) -> Callable[[str], None]:
    def tell(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    return tell


def _number(value: float) -> float:
    return 0.0 if math.isnan(value) else value
