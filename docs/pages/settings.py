"""The page of settings, from the settings model."""

from __future__ import annotations

from itertools import groupby

from pydantic import SecretStr

from docs.pages.markdown import code, page, table
from recordbus.settings.model import field_at
from recordbus.settings.origins import OTHER_VARIABLES, SettingField, setting_fields

INTRODUCTION = """\
A value comes from the environment variable if it is set, else from the settings file, else it is
the default. The file is TOML: `recordbus.toml` in the working directory, or the one that
`RECORDBUS_CONFIG` or `--config` names. A group is a table in it:

```toml
run_directory = "/var/lib/recordbus"

[kafka]
bootstrap_servers = "kafka-1:9092,kafka-2:9092"
```

`recordbus config show` prints every value and where it came from, `recordbus config check` looks
for wrong values and mistyped variables."""


def settings() -> str:
    """Give the page."""
    groups = groupby(setting_fields(), key=lambda field: field.location[:-1])
    return page(
        "Settings",
        "recordbus/settings",
        INTRODUCTION,
        *(_section(list(fields)) for _, fields in groups),
        "## Variables that are not settings",
        table(("variable", "meaning"), ((code(n), s) for n, s in OTHER_VARIABLES.items())),
    )


def _section(fields: list[SettingField]) -> str:
    location = fields[0].location[:-1]
    held = field_at(location) if location else None
    group = ".".join(location)
    model = held.annotation if held else None
    says = (model.__doc__ or "") if model else "Paths that several parts share."
    rows = [
        (
            code(field.name),
            code(field.variable),
            _default(field),
            says_of(field),
            code(_example(field)),
        )
        for field in fields
    ]
    head = ("setting", "variable", "default", "meaning", "example")
    return f"## {group or 'Directories and files'}\n\n{says}\n\n{table(head, rows)}"


def says_of(field: SettingField) -> str:
    """Give what a setting means, and that it is a secret if it is."""
    secret = "Secret. " if "SecretStr" in str(field.info.annotation) else ""
    return secret + (field.info.description or "")


def _default(field: SettingField) -> str:
    default = field.info.default
    return "" if default is None or isinstance(default, SecretStr) else code(default)


def _example(field: SettingField) -> object:
    return field.info.examples[0] if field.info.examples else None
