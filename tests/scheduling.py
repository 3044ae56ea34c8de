"""Which tests stay together when several workers share a run: those that share something slow.

Invariant: what is started once for a session, a folder or a module is started in one worker only,
and no two tests that start every process of a bus run beside each other: each takes all there is.
Every other test goes alone, to whoever is free. What takes longest begins first, so that no worker
is left with it in the end. (xdist's own groups write into node ids, which pytest 9.2 does not let
anybody do: they are ignored without a word.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

UNITS: Final[Mapping[str, str]] = {
    "tests/integration/bus/": "whole bus",
    "tests/e2e/": "whole bus",
    "tests/docs/test_tutorial.py": "whole bus",
    "tests/integration/audit/": "local_servers",
    "tests/integration/local/test_certainty.py": "local_servers",
    "tests/integration/local/test_kafka_client.py": "local_servers",
    "tests/integration/local/test_schema_registry.py": "local_servers",
    "tests/integration/local/test_servers.py": "local_servers",
    "tests/integration/producers/": "local_servers",
    "tests/integration/stage/test_lifecycle.py": "local_servers",
    "tests/integration/consumers/": "town",
    "tests/integration/intake/": "bus",
    "tests/integration/stage/test_loss.py": "chain",
    "tests/integration/local/test_up.py": "running",
    "tests/gates/resolution/": "gates",
    "tests/gates/test_storm.py": "storm",
    "tests/unit/producers/synthetic/": "synthetic",
    "tests/wheel/": "wheel",
}
"""Where a test is, by how its node id begins, and what it shares there."""

WORLDS: Final = (
    "tests/simulator/",
    "tests/gates/",
    "tests/contract/http/",
    "tests/unit/consumers/feeds/test_kills.py",
    "tests/unit/consumers/feeds/test_worlds.py",
    "tests/unit/recordbus/audit/test_tampering.py",
    "tests/unit/recordbus/policy/test_differential.py",
)
"""Where whole worlds, or many thousand cases, are run through: coverage makes that far longer."""

LONGEST: Final = (
    "tests/integration/bus/",
    "tests/e2e/",
    "tests/docs/test_tutorial.py",
    "tests/integration/stage/test_loss.py",
    "tests/integration/bench/",
    "tests/integration/local/test_up.py",
    "tests/gates/",
    "tests/simulator/",
    "tests/wheel/",
    "tests/unit/producers/synthetic/",
    "tests/contract/",
)
"""Where tests are that take long, the longest first, by how their node ids begin."""


def unit_of(node_id: str) -> str:
    """Give the unit that a test belongs to; its own node id when it shares nothing."""
    return next((unit for start, unit in UNITS.items() if node_id.startswith(start)), node_id)


def rank(node_id: str) -> int:
    """Give a test's place among those that take long; what does not comes after them."""
    places = (at for at, start in enumerate(LONGEST) if node_id.startswith(start))
    return next(places, len(LONGEST))


class Units(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Hands units of tests out to workers, in the order in which the tests were collected."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
