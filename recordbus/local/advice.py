"""What an operator should do next, from what processes look like and what they count.

Each piece of advice names a heading of `docs/how-to/answer-an-alert.md`, as the alert rules do: the
command is for a bus that nobody watches with a Prometheus.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from recordbus.metrics import Sample

RUNBOOK: Final = "docs/how-to/answer-an-alert.md"
LATE_SECONDS: Final = 60
MANY_RESTARTS: Final = 3
_OWN_FAULTS: Final = frozenset({"decoder_crash", "unhandled", "not_encodable"})
_QUARANTINED: Final = "recordbus_quarantine_records_total"


class Advice(NamedTuple):
    """A state that somebody should look at, what to do next, and the heading with the rest."""

    state: str
    next: str
    heading: str

    @property
    def line(self) -> str:
        """Give it for people."""
        return f"{self.state}: {self.next} ({RUNBOOK}#{self.heading})"


def advice(processes: Iterable[Mapping[str, Any]], samples: Sequence[Sample]) -> list[Advice]:
    """Say what to do next, the most urgent first; nothing for a bus that is well.

    `processes` are those of `Status.as_json`, `samples` what the workers show.
    """
    return [*_of_processes(processes), *_of_the_bus(samples), *_of_records(samples)]


def _of_processes(processes: Iterable[Mapping[str, Any]]) -> Iterator[Advice]:
    for each in processes:
        name, condition = each["name"], each["condition"]
        log = each["log"] or "its log"
        if condition in {"gave up", "gone"}:
            todo = f"read the end of {log}, mend what it names, and run `recordbus up` again"
            yield Advice(f"{name} {condition}", todo, "worker-down")
        elif condition == "not answering":
            yield Advice(f"{name} does not answer", f"wait a moment, then see {log}", "worker-down")
        if each["restarts"] > MANY_RESTARTS:
            state = f"{name} was restarted {each['restarts']} times"
            yield Advice(state, f"{log} says why each time", "worker-restarts")


def _of_the_bus(samples: Sequence[Sample]) -> Iterator[Advice]:
    for each in samples:
        if each.name == "recordbus_consumer_lag_seconds" and each.value > LATE_SECONDS:
            state = f"{each.labels['group']} is {each.value:.0f} s behind"
            yield Advice(state, "see whether it goes on or stands still", "messages-wait")
    for name, state, todo, heading in _NEVER:
        count = _total(samples, name)
        if count:
            yield Advice(f"{count:.0f} {state}", todo, heading)


def _of_records(samples: Sequence[Sample]) -> Iterator[Advice]:
    reasons: dict[str, float] = {}
    for each in samples:
        if each.name == _QUARANTINED and each.value:
            reason = each.labels["reason"]
            reasons[reason] = reasons.get(reason, 0) + each.value
    unsupported = reasons.pop("unsupported_association", 0)
    if unsupported:
        state = f"{unsupported:.0f} associations would have lacked their basis (R-02)"
        yield Advice(state, "keep what `recordbus quarantine list` says, and report it",
                     "unsupported-association")  # fmt: skip
    faults = sum(count for reason, count in reasons.items() if reason in _OWN_FAULTS)
    if faults:
        state = f"{faults:.0f} messages were set aside by a fault of the bus"
        yield Advice(state, "report what `recordbus quarantine list` says", "set-aside-by-fault")
    refused = sum(reasons.values()) - faults
    if refused:
        state = f"{refused:.0f} messages were set aside since the workers started"
        todo = "`recordbus quarantine summary` says what to do about each reason"
        yield Advice(state, todo, "department-refused")
    yield from _of_identity(samples)


def _of_identity(samples: Sequence[Sample]) -> Iterator[Advice]:
    begun = _total(samples, "recordbus_entity_alarms_total", alarm="component_over_cap")
    ended = _total(samples, "recordbus_entity_alarms_ended_total", alarm="component_over_cap")
    if begun > ended:
        state = f"{begun - ended:.0f} groups of mentions are over the cap"
        yield Advice(state, "`recordbus why` names the key that two of them share",
                     "component-over-cap")  # fmt: skip
    suspended = _total(samples, "recordbus_meet_suspended_blocks")
    if suspended:
        state = f"{suspended:.0f} keys are shared by so many that nobody meets there"
        todo = "nothing, unless they grow: then look for a form's default value"
        yield Advice(state, todo, "many-blocks-suspended")


_NEVER: Final = (
    ("recordbus_stage_stale_inputs_total", "messages were not newer than what is held",
     "find out who else writes, or which topic was made anew", "log-made-anew"),
    ("recordbus_identify_dropped_total", "messages were left out by identify",
     "report it with the label `why` of that metric", "evidence-dropped"),
    ("recordbus_meet_oversize_lists_total", "lists were too large and said without their pairs",
     "look for a record that names a crowd", "lists-oversize"),
    ("recordbus_resurrection_attempts_total", "records came again after they were expunged",
     "call the department that metric names", "expunged-published-again"),
)  # fmt: skip


def _total(samples: Sequence[Sample], name: str, **labels: str) -> float:
    """Sum a metric over the processes and over all labels but these."""
    return sum(
        each.value
        for each in samples
        if each.name == name and labels.items() <= each.labels.items()
    )
