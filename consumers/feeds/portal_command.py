"""`recordbus feeds portal`, `digest` and `resend`: what subscribers ask, and its twins here."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import orjson
import typer

from consumers.crashpoints import NAMES
from consumers.feeds.asking import Asking, Wish
from consumers.feeds.digest import compared, holdings_of, leaves_of
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.registering import Registrar
from consumers.feeds.saying import decoders_of, topics
from recordbus.audit.assembly import open_audit
from recordbus.clock import SystemClock
from recordbus.errors import Misconfigured
from recordbus.ids import UuidSource
from recordbus.kafka.codec import Decoder
from recordbus.kafka.registry import SchemaRegistry
from recordbus.policy.store import PolicyStore
from recordbus.settings import Settings, load

if TYPE_CHECKING:
    from consumers.feeds.portal.desk import Desk

STEPS: Final = tuple(name for name in NAMES if name.startswith("portal."))
"""The crash points of a fetch, in their order."""
SubscriptionId = Annotated[str, typer.Argument(help="Its id, as `recordbus feeds list` shows it.")]

portal = typer.Typer(
    add_completion=False,
    help="Serve subscribing agencies over HTTP: fetch, receipts, digest, re-send.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


def hook(feeds: typer.Typer) -> None:
    """Add the commands of this file to those of feeds."""
    feeds.add_typer(portal, name="portal")
    feeds.command()(digest)
    feeds.command()(resend)


@portal.callback()
def run(context: typer.Context) -> None:
    """Serve subscribing agencies over HTTP until SIGTERM or Ctrl-C."""
    if context.invoked_subcommand is not None:
        return
    from recordbus.web.serving import serve_door

    settings = load()
    serve_door(settings, settings.feeds.portal, _door, STEPS)


@portal.command()
def openapi() -> None:
    """Print the portal's OpenAPI document."""
    from consumers.feeds.portal.api import openapi_document

    typer.echo(json.dumps(openapi_document(), indent=2))


def digest(
    subscription_id: SubscriptionId,
    salt: Annotated[
        str | None,
        typer.Option("--salt", help="8 to 64 letters, digits, - or _; a new one when left out."),
    ] = None,
    held: Annotated[
        Path | None,
        typer.Option("--held", help="All messages of the subscriber, one a line, to compare."),
    ] = None,
) -> None:
    """Show the salted digest of what a subscriber must hold, or compare what it says it holds."""
    salt = salt or secrets.token_urlsafe(24)
    with ExitStack() as stack:
        asking = _asking(load(), stack)
        try:
            found = asking.expected(subscription_id, salt)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        summary = found.summary
        told = {"salt": salt, **summary._asdict(), "unsettled": len(found.unsettled)}
        if held is None:
            typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))
            return
        theirs = leaves_of(salt, holdings_of(_messages(held)))
        differences = compared(found.leaves, theirs, found.unsettled)
    for name, subjects in differences._asdict().items():
        for each in subjects:
            typer.echo(f"{name}\t{each}")
    if not differences.is_equal:
        raise typer.Exit(1)
    typer.echo(f"{summary.subjects} subjects are held as they must be")


def resend(
    subscription_id: SubscriptionId,
    since: Annotated[
        datetime | None,
        typer.Option("--since", help="Only what was told from this day on (UTC)."),
    ] = None,
    subject: Annotated[
        list[str] | None,
        typer.Option("--subject", help="Only this subject; may be given several times."),
    ] = None,
) -> None:
    """Tell a subscriber again what it was told, under the same ids; this is the approval."""
    if since is not None and subject:
        raise typer.BadParameter("give --since or --subject, not both")
    moment = None if since is None else since.replace(tzinfo=SystemClock().now().tzinfo)
    with ExitStack() as stack:
        asking = _asking(load(), stack)
        granted = asking.resend(subscription_id, Wish(moment, tuple(subject) if subject else None))
    for each in granted.unknown:
        typer.echo(f"{each} was never told", err=True)
    typer.echo(f"{granted.messages} messages will be told again to {subscription_id}")


def _messages(path: Path) -> Iterator[dict[str, Any]]:
    try:
        for line in path.read_bytes().splitlines():
            yield orjson.loads(line)
    except (OSError, orjson.JSONDecodeError) as error:
        raise Misconfigured(
            f"{path} cannot be read: {type(error).__name__}", hint="one message as JSON on a line"
        ) from error


def _asking(settings: Settings, stack: ExitStack) -> Asking:
    clock = SystemClock()
    ledger = Ledger(settings.ledger_path(), {})
    stack.callback(ledger.close)
    policies = PolicyStore.from_settings(settings, clock).policies()
    audit = stack.enter_context(open_audit(settings))
    return Asking(ledger, policies, audit, clock, UuidSource())


def _door(settings: Settings, stack: ExitStack) -> Any:
    from consumers.feeds.portal.api import Parts, portal_door
    from recordbus.web.keyring import Keyring
    from recordbus.web.rates import Rate, RateLimits
    from recordbus.web.serving import request_limits_of
    from recordbus.web.token_command import portal_terms
    from recordbus.web.tokens import Tokens

    own, clock = settings.feeds.portal, SystemClock()
    tokens = Tokens(Keyring(settings.token_keys_path()), portal_terms(settings), clock)
    desk = _desk(settings, stack)
    one = ThreadPoolExecutor(1, thread_name_prefix="desk")
    stack.callback(one.shutdown)

    async def at_the_desk(work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(one, work)

    async def ready() -> bool:
        return desk.is_fresh()

    return portal_door(
        Parts(
            desk, at_the_desk, tokens,
            RateLimits(Rate(own.requests_per_second, own.burst_requests), clock),
            request_limits_of(own),
            ready, clock, UuidSource(), show_documentation=own.show_documentation,
        )
    )  # fmt: skip


def _desk(settings: Settings, stack: ExitStack) -> Desk:
    """Give the desk over the ledger; its audit and its registry are its own."""
    from consumers.feeds.portal.desk import Desk, Rules
    from consumers.feeds.portal.fetching import Bounds, Fetching

    own, clock, ids = settings.feeds.portal, SystemClock(), UuidSource()
    registry = SchemaRegistry.from_settings(settings.registry)
    stack.callback(registry.close)
    read = topics(designations=settings.stage.designations)
    decoders = {topic: Decoder(registry, f"{topic}-value").decode for topic in read}
    ledger = Ledger(settings.ledger_path(), decoders_of(decoders))
    stack.callback(ledger.close)
    policies = PolicyStore.from_settings(settings, clock).policies
    audit = stack.enter_context(open_audit(settings))
    bounds = Bounds(own.answer_bytes, own.messages_per_day)
    return Desk(
        ledger,
        Fetching(
            ledger, policies, audit, clock, ids, source=settings.feeds.source, bounds=bounds
        ),
        lambda: Registrar(ledger, policies(), audit, clock, ids),
        lambda: Asking(ledger, policies(), audit, clock, ids),
        audit, clock, ids, Rules(own.resend_per_day, own.stale_seconds),
    )  # fmt: skip
