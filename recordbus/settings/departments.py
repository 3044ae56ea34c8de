"""The settings of who publishes: a department, its keys, and its outbox."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from recordbus.settings.fields import Group, setting


class DepartmentSettings(Group):
    """Who a publishing department is; read by publishers and connectors."""

    name: str | None = setting(
        None,
        "The department's name on the bus, as in its topic ingest.<name>.v1.",
        example="harbor-city-pd",
    )
    ori: str | None = setting(
        None,
        "The department's ORI: nine letters and digits.",
        example="ZZ0010100",
        pattern=r"^[A-Z0-9]{9}$",
    )
    secret: SecretStr | None = setting(
        None, "The secret that makes its record keys; it never leaves it.", example="the secret"
    )
    secret_file: Path | None = setting(
        None,
        "File that holds that secret instead, readable by its owner only.",
        example="/etc/recordbus/department.key",
    )
    contact_unit: str | None = setting(
        None, "Whom to ask before acting on its records.", example="Records Division"
    )
    contact_phone: str | None = setting(None, "That unit's phone.", example="+1 617 555 0100")
    contact_email: str | None = setting(
        None, "That unit's e-mail address.", example="records@harbor.example"
    )


class IdentifierSettings(Group):
    """The key under which all departments' identifiers are hashed, so that equal ones meet."""

    key: SecretStr | None = setting(
        None, "The bus-wide key for hashing identifiers.", example="the key"
    )
    key_file: Path | None = setting(
        None,
        "File that holds that key instead; `identifiers.key` in the run directory when unset.",
        example="/etc/recordbus/identifiers.key",
    )


class OutboxSettings(Group):
    """How the relay of a department's transactional outbox works."""

    database: SecretStr | None = setting(
        None,
        "The database that holds the outbox: the path of a SQLite file, or a PostgreSQL address. "
        "A password is better kept where libpq finds it by itself.",
        example="postgresql://relay@db.example.org/records",
    )
    batch_rows: int = setting(
        1000, "How many rows are sent and marked together at most.", example="1000", ge=1, le=50_000
    )
    idle_seconds: float = setting(
        0.25,
        "How long an idle relay waits at most before it asks a SQLite outbox again. PostgreSQL "
        "wakes it, and is asked every twenty times this all the same.",
        example="0.25",
        gt=0,
        le=60,
    )
    keep_days: int = setting(
        7,
        "How many days published rows stay, without their payload, before they are deleted.",
        example="7",
        ge=0,
        le=3650,
    )
