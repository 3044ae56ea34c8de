"""The settings, group by group: what each one means, its default and an example.

Invariant: nothing here reads the environment or a file; every field is documented, and every
secret is a SecretStr, so that printing a group never shows one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

Port = Annotated[int, Field(ge=0, le=65535)]


def setting(default: Any, description: str, *, example: str, **limits: Any) -> Any:
    """Declare one setting: its default, what it means, and a value an operator may copy."""
    return Field(default, description=description, examples=[example], **limits)


class Group(BaseModel):
    """Settings that belong together; unknown names are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class KafkaSettings(Group):
    """How every process reaches the brokers."""

    bootstrap_servers: str = setting(
        "127.0.0.1:9092",
        "Brokers to ask first, as host:port separated by commas.",
        example="kafka-1:9092,kafka-2:9092",
        min_length=1,
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = setting(
        "PLAINTEXT",
        "How connections are protected; PLAINTEXT is for the local default on loopback only.",
        example="SASL_SSL",
    )
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] | None = setting(
        None, "How this process proves who it is, with SASL.", example="SCRAM-SHA-512"
    )
    sasl_username: str | None = setting(
        None, "The user this process is to the brokers.", example="intake"
    )
    sasl_password: SecretStr | None = setting(None, "That user's password.", example="the password")
    ssl_ca_location: Path | None = setting(
        None,
        "PEM file of the authorities to trust; the system's when unset.",
        example="/etc/recordbus/ca.pem",
    )
    ssl_certificate_location: Path | None = setting(
        None,
        "PEM file of this process's own certificate, for mutual TLS.",
        example="/etc/recordbus/client.pem",
    )
    ssl_key_location: Path | None = setting(
        None,
        "PEM file of the key of that certificate.",
        example="/etc/recordbus/client.key",
    )
    ssl_key_password: SecretStr | None = setting(
        None, "Password of that key file.", example="the password"
    )

    @model_validator(mode="after")
    def _sasl_is_complete(self) -> KafkaSettings:
        wanted = self.security_protocol.startswith("SASL")
        given = (self.sasl_mechanism, self.sasl_username, self.sasl_password)
        if wanted and any(value is None for value in given):
            raise ValueError(
                f"{self.security_protocol} needs sasl_mechanism, sasl_username and sasl_password"
            )
        return self


class RegistrySettings(Group):
    """How every process reaches the schema registry."""

    url: str = setting(
        "http://127.0.0.1:8081/apis/ccompat/v7",
        "Address of a Confluent-compatible registry; mock://name keeps one in memory for tests.",
        example="https://registry.example.org",
        pattern=r"^(https?|mock)://.+",
    )
    user: str | None = setting(
        None, "User for the registry's basic authentication.", example="intake"
    )
    password: SecretStr | None = setting(None, "That user's password.", example="the password")
    ca_location: Path | None = setting(
        None,
        "PEM file of the authorities to trust; the system's when unset.",
        example="/etc/recordbus/ca.pem",
    )
    timeout_seconds: float = setting(
        10.0, "How long one request may take.", example="10", gt=0, le=300
    )


