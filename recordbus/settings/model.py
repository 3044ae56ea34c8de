"""One settings object per process, from the environment, then one TOML file, then defaults.

Only composition roots (the command line, a worker's app) call `load()`; everything below them is
handed the group it needs. This is the one module that imports `pydantic_settings`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings.exceptions import SettingsError

from recordbus.errors import Misconfigured
from recordbus.settings.audit import AuditSettings
from recordbus.settings.departments import DepartmentSettings, IdentifierSettings, OutboxSettings
from recordbus.settings.doors import GatewaySettings, TokenSettings
from recordbus.settings.feeds import FeedSettings
from recordbus.settings.fields import Group, setting
from recordbus.settings.policy import PolicySettings
from recordbus.settings.processes import LogSettings, MetricsSettings
from recordbus.settings.search import IndexSettings, SearchSettings
from recordbus.settings.servers import KafkaSettings, RegistrySettings
from recordbus.settings.stages import StageSettings, UpkeepSettings

PREFIX = "RECORDBUS_"
DELIMITER = "__"
CONFIG_VARIABLE = "RECORDBUS_CONFIG"
DEFAULT_CONFIG = Path("recordbus.toml")


class Settings(BaseSettings):
    """Everything an operator can set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=DELIMITER,
        extra="forbid",
        frozen=True,
        validate_default=True,
    )

    kafka: KafkaSettings = Field(default_factory=KafkaSettings)
    registry: RegistrySettings = Field(default_factory=RegistrySettings)
    stage: StageSettings = Field(default_factory=StageSettings)
    department: DepartmentSettings = Field(default_factory=DepartmentSettings)
    identifiers: IdentifierSettings = Field(default_factory=IdentifierSettings)
    index: IndexSettings = Field(default_factory=IndexSettings)
    upkeep: UpkeepSettings = Field(default_factory=UpkeepSettings)
    search: SearchSettings = Field(default_factory=SearchSettings)
    policy: PolicySettings = Field(default_factory=PolicySettings)
    feeds: FeedSettings = Field(default_factory=FeedSettings)
    outbox: OutboxSettings = Field(default_factory=OutboxSettings)
    tokens: TokenSettings = Field(default_factory=TokenSettings)
    gateway: GatewaySettings = Field(default_factory=GatewaySettings)
    audit: AuditSettings = Field(default_factory=AuditSettings)
    metrics: MetricsSettings = Field(default_factory=MetricsSettings)
    log: LogSettings = Field(default_factory=LogSettings)
    run_directory: Path = setting(
        Path("run"),
        "Where `recordbus up` keeps data, logs, ports and process ids.",
        example="/var/lib/recordbus",
    )
    cache: Path | None = setting(
        None,
        "Where downloaded server files are kept; the user's cache directory when unset.",
        example="/var/cache/recordbus",
    )
    departments_file: Path | None = setting(
        None,
        "The registry of departments; `departments.yaml` in the run directory when unset.",
        example="/etc/recordbus/departments.yaml",
    )

    def state_path(self) -> Path:
        """Give where stages keep files."""
        return self.stage.state_directory or self.run_directory / "state"

    def index_path(self) -> Path:
        """Give the search index's file."""
        return self.index.path or self.run_directory / "index" / "records.sqlite"

    def ledger_path(self) -> Path:
        """Give the ledger of feeds."""
        return self.feeds.ledger or self.run_directory / "feeds" / "ledger.sqlite"

    def webhook_keys_path(self) -> Path:
        """Give the folder of the keys that messages to webhooks are signed with."""
        return self.feeds.webhook_keys_directory or self.run_directory / "feeds" / "webhook-keys"

    def audit_directory(self) -> Path:
        """Give the directory of the audit's log."""
        return self.audit.directory or self.run_directory / "audit"

    def audit_openings_key_path(self) -> Path:
        """Give the file of the secret that encrypts what was asked about people."""
        return self.audit.openings_key_file or self.run_directory / "audit-openings.key"

    def audit_signing_key_path(self) -> Path:
        """Give the file of the key that signs the audit's checkpoints."""
        return self.audit.signing_key_file or self.run_directory / "audit-keys" / "log.pem"

    def auditors(self) -> frozenset[str]:
        """Give the accounts that may read the audit."""
        return frozenset(filter(None, (each.strip() for each in self.audit.auditors.split(","))))

    def agreements_path(self) -> Path:
        """Give the folder of agreements."""
        return self.policy.agreements_directory or self.run_directory / "agreements"

    def accepted_agreements_path(self) -> Path:
        """Give where the accepted versions of agreements are kept."""
        return self.policy.accepted_directory or self.run_directory / "policy"

    def agreement_signers_path(self) -> Path:
        """Give the file of those who may sign agreements."""
        return self.policy.keyring or self.run_directory / "agreement-signers.yaml"

    def departments_path(self) -> Path:
        """Give the registry of departments."""
        return self.departments_file or self.run_directory / "departments.yaml"

    def identifier_key_path(self) -> Path:
        """Give the file of the identifier key, which counts only when the key itself is unset."""
        return self.identifiers.key_file or self.run_directory / "identifiers.key"

    def token_keys_path(self) -> Path:
        """Give the file of public keys that tokens are checked with."""
        return self.tokens.keys_file or self.run_directory / "tokens" / "keys.json"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - asked for by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - asked for by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - asked for by name
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take the environment before the file; no other source exists."""
        return env_settings, init_settings


def config_path(environment: Mapping[str, str] | None = None) -> Path | None:
    """Give the settings file in use: the one named by RECORDBUS_CONFIG, else ./recordbus.toml.

    None when none is named and none is there. Raises Misconfigured when the named one is missing.
    """
    named = (os.environ if environment is None else environment).get(CONFIG_VARIABLE)
    if named is None:
        return DEFAULT_CONFIG if DEFAULT_CONFIG.is_file() else None
    if not Path(named).is_file():
        raise Misconfigured(
            f"the settings file {named} does not exist",
            hint=f"create it, or unset {CONFIG_VARIABLE}",
        )
    return Path(named)


def read_config(path: Path | None) -> dict[str, Any]:
    """Read the settings file as nested tables; raises Misconfigured when it is not valid TOML."""
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(
            f"the settings file {path} cannot be read: {error}",
            hint='it is TOML: [kafka] on one line, bootstrap_servers = "host:9092" on the next',
        ) from error


def load() -> Settings:
    """Read the settings of this process.

    Raises Misconfigured, naming each wrong setting, its variable and an example value.
    """
    path = config_path()
    try:
        return Settings(**read_config(path))
    except ValidationError as error:
        lines = [_problem(item["loc"], item["msg"]) for item in error.errors(include_input=False)]
        raise Misconfigured(
            "wrong settings:\n  " + "\n  ".join(lines),
            hint="`recordbus config show` lists every setting and where its value came from",
        ) from None
    except SettingsError as error:
        raise Misconfigured(
            f"wrong settings: {error}",
            hint=f"a group is set field by field, as in {PREFIX}KAFKA{DELIMITER}BOOTSTRAP_SERVERS",
        ) from None


def field_at(loc: tuple[str, ...]) -> FieldInfo | None:
    """Give the field a location such as ("kafka", "sasl_username") names, or None."""
    fields, found = Settings.model_fields, None
    for name in loc:
        found = fields.get(name)
        group = None if found is None else group_of(found)
        if group is None:
            return found
        fields = group.model_fields
    return found


def group_of(field: FieldInfo) -> type[Group] | None:
    """Give the group that a field holds; None for a setting."""
    annotation = field.annotation
    if isinstance(annotation, type) and issubclass(annotation, Group):
        return annotation
    return None


def variable_of(loc: tuple[str, ...]) -> str:
    """Give the variable that sets a location: ("metrics", "port") is RECORDBUS_METRICS__PORT."""
    return PREFIX + DELIMITER.join(part.upper() for part in loc)


def _problem(loc: tuple[int | str, ...], message: str) -> str:
    names = tuple(str(part) for part in loc)
    field = field_at(names)
    line = f"{'.'.join(names)} ({variable_of(names)}): {message.removeprefix('Value error, ')}"
    if field is None:
        return f"{line}; no such setting"
    examples = field.examples
    return f"{line}; for example {examples[0]}" if examples else line
