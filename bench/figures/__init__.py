"""The benches by name, with what each must reach; a file an area."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bench.figure import Bench
from bench.figures import bus, doors, engines, searching, sharing, stages

BENCHES: Final[Mapping[str, Bench]] = {
    **engines.BENCHES,
    **stages.BENCHES,
    **bus.BENCHES,
    **searching.BENCHES,
    **doors.BENCHES,
    **sharing.BENCHES,
}
