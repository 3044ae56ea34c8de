"""What a world's history must come to: the batch program on what departments and judges said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, NamedTuple

from recordbus.avro.reader import EPOCH
from recordbus.judgements import key_of
from streams.intake.testing import SECRET
from streams.resolution.limits import Limits
from tests.oracle.accepted import Held, accepted
from tests.oracle.associations import Fields
from tests.oracle.batch import Live, Outcome, outcome
from tests.simulator.bus.talk import Said
from tests.simulator.judge import Published, Violation

_PASSED_ON: Final = (
    "record_key", "record_kind", "owner_ori", "source_seq", "status", "recorded_at", "occurred_at",
    "dissemination_level", "contact", "disputes", "reviews", "body",
)  # fmt: skip


class Ending(NamedTuple):
    """What counts in the end: of each record, of each pair; and why what else was said does not."""

    held: dict[str, Held]
    judged: dict[str, Fields]
    refused: dict[str, str]


def ending(
    history: Sequence[Published],
    said: Sequence[Said],
    began_ms: int,
    first_days: Mapping[str, str],
) -> Ending:
    """Say what counts at the end of a history.

    `first_days` has the day on which a record was first recorded where that was before it.
    """
    meaning = {id(each.event): each for each in said}
    logs: defaultdict[tuple[str, int], list[tuple[int, Said]]] = defaultdict(list)
    for event, partition, offset in ((p.event, p.partition, p.offset) for p in history):
        if id(event) in meaning:
            logs[event.topic, partition].append((offset, meaning[id(event)]))
    end = Ending({}, {}, {})
    for at, log in logs.items():
        _hear(end, at, log, began_ms)
    for key in end.held.keys() & first_days.keys():
        end.held[key] = end.held[key]._replace(first_recorded_on=first_days[key])
    return end


def _hear(end: Ending, at: tuple[str, int], log: list[tuple[int, Said]], began_ms: int) -> None:
    changes = []
    offsets = []
    for offset, said in log:
        if said.fault:
            end.refused[f"{at[0]}/{at[1]}/{offset}"] = said.fault
        elif said.judgement is not None:
            end.judged[key_of(said.judgement)] = said.judgement
        elif said.change is not None:
            published_at = EPOCH + timedelta(milliseconds=began_ms + offset)
            fields = {**said.change.fields, "published_at": published_at}
            changes.append(said.change._replace(fields=fields))
            offsets.append(offset)
    found = accepted(changes)
    end.held.update(found.held)
    for place, reason in found.refused.items():
        end.refused[f"{at[0]}/{at[1]}/{offsets[place]}"] = reason


def check_records(end: Ending, records: Mapping[str, Fields]) -> None:
    """Compare what `records.v1` holds with what counts; raises Violation."""
    unknown = records.keys() - end.held.keys()
    if unknown:
        raise Violation(f"records.v1 has {unknown}, which nobody published")
    for key, held in end.held.items():
        record, is_live = records.get(key), held.newest.status == "live"
        if record is None and not is_live:
            continue  # its marker was erased
        wrong = list(_differences(held, record or {}))
        if wrong:
            raise Violation(f"records.v1: {key} differs in {wrong}")


def _differences(held: Held, record: Fields) -> Iterator[str]:
    change = held.newest.fields
    if held.newest.status != "live":
        content = ("body", "normalised", "relations", "content_hash", "disputes", "reviews")
        yield from (name for name in content if record[name])
        if record["status"] != held.newest.status:
            yield "status"
        return
    yield from (name for name in _PASSED_ON if record.get(name) != change[name])
    if record.get("first_recorded_on") != held.first_recorded_on:
        yield "first_recorded_on"


def foretell(end: Ending, records: Mapping[str, Fields], now: Any, limits: Limits) -> Outcome:
    """Run the batch program on the records that are live."""
    live = [
        Live(records[key], held.first_recorded_on)
        for key, held in end.held.items()
        if held.newest.status == "live"
    ]
    return outcome(live, end.judged.values(), now, SECRET, limits)
