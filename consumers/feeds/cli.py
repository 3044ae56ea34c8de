"""`recordbus feeds`: who is told what, and how far that is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from consumers.feeds.keys_command import keys
from consumers.feeds.portal_command import hook
from consumers.feeds.receiver.receive_command import receive
from consumers.feeds.registering import Overview, Registrar
from consumers.feeds.topic_command import topic
from recordbus import metrics
from recordbus.settings import load

feeds = typer.Typer(
    add_completion=False,
    help="Tell subscribing agencies what agreements let them have, and keep their copies right.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

feeds.add_typer(keys, name="keys")
feeds.command(name="receive")(receive)
feeds.command(name="topic")(topic)
hook(feeds)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
SubscriptionId = Annotated[str, typer.Argument(help="Its id, as `recordbus feeds list` shows it.")]


@feeds.command()
def run() -> None:
    """Tell subscribers what changes until told to end; it goes on from what its ledger holds."""
    from consumers.assembly import (
        connection_of,
        prepare_worker,
        registry_of,
        until_told_to_stop,
    )
    from consumers.feeds.service import run_feeds

    settings = load()
    prepare_worker()
    should_stop = until_told_to_stop()
    port = metrics.serve(settings.metrics.port, settings.metrics.host)
    typer.echo(f"metrics at http://{settings.metrics.host}:{port}/metrics")
    run_feeds(settings, connection_of(settings), registry_of(settings), should_stop)


@feeds.command()
def subscribe(
    file: Annotated[Path, typer.Argument(help="The subscription, as YAML.")],
) -> None:
    """Register a subscription; refused when no agreement gives it anything."""
    from consumers.feeds.reading import read_subscription
    from recordbus.clock import SystemClock

    subscription = read_subscription(file, load(), SystemClock())
    _with(lambda registrar: registrar.subscribe(subscription))
    typer.echo(f"{subscription.subscription_id} is registered until {subscription.end:%Y-%m-%d}")


@feeds.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """Show all subscriptions: what each is now, what it holds and what it owes."""
    found, unreadable = _with(lambda registrar: (registrar.overview(), registrar.unreadable()))
    for subscription_id in unreadable:
        typer.echo(
            f"{subscription_id} cannot be read, so its agency is told nothing; see the alert "
            "SubscriptionUnreadable in docs/how-to/answer-an-alert.md",
            err=True,
        )
    if as_json:
        typer.echo(orjson.dumps([_plain(each) for each in found], option=orjson.OPT_SORT_KEYS))
        return
    if not found and not unreadable:
        typer.echo("no subscription; register one with: recordbus feeds subscribe FILE")
        return
    Console().print(_table(found))


@feeds.command()
def confirm(subscription_id: SubscriptionId) -> None:
    """Confirm that its case still needs a subscription, so that it goes on (R-36)."""
    _with(lambda registrar: registrar.confirm(subscription_id))
    typer.echo(f"{subscription_id} is confirmed")


@feeds.command()
def stop(subscription_id: SubscriptionId) -> None:
    """End a subscription for good; what its subscriber holds is taken back."""
    _with(lambda registrar: registrar.stop(subscription_id))
    typer.echo(f"{subscription_id} has ended; its subscriber is told to delete what it holds")


@feeds.command()
def resume(subscription_id: SubscriptionId) -> None:
    """Go on with a subscription whose endpoint was gone, or whose channel could not be made."""
    _with(lambda registrar: registrar.resume(subscription_id))
    typer.echo(f"{subscription_id} goes on")


@feeds.command()
def receipt(
    subscription_id: SubscriptionId,
    delivery_id: Annotated[str, typer.Argument(help="The id of the message that is receipted.")],
) -> None:
    """Note that a subscriber has carried out a correction or retraction (R-24)."""
    if not _with(lambda registrar: registrar.receipt(subscription_id, delivery_id)):
        typer.echo(f"nobody awaits a receipt of {delivery_id}; nothing was changed", err=True)
        raise typer.Exit(1)
    typer.echo(f"{delivery_id} is receipted")


def _with(act: Callable[[Registrar], Any]) -> Any:
    from consumers.feeds.service import open_registrar

    with ExitStack() as stack:
        return act(open_registrar(load(), stack))


def _plain(found: Overview) -> dict[str, Any]:
    told = found.subscription.model_dump(mode="json")
    return told | {
        name: value for name, value in found._asdict().items() if name != "subscription"
    } | {"state": found.state.value}  # fmt: skip


def _table(found: list[Overview]) -> Table:
    table = Table("subscription", "agency", "purpose", "case", "until", "state", "holds", "due",
                  "receipts owed", box=None)  # fmt: skip
    for each in found:
        said = each.subscription
        state = each.state.value
        if each.suspended_for:
            state = f"{state}: {each.suspended_for}"
        owed = f"{each.receipts_owed} ({each.receipts_overdue} late)"
        table.add_row(
            said.subscription_id, said.agency, said.purpose, said.case_number,
            f"{said.end:%Y-%m-%d}", state, str(each.subjects_held), str(each.records_due), owed,
        )  # fmt: skip
    return table
