"""The real stages of the bus, made once for each set of limits and each number of partitions."""

from __future__ import annotations

from functools import cache
from typing import Final

from recordbus.departments import Contact, Department, Departments
from streams.associate.stage import associate_stage
from streams.identify.stage import identify_stage
from streams.intake.stage import intake_stage
from streams.intake.testing import PUBLISHERS, SECRET
from streams.meet.stage import meet_stage
from streams.resolution.limits import LIMITS, Limits
from streams.runtime.contract import Stage
from tests.simulator.bus.talk import registry

SMALL: Final = (Limits(4, 2, 4), Limits(6, 1, 6), Limits(5, 2, 50), LIMITS)
"""Limits that a few records come up against, and those of every day."""


@cache
def departments() -> Departments:
    """Give the departments of the little town."""
    return Departments(
        Department(name=each.name, title=each.name, ori=each.ori, contact=Contact(unit="Records"))
        for each in PUBLISHERS.values()
    )


@cache
def stages(limits: Limits, meeting_partitions: int) -> tuple[Stage, ...]:
    """Give the stages in the order in which records pass them."""
    known = registry()
    return (
        intake_stage(known, departments(), SECRET, meeting_partitions=meeting_partitions),
        meet_stage(known, limits=limits),
        identify_stage(known, limits=limits),
        associate_stage(known),
    )
