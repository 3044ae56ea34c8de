"""What an operator can set, and where each value came from; read only in composition roots."""

from recordbus.settings.doors import DoorSettings, GatewaySettings, TokenSettings
from recordbus.settings.groups import (
    DepartmentSettings,
    IdentifierSettings,
    IndexSettings,
    KafkaSettings,
    LogSettings,
    MetricsSettings,
    RegistrySettings,
    StageSettings,
)
from recordbus.settings.model import Settings, load

__all__ = [
    "DepartmentSettings",
    "DoorSettings",
    "GatewaySettings",
    "IdentifierSettings",
    "IndexSettings",
    "KafkaSettings",
    "LogSettings",
    "MetricsSettings",
    "RegistrySettings",
    "Settings",
    "StageSettings",
    "TokenSettings",
    "load",
]
