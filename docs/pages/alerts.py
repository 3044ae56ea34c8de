"""The page of alerts, from the rules that Prometheus loads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from docs.pages.markdown import code, page, table

RULES: Final = Path(__file__).parents[2] / "ops" / "prometheus" / "alerts"
INTRODUCTION = """\
The rules in `ops/prometheus/alerts`, a file for each area, as `docker-compose.yml` loads them. Copy
the folder for a Prometheus of your own. What to do about each alert is in
[Answer an alert](../how-to/answer-an-alert.md), where its name leads. `page` wakes somebody up;
`ticket` waits for the morning. Limits are for a bus of some hundred thousand records: raise those
that your departments reach on an ordinary day.

Two jobs are expected beside the workers of job `recordbus`: `registry`, the schema registry's own
metrics, and a node exporter on every machine for its disks."""


class Alert(NamedTuple):
    """One rule: its area, its expression, and what people are told."""

    area: str
    name: str
    expression: str
    waits: str
    severity: str
    summary: str
    runbook: str


def alerts() -> list[Alert]:
    """Give every alert, by file and in the order of the files."""
    return list(_alerts())


def _alerts() -> Iterator[Alert]:
    for path in sorted(RULES.glob("*.yml")):
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]:
            yield from (_alert(group["name"], rule) for rule in group["rules"])


def _alert(area: str, rule: dict[str, Any]) -> Alert:
    told = rule["annotations"]
    return Alert(
        area,
        rule["alert"],
        " ".join(rule["expr"].split()),
        rule.get("for", ""),
        rule["labels"]["severity"],
        told["summary"],
        told["runbook"],
    )


def alerts_page() -> str:
    """Give the page."""
    found = alerts()
    areas = dict.fromkeys(each.area for each in found)
    return page(
        "Alerts",
        "ops/prometheus/alerts",
        INTRODUCTION,
        *(f"## {area}\n\n{_area([a for a in found if a.area == area])}" for area in areas),
    )


def _area(found: list[Alert]) -> str:
    rows = (
        (_linked(each), code(each.severity), each.waits or "at once", _expression(each))
        for each in found
    )
    return table(("alert", "severity", "after", "when"), rows)


def _linked(alert: Alert) -> str:
    return f"[{code(alert.name)}]({alert.runbook.replace('docs/', '../', 1)})"


def _expression(alert: Alert) -> str:
    return code(alert.expression)