class StageSettings(Group):
    """How a stage batches, keeps its state and joins its group."""

    store: Literal["memory", "rocksdb"] = setting(
        "memory",
        "Where a stage keeps its state: memory is faster, rocksdb holds more than memory does.",
        example="rocksdb",
    )
    state_directory: Path | None = setting(
        None,
        "Where a stage keeps files; `state` in the run directory when unset.",
        example="/var/lib/recordbus/state",
    )
    erase_seconds: float = setting(
        300.0,
        "How often the rocksdb store rewrites its files, so that what was removed leaves the disk.",
        example="300",
        gt=0,
        le=86_400,
    )
    gather_ms: int = setting(
        20,
        "How long a batch gathers messages before it commits; up to five times as long where"
        " commits are slow.",
        example="20",
        ge=0,
        le=10_000,
    )
    batch_max_events: int = setting(
        500, "How many messages a batch holds at most.", example="500", ge=1, le=100_000
    )
    fetch_pace_ms: int = setting(
        40,
        "The least time between two requests for new messages; longer where batches are further"
        " apart.",
        example="40",
        ge=0,
        le=1000,
    )
    fetch_wait_ms: int = setting(
        500, "How long a broker may hold a fetch that finds nothing.", example="500", ge=1, le=5000
    )
    session_timeout_seconds: float = setting(
        10.0,
        "How long the group waits for a worker that fell silent before others take its share.",
        example="10",
        ge=6,
        le=300,
    )
    standby_replicas: int = setting(
        0,
        "Copies of the state that other workers keep warm; 0 on one machine, 1 with two workers.",
        example="1",
        ge=0,
        le=3,
    )
    commit_interval_seconds: float = setting(
        1.0, "How often offsets are acknowledged to the group.", example="1", gt=0, le=60
    )
    patience_seconds: float = setting(
        60.0,
        "How long a stage may finish nothing while messages wait, before it ends to be restarted.",
        example="60",
        ge=5,
        le=3600,
    )
    instance_id: str | None = setting(
        None,
        "A name that stays this worker's own, so that its restart moves nothing to another.",
        example="intake-0",
        pattern=r"^[A-Za-z0-9._-]{1,100}$",
    )
    partitions: int = setting(
        1,
        "Partitions of each topic that stages read; raise it for more machines, before first use.",
        example="4",
        ge=1,
        le=1000,
    )
    meeting_partitions: int = setting(
        1,
        "Partitions over which records meet; raise it for more machines, with a new epoch only.",
        example="4",
        ge=1,
        le=1000,
    )
    designations: bool = setting(
        False,
        "Whether designations of people as members of an organisation are taken (R-13).",
        example="true",
    )
    transaction_timeout_ms: int = setting(
        10_000,
        "How long an open transaction may hold its readers back after its worker was killed.",
        example="10000",
        ge=1000,
        le=900_000,
    )
    epoch: int = setting(
        0,
        "Log epoch; raise it by one when topics were made anew, so that new versions are newer.",
        example="1",
        ge=0,
        le=32_767,
    )


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


class IndexSettings(Group):
    """Where the search index is and how it commits."""

    path: Path | None = setting(
        None,
        "The index file; `index/records.sqlite` in the run directory when unset.",
        example="/var/lib/recordbus/records.sqlite",
    )
    commit_max_records: int = setting(
        2000,
        "How many messages one index transaction holds at most; a record comes with about eight.",
        example="2000",
        ge=1,
    )
    gather_ms: int = setting(
        50,
        "The least time between two index transactions: under load one holds what came meanwhile.",
        example="50",
        ge=0,
    )
    case_file: Path | None = setting(
        None,
        "The register of cases a search may be for; when unset, a case number is only checked "
        "for its form, and the audit says so.",
        example="/etc/recordbus/cases.yaml",
    )
    search_timeout_seconds: float = setting(
        2.0, "How long one search may run before it is stopped.", example="2", gt=0, le=60
    )


class UpkeepSettings(Group):
    """How often the logs are tidied."""

    tick_seconds: float = setting(
        10.0,
        "Time between two ticks; also how long a removal waits at most for its tombstone "
        "to be asked for.",
        example="10",
        gt=0,
        le=3600,
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


class MetricsSettings(Group):
    """Where a process shows its metrics."""

    host: str = setting(
        "127.0.0.1", "Address to listen on; :: is every one, for a container.", example="::"
    )
    port: Port = setting(
        0, "Port to listen on; 0 takes any free one and prints it.", example="9100"
    )
    textfile_directory: Path | None = setting(
        None,
        "Folder of the node exporter's textfile collector: commands that end by themselves add "
        "their numbers to a file there; they are kept nowhere when unset.",
        example="/var/lib/node_exporter/textfile",
    )


class LogSettings(Group):
    """What a process writes about itself, to standard error."""

    level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "The least serious line that is written.", example="warning"
    )
    form: Literal["auto", "json", "text"] = setting(
        "auto", "One JSON object a line, or text; auto is text on a terminal.", example="json"
    )
