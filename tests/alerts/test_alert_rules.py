"""Every alert can fire, and whoever is woken by it finds what to do.

That expressions name metrics and labels which exist is half of it: a rule over a metric that nobody
exposes is silent for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import promql_parser as promql
import pytest
import yaml

from consumers.feeds.answers import GONE
from consumers.feeds.channels.interface import Result
from consumers.feeds.faults import UNUSABLE
from consumers.feeds.ledger.register import UNREADABLE
from consumers.feeds.subscription import State
from docs.pages.alerts import RULES, Alert, alerts
from recordbus.audit import Outcome
from recordbus.metrics import CATALOGUE
from recordbus.policy.decision import LEVELS
from schemas import catalog
from streams.catalogue import STAGES
from streams.resolution.clusters import MANY_BIRTH_DATES, OVER_CAP

ROOT: Final = Path(__file__).parents[2]
ALERTS: Final = alerts()
OURS: Final = {spec.name: spec for spec in CATALOGUE}
FOREIGN: Final = {
    "up": (),  # Prometheus itself
    "process_start_time_seconds": (),  # every worker's page, by the client library
    "node_filesystem_avail_bytes": ("device", "fstype", "mountpoint"),  # the node exporter
    "node_filesystem_size_bytes": ("device", "fstype", "mountpoint"),
}
"""What other programs expose: the labels that each has beside those of its target."""
OF_A_TARGET: Final = frozenset({"job", "instance", "process"})
VALUES: Final = {
    "stage": frozenset(STAGES),
    "reason": frozenset(catalog.reasons())
    | {"", "withdrawn", "sealed", "expunged", GONE, UNUSABLE, UNREADABLE},
    "alarm": frozenset({OVER_CAP, MANY_BIRTH_DATES}),
    "job": frozenset({"recordbus", "registry"}),
    "status": frozenset({"asserted", "changed", "retracted", "500", "502", "503", "504"}),
    "outcome": frozenset({"tick", "quarantined", Outcome.REFUSED.value}),
    "level": frozenset(LEVELS),
    "result": frozenset(each.value for each in Result),
    "state": frozenset(each.value for each in State),
}
"""The values of labels that come from closed lists."""
ASKED_FOR: Final = frozenset(
    {"MessagesWait", "NoProgress", "QuarantineDeep", "DepartmentRefused", "ListsOversize"}
    | {"BlocksFlip", "ComponentOverCap", "UnsupportedAssociation", "ManyRetractions"}
    | {"ExpiryBehind", "WorkerRestarts", "RegistryAway", "DiskFills"}
    | {"OutboxWaits", "ReceiptsOverdue", "EndpointDisabled", "AgenciesWait", "DenialsJump"}
    | {"ChannelUnusable"}
    | {"AuditNotWritten", "AuditNotSigned", "WitnessSilent", "DoorFails", "UsesNotTold"}
)


def by_name(alert: Alert) -> str:
    return alert.name


def parts(node: Any) -> Iterator[Any]:
    """Walk an expression, every part before what it is made of."""
    yield node
    for name in ("expr", "lhs", "rhs", "vector_selector", "vs"):
        inner = getattr(node, name, None)
        if inner is not None:
            yield from parts(inner)
    for each in getattr(node, "args", ()) or ():
        yield from parts(each)


def selectors(alert: Alert) -> list[Any]:
    found = [
        p for p in parts(promql.parse(alert.expression)) if type(p).__name__ == "VectorSelector"
    ]
    assert found, f"{alert.name} asks nothing"
    return found


def labels_of(metric: str) -> frozenset[str]:
    """Give the labels of a metric; fails for one that nobody exposes."""
    if metric in FOREIGN:
        return OF_A_TARGET | frozenset(FOREIGN[metric])
    spec = OURS.get(metric) or OURS.get(re.sub(r"_(bucket|count|sum)$", "", metric))
    assert spec is not None, f"nobody exposes {metric}"
    more = {"le"} if spec.kind == "histogram" else set()
    return OF_A_TARGET | frozenset(spec.labels) | more


@pytest.mark.parametrize("alert", ALERTS, ids=by_name)
def test_an_expression_asks_what_is_exposed(alert: Alert) -> None:
    for selector in selectors(alert):
        known = labels_of(selector.name)
        for matcher in selector.matchers.matchers:
            assert matcher.name in known, f"{selector.name} has no label {matcher.name}"
            check_values(matcher)


def check_values(matcher: Any) -> None:
    """Check that a label may have a value that is asked for."""
    possible = VALUES.get(matcher.name)
    if possible is not None:
        for value in matcher.value.split("|"):
            assert value in possible, f"{matcher.name} is never {value}"


@pytest.mark.parametrize("alert", ALERTS, ids=by_name)
def test_what_is_told_names_labels_that_are_left(alert: Alert) -> None:
    """A template that names a label which the expression sums away tells nothing."""
    told = set(re.findall(r"\$labels\.(\w+)", alert.summary))
    left = labels_left(promql.parse(alert.expression))

    assert told <= left, f"{told - left} is not left by the expression"


def labels_left(node: Any) -> frozenset[str]:
    """Give the labels that a result may have."""
    kind = type(node).__name__
    if kind == "VectorSelector":
        return labels_of(node.name)
    if kind == "AggregateExpr":
        named = frozenset(node.modifier.labels) if node.modifier is not None else frozenset()
        assert named <= labels_left(node.expr), f"nothing has {named - labels_left(node.expr)}"
        return named
    if kind == "BinaryExpr":
        left = labels_left(node.lhs)
        return left or labels_left(node.rhs)
    if kind == "Call":
        inner = [labels_left(each) for each in node.args]
        new = {node.args[1].val} if node.func.name == "label_replace" else set()
        return frozenset().union(*inner) | new
    within: Any = getattr(node, "expr", None) or getattr(node, "vector_selector", None)
    return labels_left(within) if within is not None else frozenset()


@pytest.mark.parametrize("alert", ALERTS, ids=by_name)
def test_every_alert_says_what_to_do(alert: Alert) -> None:
    path, _, heading = alert.runbook.partition("#")
    text = (ROOT / path).read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^\w -]", "", each.lower()).strip().replace(" ", "-")
        for each in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }

    assert heading in anchors, f"{path} has no heading for {alert.name}"
    assert alert.severity in {"page", "ticket"}
    assert alert.summary.endswith(".")
    assert not alert.waits or re.fullmatch(r"\d+[mh]", alert.waits)


def test_every_section_of_the_runbook_is_of_an_alert() -> None:
    text = (ROOT / "docs/how-to/answer-an-alert.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (.+)$", text, re.MULTILINE)
    sections = {each.lower().replace(" ", "-") for each in headings}

    assert sections == {alert.runbook.partition("#")[2] for alert in ALERTS}


def test_what_operators_asked_for_is_there() -> None:
    names = [alert.name for alert in ALERTS]

    assert len(names) == len(set(names))
    assert set(names) >= ASKED_FOR


def test_a_metric_that_must_never_grow_has_an_alert() -> None:
    never = {spec.name for spec in CATALOGUE if "never expected to grow" in spec.help}
    asked = {selector.name for alert in ALERTS for selector in selectors(alert)}

    assert never
    assert never <= asked


def test_the_prometheus_of_the_containers_loads_every_file() -> None:
    config = yaml.safe_load((ROOT / "ops/prometheus/prometheus.yml").read_text())
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    mounts = compose["services"]["prometheus"]["volumes"]

    assert config["rule_files"] == ["/etc/prometheus/alerts/*.yml"]
    assert "./ops/prometheus/alerts:/etc/prometheus/alerts:ro" in mounts
    assert {path.suffix for path in RULES.iterdir()} == {".yml"}


@pytest.mark.parametrize("alert", ALERTS, ids=by_name)
def test_every_job_that_is_asked_about_is_scraped(alert: Alert) -> None:
    config = yaml.safe_load((ROOT / "ops/prometheus/prometheus.yml").read_text())
    jobs = {job["job_name"] for job in config["scrape_configs"]}
    asked = {
        matcher.value
        for selector in selectors(alert)
        for matcher in selector.matchers.matchers
        if matcher.name == "job"
    }

    assert asked <= jobs


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("recordbus_nothing_total > 0", "nobody exposes"),
        ('recordbus_consumer_lag_records{shard="1"} > 0', "has no label shard"),
        ('recordbus_stage_events_total{stage="nowhere"} > 0', "is never nowhere"),
    ],
)
def test_a_wrong_expression_is_noticed(expression: str, complaint: str) -> None:
    wrong = Alert("test", "Wrong", expression, "", "page", "It is wrong.", "")

    with pytest.raises(AssertionError, match=complaint):
        test_an_expression_asks_what_is_exposed(wrong)


def test_a_label_that_is_summed_away_is_noticed() -> None:
    told = "It is {{ $labels.topic }}."
    wrong = Alert(
        "test", "Wrong", "sum by (group) (recordbus_consumer_lag_records) > 0", "", "page", told, ""
    )

    with pytest.raises(AssertionError, match="topic"):
        test_what_is_told_names_labels_that_are_left(wrong)
