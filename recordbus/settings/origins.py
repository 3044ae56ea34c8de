"""Every setting with its value, masked when it is a secret, and where that value came from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from recordbus.build import COMMIT_VARIABLE
from recordbus.settings.model import (
    CONFIG_VARIABLE,
    PREFIX,
    Settings,
    config_path,
    group_of,
    read_config,
    variable_of,
)

MASK = "********"
OTHER_VARIABLES: Mapping[str, str] = {
    CONFIG_VARIABLE: "names the settings file",
    COMMIT_VARIABLE: "the commit a container image was built from",
    "RECORDBUS_CRASH_AT": "for tests: ends a process at a named step",
}
"""Variables with our prefix that are not settings, and what they are for."""


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting: its dotted name, its environment variable, its field in the model."""

    location: tuple[str, ...]
    info: FieldInfo

    @property
    def name(self) -> str:
        """The dotted name, as in the settings file: kafka.bootstrap_servers."""
        return ".".join(self.location)

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return variable_of(self.location)


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as `config show` prints it."""

    name: str
    variable: str
    value: str | int | float | bool | None
    origin: str


def setting_fields() -> Iterator[SettingField]:
    """Give every setting there is, in the order of the model."""
    yield from _fields_of((), Settings.model_fields)


def _fields_of(above: tuple[str, ...], fields: Mapping[str, FieldInfo]) -> Iterator[SettingField]:
    for name, info in fields.items():
        location, group = (*above, name), group_of(info)
        if group is None:
            yield SettingField(location, info)
        else:
            yield from _fields_of(location, group.model_fields)


def shown(settings: Settings) -> list[Shown]:
    """Give every setting's value and origin: `default`, a variable's name, or `file:line`."""
    path = config_path()
    in_file = read_config(path)
    lines = lines_of(path.read_text(encoding="utf-8")) if path else {}
    return [
        Shown(
            field.name,
            field.variable,
            _printable(settings, field.location),
            _origin(field, in_file, lines, path),
        )
        for field in setting_fields()
    ]


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """Give the variables with our prefix that set nothing: mistyped names, most likely."""
    known = {field.variable for field in setting_fields()} | OTHER_VARIABLES.keys()
    names = os.environ if environment is None else environment
    return sorted(name for name in names if name.startswith(PREFIX) and name not in known)


def lines_of(text: str) -> dict[tuple[str, ...], int]:
    """Find the line of each plain `key = value` of a TOML text, under its `[table]`."""
    table: tuple[str, ...] = ()
    found: dict[tuple[str, ...], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("[") and "]" in stripped:
            table = _parts(stripped[1 : stripped.index("]")])
        elif "=" in stripped and not stripped.startswith("#"):
            found.setdefault((*table, *_parts(stripped.partition("=")[0])), number)
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _origin(
    field: SettingField,
    in_file: Mapping[str, Any],
    lines: Mapping[tuple[str, ...], int],
    path: Path | None,
) -> str:
    if _variable_in_environment(field.variable):
        return field.variable
    if not _holds(in_file, field.location):
        return "default"
    line = lines.get(field.location)
    return f"{path}:{line}" if line else str(path)


def _variable_in_environment(variable: str) -> bool:
    return any(name.upper() == variable for name in os.environ)


def _holds(tables: Mapping[str, Any], location: tuple[str, ...]) -> bool:
    found: Any = tables
    for part in location:
        if not isinstance(found, Mapping) or part not in found:
            return False
        found = found[part]
    return True


def _printable(settings: Settings, location: tuple[str, ...]) -> str | int | float | bool | None:
    value: Any = settings
    for part in location:
        value = getattr(value, part)
    if isinstance(value, SecretStr):
        return MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)
