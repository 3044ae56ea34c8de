"""What is new in one topic never waits until an idle one's long request is answered."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition  # type: ignore[import-untyped]
from aiokafka.consumer import fetcher  # type: ignore[import-untyped]

from streams import faust_patches

BUSY, IDLE = TopicPartition("busy", 0), TopicPartition("idle", 0)
HANDLE_SECONDS = 0.4


def requests(taken_over_seconds: float, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give what would be asked for while a handle has not yet taken over what was fetched."""
    now = 100.0
    monkeypatch.setattr(fetcher.time, "monotonic", lambda: now)
    state = SimpleNamespace(has_valid_position=True, paused=False, position=0)
    assignment: Any = SimpleNamespace(tps=(BUSY, IDLE), state_value=lambda _tp: state)
    waiting = fetcher.FetchResult(
        BUSY, assignment=assignment, partition_records=(), backoff=taken_over_seconds
    )
    now += HANDLE_SECONDS
    made: Any = object.__new__(fetcher.Fetcher)
    made._records, made._in_flight, made._fetcher_timeout = {BUSY: waiting}, set(), 0.2
    made._select_read_replica = lambda _tp: 1
    made._fetch_max_wait_ms, made._fetch_min_bytes, made._fetch_max_bytes = 500, 1, 1000
    made._max_partition_fetch_bytes, made._isolation_level = 1000, 1
    made._client_rack = None
    found: list[Any] = made._get_actions_per_node(assignment)[0]
    return found


def test_no_request_leaves_out_a_topic_that_is_being_handled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert requests(faust_patches.TAKEN_OVER_SECONDS, monkeypatch) == []


def test_the_driver_s_own_patience_is_what_makes_it_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """When this fails, the driver has changed and the patch may not be needed any more."""
    own_patience = fetcher.Fetcher.__init__.__kwdefaults__ or {}
    default = own_patience.get("prefetch_backoff", 0.1)
    ((_node, request),) = requests(default, monkeypatch)
    assert [topic for topic, _ in request.topics] == [IDLE.topic]
