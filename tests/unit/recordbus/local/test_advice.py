"""`recordbus status` says what to do next about everything that an alert would say (R-02, R-46)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from recordbus.local.advice import RUNBOOK, advice
from recordbus.metrics import CATALOGUE, Sample

ROOT = Path(__file__).parents[4]


def process(**fields: Any) -> dict[str, Any]:
    well = {"name": "meet", "condition": "ready", "restarts": 0, "log": "run/logs/meet.log"}
    return well | fields


def quarantined(reason: str, count: float) -> Sample:
    labels = {"department": "maple-grove-pd", "reason": reason}
    return Sample("recordbus_quarantine_records_total", labels, count)


def over_cap(name: str, count: float) -> Sample:
    return Sample(f"recordbus_entity_alarms_{name}", {"alarm": "component_over_cap"}, count)


LAG = Sample("recordbus_consumer_lag_seconds", {"group": "recordbus-index"}, 61)
STATES: list[tuple[dict[str, Any], list[Sample], str, str]] = [
    (process(condition="gave up"), [], "worker-down", "run/logs/meet.log"),
    (process(condition="gone", log=""), [], "worker-down", "recordbus up"),
    (process(condition="not answering"), [], "worker-down", "wait a moment"),
    (process(restarts=4), [], "worker-restarts", "restarted 4 times"),
    (process(), [LAG], "messages-wait", "recordbus-index is 61 s behind"),
    (process(), [quarantined("unknown_role", 3)], "department-refused", "quarantine summary"),
    (process(), [quarantined("unhandled", 1)], "set-aside-by-fault", "report"),
    (process(), [quarantined("unsupported_association", 1)], "unsupported-association", "R-02"),
    (process(), [over_cap("total", 2)], "component-over-cap", "2 groups"),
    (process(), [Sample("recordbus_meet_suspended_blocks", {}, 2)], "many-blocks-suspended", "2"),
    (process(), [Sample("recordbus_meet_oversize_lists_total", {}, 1)], "lists-oversize", "crowd"),
]


@pytest.mark.parametrize(("seen", "samples", "heading", "says"), STATES)
def test_each_state_has_one_next_step(
    seen: dict[str, Any], samples: list[Sample], heading: str, says: str
) -> None:
    (found,) = advice([seen], samples)

    assert found.heading == heading
    assert says in found.line
    assert found.line.endswith(f"({RUNBOOK}#{heading})")


def test_a_bus_that_is_well_gets_no_advice() -> None:
    well = [
        LAG._replace(value=3),
        quarantined("unknown_role", 0),
        over_cap("total", 2),
        over_cap("ended_total", 2),
    ]

    assert advice([process(restarts=1), process(condition="waiting")], well) == []


def test_every_heading_and_every_metric_that_is_named_exists() -> None:
    code = (ROOT / "recordbus/local/advice.py").read_text(encoding="utf-8")
    runbook = (ROOT / RUNBOOK).read_text(encoding="utf-8")
    known = re.findall(r"^### (.+)$", runbook, re.MULTILINE)
    found = advice([each[0] for each in STATES], [s for each in STATES for s in each[1]])

    assert {each.heading for each in found} <= {each.lower().replace(" ", "-") for each in known}
    assert set(re.findall(r"recordbus_[a-z_]+", code)) <= {spec.name for spec in CATALOGUE}
