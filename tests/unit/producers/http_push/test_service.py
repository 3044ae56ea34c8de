"""Pace, health, headers, log lines and numbers of the gateway."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from recordbus import metrics
from recordbus.web.rates import Rate
from tests.unit.producers.http_push.door import MemoryDoor, record


def test_a_department_that_sends_too_fast_waits_and_the_others_do_not(tmp_path: Path) -> None:
    door = MemoryDoor(tmp_path, rate=Rate(per_second=10, burst=20))
    before = metrics.sample("recordbus_rate_limited_total", department="test-pd") or 0

    first = door.post([record(n) for n in range(50)])
    second = door.post(record(51))
    other = door.post(record(1), "other-pd")

    assert (first.status_code, second.status_code, other.status_code) == (207, 429, 200)
    assert second.headers["retry-after"] == "4"
    assert metrics.sample("recordbus_rate_limited_total", department="test-pd") == before + 1
    door.clock.advance(3.5)
    assert door.post(record(51)).status_code == 200
    door.close()


def test_health_says_whether_it_answers_and_whether_kafka_does(door: MemoryDoor) -> None:
    assert door.ask("GET", "/healthz").text == "ok\n"
    assert door.ask("GET", "/readyz").status_code == 200
    door.is_ready = False
    assert door.ask("GET", "/readyz").status_code == 503
    assert door.ask("GET", "/healthz").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/v1/records", 405),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("POST", "/v1/records", 401),
        ("POST", "/v1/records/", 404),
        ("TRACE", "/", 404),
    ],
)
def test_every_answer_has_an_id_and_the_headers_that_keep_browsers_out(
    door: MemoryDoor, method: str, path: str, status: int
) -> None:
    answer = door.ask(method, path)

    assert answer.status_code == status
    assert answer.headers["x-request-id"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers


def test_an_error_nobody_expected_says_its_id_and_nothing_else(
    door: MemoryDoor, monkeypatch: pytest.MonkeyPatch, log_lines: io.StringIO
) -> None:
    def burst(*_arguments: object) -> None:
        raise RuntimeError("Zylberstein")

    monkeypatch.setattr(door.lines, "knows", burst)

    answer = door.post(record())

    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "Zylberstein" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["x-request-id"] in log_lines.getvalue()
    assert "Zylberstein" not in log_lines.getvalue()


def test_the_access_line_names_the_route_and_nothing_of_the_request(
    door: MemoryDoor, log_lines: io.StringIO
) -> None:
    door.post(record(1, narrative="Zylberstein"))
    door.ask("GET", "/v1/Zylberstein")

    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    found = [(each["method"], each["route"], each["status"]) for each in lines]
    assert found == [("POST", "/v1/records", 200), ("GET", "none", 404)]
    assert lines[0]["department"] == "test-pd"
    assert "Zylberstein" not in log_lines.getvalue()
    assert "C-1" not in log_lines.getvalue()


def test_acknowledgement_seconds_are_counted_by_department(door: MemoryDoor) -> None:
    name = "recordbus_gateway_ack_seconds_count"
    before = metrics.sample(name, department="test-pd") or 0

    door.post([record(1), record(2)])

    assert metrics.sample(name, department="test-pd") == before + 1
