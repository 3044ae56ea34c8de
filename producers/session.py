"""One department's publishing, put together from the settings: where the parts meet.

The invariant: nothing connects to Kafka or the registry before something has to be sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType

from producers.connectors.csv_snapshot import (
    Account,
    DifferState,
    Options,
    RecordVerbs,
    find_exports,
    publish_snapshot,
    wait_until_complete,
)
from producers.mapping import DepartmentMapping
from producers.publisher import Owner, Publisher
from producers.publisher.encoding import ChangeEncoder
from recordbus import departments
from recordbus.clock import Clock, SystemClock
from recordbus.errors import Misconfigured
from recordbus.kafka.connection import Connection
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.registry import SchemaRegistry
from recordbus.secret_files import read_secret, secret_of
from recordbus.settings import Settings
from schemas.limits import RECORD_BYTES
from schemas.topics import topic_for_department

_CLOSE_SECONDS = 10.0


def owner_of(settings: Settings, name: str) -> Owner:
    """Give who publishes: from the departments file, or from the settings `department`.

    Raises Misconfigured when neither knows the department, or its secret cannot be read.
    """
    own = settings.department
    if own.name == name:
        return _own_department(settings)
    path = settings.departments_path()
    if not path.exists():
        raise Misconfigured(
            f"nothing says who department {name} is: {path} does not exist",
            hint="`recordbus up` writes one; or set RECORDBUS_DEPARTMENT__NAME, __ORI, "
            "__SECRET_FILE and __CONTACT_UNIT",
        )
    found = departments.load(path).named(name)
    return Owner(
        name, found.ori, found.topic, found.contact.model_dump(mode="json"), found.secret()
    )


def _own_department(settings: Settings) -> Owner:
    own = settings.department
    if own.name is None or own.ori is None or own.contact_unit is None:
        raise Misconfigured(
            "the settings `department` are incomplete",
            hint="name, ori and contact_unit are needed: `recordbus config show`",
        )
    if own.secret is not None:
        secret = secret_of(own.secret.get_secret_value(), "department.secret")
    elif own.secret_file is not None:
        secret = read_secret(own.secret_file)
    else:
        raise Misconfigured(
            f"department {own.name} has no secret",
            hint="set RECORDBUS_DEPARTMENT__SECRET_FILE: openssl rand -hex 32 makes one",
        )
    contact = {"unit": own.contact_unit, "phone": own.contact_phone, "email": own.contact_email}
    return Owner(own.name, own.ori, topic_for_department(own.name), contact, secret)


def connect(settings: Settings, owner: Owner) -> tuple[Publisher, Callable[[], None]]:
    """Give a publisher on the configured bus, and what closes it."""
    where = settings.registry
    registry = SchemaRegistry(
        where.url,
        user=where.user,
        password=where.password.get_secret_value() if where.password else None,
        ssl_ca_location=str(where.ca_location) if where.ca_location else None,
        timeout_seconds=where.timeout_seconds,
    )
    encoder = ChangeEncoder(registry, owner.topic)
    registry.close()
    connection = Connection.from_settings(settings.kafka, f"recordbus-publisher-{owner.name}")
    producer = IdempotentProducer(connection, max_message_bytes=RECORD_BYTES)
    return Publisher(owner, encoder, producer), lambda: producer.close(_CLOSE_SECONDS)


@dataclass
class Session:
    """A department's open differ state and, once something is sent, its publisher."""

    owner: Owner
    state: DifferState
    clock: Clock
    connect: Callable[[Owner], tuple[Publisher, Callable[[], None]]]
    sleep: Callable[[float], None] = time.sleep
    _closers: list[Callable[[], None]] = field(default_factory=list)

    @cached_property
    def publisher(self) -> Publisher:
        """The publisher; connects when it is first asked for."""
        publisher, close = self.connect(self.owner)
        self._closers.append(close)
        return publisher

    @property
    def verbs(self) -> RecordVerbs:
        """The verbs for single records."""
        return RecordVerbs(self.publisher, self.state)

    def publish_path(
        self, mapping: DepartmentMapping, path: Path, options: Options | None = None
    ) -> Iterator[Account]:
        """Publish every export that a file or folder holds, and give each account when done.

        All files are waited for before the first is read. Raises as `publish_snapshot` does.
        """
        wanted = options or Options()
        files = find_exports(mapping, path)
        for export, file in files:
            wait_until_complete(file, export.source, self.clock, self.sleep)
        for export, file in files:
            yield publish_snapshot(
                export,
                file,
                self.owner,
                None if wanted.dry_run else self.publisher,
                self.state,
                self.clock,
                wanted,
            )

    def close(self) -> None:
        """Close the connection and the state."""
        try:
            for close in self._closers:
                close()
        finally:
            self.state.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@contextmanager
def open_session(
    settings: Settings, department: str, *, dry_run: bool = False
) -> Iterator[Session]:
    """Open a department's publishing; a dry run without earlier snapshots leaves no file."""
    clock = SystemClock()
    owner = owner_of(settings, department)
    path: Path | None = settings.run_directory / "producers" / f"{department}.sqlite"
    if dry_run and path is not None and not path.exists():
        path = None
    state = DifferState(path, clock)
    with Session(owner, state, clock, lambda who: connect(settings, who)) as session:
        yield session
