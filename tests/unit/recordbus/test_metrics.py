"""The metrics catalogue: names, labels and the page that shows them."""

from __future__ import annotations

import re
import socket
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from recordbus import metrics
from recordbus.errors import Misconfigured

UNITS = (
    "_pending",
    "_seconds",
    "_records",
    "_events",
    "_rows",
    "_rows_held",
    "_entries",
    "_blocks",
    "_values",
    "_documents",
    "_in_force",
    "_info",
    "_bytes",
    "_files",
    "_receipts",
    "_subscriptions",
)
PERSONAL = {"id", "name", "person", "record", "record_key", "record_id", "user", "officer", "plate"}


@pytest.mark.parametrize("spec", metrics.CATALOGUE, ids=lambda spec: spec.name)
def test_a_metric_is_named_as_prometheus_names_things(spec: metrics.MetricSpec) -> None:
    assert re.fullmatch(r"recordbus_[a-z0-9_]+", spec.name)
    assert spec.name.endswith("_total") == (spec.kind == "counter")
    assert spec.kind == "counter" or spec.name.endswith(UNITS)
    assert spec.help.endswith(".")


@pytest.mark.parametrize("spec", metrics.CATALOGUE, ids=lambda spec: spec.name)
def test_no_metric_is_broken_down_by_anything_personal(spec: metrics.MetricSpec) -> None:
    assert not PERSONAL & set(spec.labels)


def test_a_name_is_declared_once() -> None:
    names = [spec.name for spec in metrics.CATALOGUE]

    assert len(names) == len(set(names))


def test_every_metric_of_the_catalogue_is_exposed_and_nothing_else_of_ours() -> None:
    families = text_string_to_metric_families(metrics.exposition_text().decode())
    exposed = {family.name for family in families if family.name.startswith("recordbus_")}

    assert exposed == {spec.name.removesuffix("_total") for spec in metrics.CATALOGUE}


def test_the_page_shows_what_was_counted_and_which_build_counts() -> None:
    metrics.STAGE_STALE_INPUTS_TOTAL.labels(stage="page-test").inc(3)

    with metrics.Exposition() as page, urllib.request.urlopen(page.url, timeout=10) as answer:
        text = answer.read().decode()

    assert 'recordbus_stage_stale_inputs_total{stage="page-test"} 3.0' in text
    assert "recordbus_build_info{" in text
    assert "process_resident_memory_bytes" in text


def test_a_port_in_use_is_an_operators_error_that_names_the_variable() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(Misconfigured, match="RECORDBUS_METRICS__PORT"),
    ):
        metrics.Exposition(taken.getsockname()[1])


def test_a_process_has_one_page() -> None:
    assert metrics.serve() == metrics.serve()


def test_a_sample_that_was_never_counted_is_none() -> None:
    assert metrics.sample("recordbus_stage_events_total", stage="x", outcome="never") is None
    metrics.STAGE_EVENTS_TOTAL.labels(stage="x", outcome="done").inc()
    assert metrics.sample("recordbus_stage_events_total", stage="x", outcome="done") == 1


def test_what_another_process_shows_is_read_as_samples() -> None:
    metrics.STAGE_STALE_INPUTS_TOTAL.labels(stage="read-test").inc(2)

    samples = metrics.read_exposition(metrics.exposition_text().decode())

    wanted = metrics.Sample("recordbus_stage_stale_inputs_total", {"stage": "read-test"}, 2.0)
    assert wanted in samples
