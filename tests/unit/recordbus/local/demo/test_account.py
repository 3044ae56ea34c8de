"""Every row a department exports is accounted for (R-46)."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.local.demo.account import DemoReport, DepartmentAccount
from recordbus.local.demo.latency import buckets, quantile
from recordbus.metrics import read_exposition

EXPOSITION = """\
# TYPE recordbus_end_to_end_seconds histogram
recordbus_end_to_end_seconds_bucket{le="0.1",sink="index"} 50.0
recordbus_end_to_end_seconds_bucket{le="0.2",sink="index"} 90.0
recordbus_end_to_end_seconds_bucket{le="+Inf",sink="index"} 100.0
recordbus_end_to_end_seconds_count{sink="index"} 100.0
recordbus_other_seconds_bucket{le="0.1"} 7.0
"""


def test_the_account_adds_up() -> None:
    account = DepartmentAccount(
        read=10, sent=6, unchanged=1, duplicates=1, refused={"ragged": 2}, quarantined={"x": 1}
    )
    assert account.balance == 0
    shown = account.as_json()
    assert shown["accepted"] == 5
    quarantined = sum(shown["quarantined"].values())
    refused = sum(shown["refused"].values())
    assert shown["read"] == (
        shown["accepted"] + shown["unchanged"] + refused + shown["duplicates"] + quarantined
    )


def test_a_lost_row_shows_as_a_balance() -> None:
    assert DepartmentAccount(read=10, sent=6, unchanged=1, duplicates=1).balance == 2


def test_the_report_names_departments_in_order() -> None:
    account = DepartmentAccount(read=1, sent=1, unchanged=0, duplicates=0)
    report = DemoReport({"b": account, "a": account}, 0.1, 0.25, 1234.56)
    assert list(report.as_json()["departments"]) == ["a", "b"]
    assert report.as_json()["latency_seconds"] == {"p50": 0.1, "p99": 0.25}
    assert report.as_json()["records_per_second"] == 1234.6
    assert report.as_json()["first_answer_seconds"] is None
    answered = replace(report, first_answer_seconds=17.1234)
    assert answered.as_json()["first_answer_seconds"] == 17.12


def test_quantiles_come_from_the_named_histogram_alone() -> None:
    cumulative = buckets(read_exposition(EXPOSITION), "recordbus_end_to_end_seconds")
    assert cumulative == [(0.1, 50.0), (0.2, 90.0), (math.inf, 100.0)]
    assert quantile(0.5, cumulative) == pytest.approx(0.1)
    assert quantile(0.7, cumulative) == pytest.approx(0.15)
    assert quantile(0.99, cumulative) == pytest.approx(0.2)
    assert math.isnan(quantile(0.5, []))


@given(st.lists(st.floats(0.001, 0.99), min_size=1, max_size=50), st.floats(0.01, 0.99))
def test_a_quantile_lies_in_the_bucket_of_the_exact_one(values: list[float], share: float) -> None:
    bounds = [round(0.05 * i, 2) for i in range(1, 21)]
    cumulative = [(b, float(sum(v <= b for v in values))) for b in bounds]
    exact = sorted(values)[math.ceil(share * len(values)) - 1]
    bucket = next(i for i, b in enumerate(bounds) if exact <= b)
    lower = bounds[bucket - 1] if bucket else 0.0
    assert lower - 1e-9 <= quantile(share, cumulative) <= bounds[bucket] + 1e-9
