"""What an operator can set, and where each value came from; read only in composition roots."""

from recordbus.settings.groups import (
    DepartmentSettings,
    GatewaySettings,
    IdentifierSettings,
    IndexSettings,
    KafkaSettings,
    LogSettings,
    MetricsSettings,
    RegistrySettings,
    StageSettings,
    TokenSettings,
)
from recordbus.settings.model import Settings, load

__all__ = [
    "DepartmentSettings",
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
