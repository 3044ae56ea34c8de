"""Which tests stay together when several workers share a run: those that share something slow.

Invariant: what is started once for a session, a folder or a module is started in one worker only.
Every other test goes alone, to whoever is free. The largest units go first. (xdist's own groups
write into node ids, which pytest 9.2 does not let anybody do: they are ignored without a word.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

UNITS: Final[Mapping[str, str]] = {
    "tests/integration/local/test_certainty.py": "local_servers",
    "tests/integration/local/test_kafka_client.py": "local_servers",
    "tests/integration/local/test_schema_registry.py": "local_servers",
    "tests/integration/local/test_servers.py": "local_servers",
    "tests/integration/producers/": "local_servers",
    "tests/integration/stage/test_lifecycle.py": "local_servers",
    "tests/integration/consumers/": "town",
    "tests/integration/intake/": "bus",
    "tests/integration/stage/test_loss.py": "chain",
    "tests/wheel/": "wheel",
}
"""Where a test is, by how its node id begins, and what it shares there."""


def unit_of(node_id: str) -> str:
    """Give the unit that a test belongs to; its own node id when it shares nothing."""
    return next((unit for start, unit in UNITS.items() if node_id.startswith(start)), node_id)


class Units(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Hands units of tests out to workers."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)
