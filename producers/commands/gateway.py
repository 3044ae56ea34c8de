"""`recordbus gateway`: the door through which departments push over HTTP (composition root)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from typing import Any, Final

import typer

from producers.connectors.http_push.gateway import STEPS, Bounds, Gateway
from producers.connectors.http_push.line import Line
from producers.connectors.http_push.lines import Lines
from producers.connectors.http_push.remembered import Remembered
from producers.publisher import Limits, Publisher
from producers.publisher.encoding import ChangeEncoder
from producers.session import owner_of
from recordbus import departments as department_file
from recordbus.audit.assembly import open_audit
from recordbus.clock import SystemClock
from recordbus.errors import RecordbusError
from recordbus.ids import UuidSource
from recordbus.kafka.admin import Admin
from recordbus.kafka.connection import Connection
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.registry import SchemaRegistry
from recordbus.secret_files import make_secret
from recordbus.settings import Settings, load
from recordbus.web.keyring import Keyring
from recordbus.web.rates import Rate, RateLimits
from recordbus.web.token_command import gateway_terms
from recordbus.web.tokens import Tokens
from schemas.limits import RECORD_BYTES

_LINGER_MS: Final = 2
_CLOSE_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 3.0

gateway = typer.Typer(
    add_completion=False,
    help="Take records that departments push over HTTP.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@gateway.command()
def run() -> None:
    """Serve departments until SIGTERM or Ctrl-C; what is at work then is answered first."""
    from recordbus.web.serving import serve_door

    settings = load()
    serve_door(settings, settings.gateway, _door, STEPS)


@gateway.command()
def openapi() -> None:
    """Print the gateway's OpenAPI document."""
    from producers.connectors.http_push.api import openapi_document

    typer.echo(json.dumps(openapi_document(), indent=2))


def _door(settings: Settings, stack: ExitStack) -> Any:
    from producers.connectors.http_push.api import Parts, gateway_door
    from recordbus.web.serving import request_limits_of

    own, clock = settings.gateway, SystemClock()
    tokens = Tokens(Keyring(settings.token_keys_path()), gateway_terms(settings), clock)
    folder = settings.run_directory / "gateway"
    secret = make_secret(folder / "remembered.key")
    remembered = stack.enter_context(
        Remembered(
            folder / "remembered.sqlite",
            secret,
            clock,
            hours=own.remember_hours,
            most=own.remember_keys,
        )
    )
    audit = open_audit(settings)
    stack.callback(audit.close)
    lines = open_lines(settings)
    stack.callback(lines.close)
    parts = Parts(
        Gateway(
            lines,
            remembered,
            audit,
            RateLimits(Rate(own.records_per_second, own.burst_records), clock),
            clock,
            Bounds(own.batch_records, own.ack_seconds),
        ),
        tokens,
        request_limits_of(own),
        _broker_answers(settings),
        clock,
        UuidSource(),
        _closing(lines),
        own.show_documentation,
    )
    return gateway_door(parts)


def open_lines(settings: Settings) -> Lines:
    """Give the lines of all departments in the departments file; none is connected yet."""
    names = department_file.load(settings.departments_path()).names
    return Lines(names, lambda name: open_line(settings, name))


def open_line(settings: Settings, department: str) -> Line:
    """Connect one department; raises as `owner_of` does, and Retryable."""
    own = settings.gateway
    owner = owner_of(settings, department)
    registry = SchemaRegistry.from_settings(settings.registry)
    try:
        encoder = ChangeEncoder(registry, owner.topic)
    finally:
        registry.close()
    producer = IdempotentProducer(
        Connection.from_settings(settings.kafka, f"recordbus-gateway-{department}"),
        linger_ms=_LINGER_MS,
        max_message_bytes=RECORD_BYTES,
        delivery_timeout_seconds=own.ack_seconds,
    )
    limits = Limits(records=own.waiting_records, patience_seconds=own.ack_seconds)
    publisher = Publisher(owner, encoder, producer, limits=limits)

    def close() -> None:
        try:
            producer.close(_CLOSE_SECONDS)
        except RecordbusError:
            return  # whoever waited for an answer was told already

    return Line(publisher, close, waiting_records=own.waiting_records)


def _broker_answers(settings: Settings) -> Any:
    """Give the question whether Kafka can be reached now."""
    admin = Admin(
        Connection.from_settings(settings.kafka, "recordbus-gateway"),
        timeout_seconds=_LOOK_SECONDS,
    )

    def look() -> bool:
        try:
            admin.list_topics()
        except RecordbusError:
            return False
        return True

    async def ready() -> bool:
        return await asyncio.to_thread(look)

    return ready


def _closing(lines: Lines) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """Give what the application does around serving: at its end, what was taken is sent."""

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(lines.close)

    return lifespan
