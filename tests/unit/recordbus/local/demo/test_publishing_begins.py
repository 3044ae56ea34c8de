"""The demo begins to count at a moment in which nothing passes from one worker to the next."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import pytest

from recordbus.local.demo import publishing
from recordbus.local.demo.bus import DemoBus
from recordbus.local.demo.numbers import Numbers
from recordbus.local.demo.publishing import Published, Rows


def seen(accepted: int, stored: int) -> Numbers:
    return Numbers(Counter({"harbor-city-pd": accepted}), judged=accepted, stored=stored)


def test_what_passes_while_workers_are_asked_one_by_one_is_not_counted_by_half(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Intake was asked before it took a record in, and the index after it had that record."""
    looks = iter([seen(1, 2), seen(2, 2), seen(2, 2), seen(2, 2)])
    monkeypatch.setattr(publishing, "look", lambda _bus: next(looks))
    monkeypatch.setattr(publishing, "_LOOK_SECONDS", 0)
    bus: Any = cast(DemoBus, None)

    found: Published = publishing.publish(bus, [], lambda _done, _now: None)

    assert found == {}
    assert next(looks, None) is None, "it settled at the first look after a steady beginning"


def test_what_was_sent_is_settled_once_it_is_judged_and_stored() -> None:
    done = {"harbor-city-pd": Rows(sent=1)}
    assert not publishing.is_settled(done, seen(2, 2), seen(3, 2))
    assert publishing.is_settled(done, seen(2, 2), seen(3, 3))
