"""What a channel may stand on: the bus around it, as far as there is one."""

from __future__ import annotations

from dataclasses import dataclass

from recordbus.clock import Clock
from recordbus.kafka.connection import Connection
from recordbus.kafka.registry import SchemaRegistry
from recordbus.settings import Settings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that channels are made with.

    Where a subscription is only checked there is no bus: a channel asks for its part of it when
    it first delivers, never when it is made.
    """

    clock: Clock
    settings: Settings
    connection: Connection | None = None
    registry: SchemaRegistry | None = None
