"""What an operator can set, and where each value came from; read only in composition roots."""

from recordbus.settings.departments import DepartmentSettings, IdentifierSettings
from recordbus.settings.doors import DoorSettings, GatewaySettings, TokenSettings
from recordbus.settings.model import Settings, load
from recordbus.settings.processes import LogSettings, MetricsSettings
from recordbus.settings.search import IndexSettings
from recordbus.settings.servers import KafkaSettings, RegistrySettings
from recordbus.settings.stages import StageSettings

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
