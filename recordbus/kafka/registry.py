"""A client of any Confluent-compatible schema registry.

A schema id means one text for ever, so what was read by id is kept for the life of the
process and decoding goes on while the registry is away. Which ids belong to a subject can
only grow, so that set is asked for again when an id is not in it, never otherwise.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import WeakValueDictionary

import httpx

with warnings.catch_warnings(record=True):
    # The client imports authlib's httpx bindings, which announce a rename on every start.
    from confluent_kafka.schema_registry import (
        ConfigCompatibilityLevel,
        Schema,
        SchemaReference,
        SchemaRegistryClient,
        SchemaRegistryError,
        ServerConfig,
    )

from recordbus.errors import Misconfigured, RecordbusError, Rejected, Retryable
from recordbus.kafka.inline import inline

if TYPE_CHECKING:
    from recordbus.settings import RegistrySettings

MAX_REFERENCES: Final = 128
_MOCKS: Final[WeakValueDictionary[str, SchemaRegistryClient]] = WeakValueDictionary()


class Reference(NamedTuple):
    """A named type that a schema mentions: its full name, and where it is registered."""

    name: str
    subject: str
    version: int


@dataclass(frozen=True, slots=True)
class WriterSchema:
    """A registered schema; `parsed` is self-contained Avro JSON, all references written out."""

    id: int
    text: str
    parsed: Any


class SchemaRegistry:
    """Registers schemas and looks them up, with caches that never need to expire.

    `url` may be `mock://<name>`: an in-memory registry, one per name while in use. Every call
    raises Retryable when the registry cannot be reached and Misconfigured when it refuses us.
    """

    def __init__(
        self,
        url: str,
        *,
        user: str | None = None,
        password: str | None = None,
        ssl_ca_location: str | None = None,
        timeout_seconds: float = 5.0,
    ) -> None:
        self.url = url
        self._client = _client(url, user, password, ssl_ca_location, timeout_seconds)
        self._schemas: dict[int, WriterSchema] = {}
        self._latest: dict[str, tuple[int, int]] = {}
        self._owned: dict[str, frozenset[int]] = {}

    @classmethod
    def from_settings(cls, settings: RegistrySettings) -> SchemaRegistry:
        """Take the settings group `registry`."""
        return cls(
            settings.url,
            user=settings.user,
            password=settings.password.get_secret_value() if settings.password else None,
            ssl_ca_location=str(settings.ca_location) if settings.ca_location else None,
            timeout_seconds=settings.timeout_seconds,
        )

    def register(
        self, subject: str, schema_text: str, references: Sequence[Reference | str] = ()
    ) -> int:
        """Register a schema under `subject` and give its id; the same text gives the same id.

        A reference given as a bare name means the latest version of the subject of that name.
        Raises Misconfigured when the registry finds it incompatible with an earlier version.
        """
        known = [self._reference(reference) for reference in references]
        schema = Schema(schema_text, "AVRO", [SchemaReference(*each) for each in known])
        with self._asking(f"registering subject {subject}"):
            schema_id = int(self._client.register_schema(subject, schema))
        self._latest.pop(subject, None)
        self._owned.pop(subject, None)
        return schema_id

    def id_of(self, subject: str) -> int:
        """Give the id of the latest version of `subject`, as of the first time it was asked."""
        return self._registered(subject)[0]

    def schema_by_id(self, schema_id: int) -> WriterSchema:
        """Give the schema with this id; raises Rejected `unknown_schema` when there is none."""
        found = self._schemas.get(schema_id)
        if found is None:
            found = self._schemas[schema_id] = self._read(schema_id)
        return found

    def versions_of(self, subject: str) -> frozenset[int]:
        """Give the ids of all versions of `subject` as last read; empty when it has none."""
        if subject not in self._owned:
            self._owned[subject] = self._read_ids(subject)
        return self._owned[subject]

    def owns(self, subject: str, schema_id: int) -> bool:
        """Tell whether the id is a version of `subject`, asking again before saying no."""
        if schema_id in self.versions_of(subject):
            return True
        self._owned[subject] = self._read_ids(subject)
        return schema_id in self._owned[subject]

    def subjects(self) -> list[str]:
        """List all subjects, in order."""
        with self._asking("listing subjects"):
            return sorted(self._client.get_subjects())

    def texts_of(self, subject: str) -> list[WriterSchema]:
        """Give every version of `subject`, oldest first; empty when it has none."""
        return [self.schema_by_id(each) for each in self._ids_in_order(subject)]

    def set_compatibility(self, level: str, subject: str | None = None) -> None:
        """Set the compatibility rule of one subject, or of all that have none of their own."""
        with self._asking(f"setting the compatibility rule of {subject or 'the registry'}"):
            self._client.set_config(
                subject, ServerConfig(compatibility=ConfigCompatibilityLevel(level))
            )

    def close(self) -> None:
        """Close the connection; cached schemas stay readable."""
        self._client.close()

    def _reference(self, reference: Reference | str) -> Reference:
        if isinstance(reference, Reference):
            return reference
        return Reference(reference, reference, self._registered(reference)[1])

    def _registered(self, subject: str) -> tuple[int, int]:
        """Give id and version number of the latest version of `subject`, as first asked."""
        if subject in self._latest:
            return self._latest[subject]
        with self._asking(f"reading subject {subject}", missing=_no_subject(subject)):
            self._client.clear_latest_caches()  # type: ignore[no-untyped-call]
            latest = self._client.get_latest_version(subject)
        found = self._latest[subject] = (_number(latest.schema_id), _number(latest.version))
        return found

    def _read_ids(self, subject: str) -> frozenset[int]:
        return frozenset(self._ids_in_order(subject))

    def _ids_in_order(self, subject: str) -> list[int]:
        try:
            with self._asking(f"reading subject {subject}", missing=_no_subject(subject)):
                versions = sorted(self._client.get_versions(subject))
                return [_number(self._client.get_version(subject, v).schema_id) for v in versions]
        except _NoSubject:
            return []

    def _read(self, schema_id: int) -> WriterSchema:
        unknown = Rejected("unknown_schema", f"the registry has no schema with id {schema_id}")
        with self._asking(f"reading schema {schema_id}", missing=unknown):
            schema = self._client.get_schema(schema_id)
        named: dict[str, Any] = {}
        self._collect(schema, named)
        text = schema.schema_str or ""
        return WriterSchema(schema_id, text, inline(_parsed(text), named))

    def _collect(self, schema: Schema, named: dict[str, Any]) -> None:
        """Read the referenced schemas, and theirs, into `named`."""
        for reference in schema.references or []:
            name = reference.name or ""
            if name in named:
                continue
            if len(named) >= MAX_REFERENCES:
                raise Rejected("too_many_items", f"more than {MAX_REFERENCES} referenced schemas")
            missing = Rejected("unknown_schema", f"the registry has lost the reference {name}")
            with self._asking(f"reading reference {name}", missing=missing):
                found = self._client.get_version(
                    reference.subject or name, _number(reference.version)
                )
            named[name] = _parsed(found.schema.schema_str or "")
            self._collect(found.schema, named)

    @contextmanager
    def _asking(self, doing: str, missing: RecordbusError | None = None) -> Iterator[None]:
        try:
            yield
        except SchemaRegistryError as error:
            raise self._explain(error, doing, missing) from error
        except httpx.HTTPError as error:
            raise self._unreachable(doing) from error

    def _explain(
        self, error: SchemaRegistryError, doing: str, missing: RecordbusError | None
    ) -> RecordbusError:
        status = error.http_status_code
        if status == httpx.codes.NOT_FOUND and missing is not None:
            return missing
        if status >= httpx.codes.INTERNAL_SERVER_ERROR or status in _PASSING:
            return self._unreachable(doing)
        return Misconfigured(
            f"the schema registry at {self.url} refused {doing}: {error.error_message}",
            hint=_HINTS.get(status, "the registry's log says more"),
        )

    def _unreachable(self, doing: str) -> Retryable:
        return Retryable(
            f"the schema registry at {self.url} did not answer while {doing}",
            hint="check that it is up (`recordbus status`) and RECORDBUS_REGISTRY__URL",
        )


class _NoSubject(Misconfigured):
    """The registry does not know the subject."""


def _no_subject(subject: str) -> _NoSubject:
    return _NoSubject(
        f"the schema registry has no subject {subject}",
        hint="register the schemas with `recordbus schemas register`",
    )


_PASSING: Final = frozenset({httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS})
_HINTS: Final[Mapping[int, str]] = {
    401: "set RECORDBUS_REGISTRY__USER and RECORDBUS_REGISTRY__PASSWORD",
    403: "this user may not do that in the registry",
    409: "it breaks readers or writers of an earlier version; `recordbus schemas check` says where",
}


def _client(
    url: str, user: str | None, password: str | None, ca: str | None, timeout_seconds: float
) -> SchemaRegistryClient:
    if url in _MOCKS:
        return _MOCKS[url]
    config: dict[str, Any] = {
        "url": url,
        "timeout": timeout_seconds,
        "max.retries": 2,
        "retries.wait.ms": 100,
        "retries.max.wait.ms": 500,
    }
    if user:
        config["basic.auth.user.info"] = f"{user}:{password or ''}"
    if not url.startswith("https://"):
        config["ssl.ca.location"] = False  # nothing to verify, and loading authorities takes 0.1 s
    elif ca:
        config["ssl.ca.location"] = ca
    try:
        client = SchemaRegistryClient.new_client(config)
    except (ValueError, OSError) as error:
        raise Misconfigured(
            f"the schema registry cannot be used: {error}",
            hint="set RECORDBUS_REGISTRY__URL, for example http://127.0.0.1:8081/apis/ccompat/v7",
        ) from error
    if url.startswith("mock://"):
        _MOCKS[url] = client
    return client


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Rejected("unknown_schema", "the registry's text is not an Avro schema") from error


def _number(value: int | None) -> int:
    if value is None:
        raise Retryable("the schema registry left a number out of its answer")
    return value
