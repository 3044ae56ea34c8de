"""Tells a department what the bus would make of its records, before it goes live.

The invariant: the same code judges as on the bus - the connector, the publisher and the real
stages - and nothing is connected to, sent or kept.
"""

from producers.conformance.check import check
from producers.conformance.findings import Findings

__all__ = ["Findings", "check"]
