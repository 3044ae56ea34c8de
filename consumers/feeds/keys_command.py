"""`recordbus feeds keys`: the keys that messages to a webhook are signed with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from consumers.feeds.channels.webhook.keys import Held, Keys
from consumers.feeds.channels.webhook.signing import Kind
from recordbus.errors import Misconfigured
from recordbus.settings import load

keys = typer.Typer(
    add_completion=False,
    help="Make, rotate and end the keys that messages to a webhook are signed with.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

SubscriptionId = Annotated[str, typer.Argument(help="Its id, as `recordbus feeds list` shows it.")]
KindOption = Annotated[
    str, typer.Option("--kind", help="ed25519, whose public half you hand over, or hmac.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for each key.")]
_KINDS: dict[str, Kind] = {"ed25519": "ed25519", "hmac": "hmac"}


@keys.command()
def make(subscription_id: SubscriptionId, kind: KindOption = "ed25519") -> None:
    """Make the first key of a kind, and show once what the agency needs."""
    wanted = _kind(kind)

    def act(held: Keys, now: datetime) -> Held:
        if any(each.kind == wanted and each.is_live(now) for each in held.all()):
            raise Misconfigured(
                f"{subscription_id} has a live {wanted} key",
                hint=f"to change it: recordbus feeds keys rotate {subscription_id}",
            )
        return held.make(wanted)

    _show(subscription_id, _change(subscription_id, "feeds.keys.make", act))


@keys.command()
def rotate(
    subscription_id: SubscriptionId,
    kind: KindOption = "ed25519",
    overlap_hours: Annotated[
        int,
        typer.Option(
            "--overlap-hours", min=1, max=720, help="How long both the old and the new key sign."
        ),
    ] = 24,
) -> None:
    """Make the next key of a kind; those before it end after the overlap."""
    wanted = _kind(kind)

    def act(held: Keys, now: datetime) -> Held:
        before = [each for each in held.all() if each.kind == wanted and each.is_live(now)]
        made = held.make(wanted)
        for each in before:
            if each.until is None:
                held.end(each.number, now + timedelta(hours=overlap_hours))
        return made

    _show(subscription_id, _change(subscription_id, "feeds.keys.rotate", act))
    typer.echo(f"keys before it end in {overlap_hours} h; until then messages have all signatures")


@keys.command()
def end(
    subscription_id: SubscriptionId,
    number: Annotated[int, typer.Argument(help="The key's number, as `list` shows it.")],
) -> None:
    """End a key at once, because somebody else may have it."""
    _change(subscription_id, "feeds.keys.end", lambda held, now: held.end(number, now))
    typer.echo(f"key {number} of {subscription_id} has ended")


@keys.command(name="list")
def list_(subscription_id: SubscriptionId, as_json: AsJson = False) -> None:
    """Show the keys of a subscription: public halves, and no secret."""
    from recordbus.clock import SystemClock

    now = SystemClock().now()
    found = Keys(load().webhook_keys_path() / subscription_id).all()
    if as_json:
        for each in found:
            typer.echo(orjson.dumps(_plain(each, now)).decode())
        return
    table = Table("key", "kind", "state", "until", "public half", box=None)
    for each in found:
        table.add_row(*(str(value or "") for value in _plain(each, now).values()))
    Console().print(table)


def _kind(text: str) -> Kind:
    if text not in _KINDS:
        raise Misconfigured(f"there is no kind of key {text!r}", hint="use ed25519 or hmac")
    return _KINDS[text]


def _change(subscription_id: str, command: str, act: Callable[[Keys, datetime], Any]) -> Any:
    """Change the keys of a subscription that there is; the audit has it before it is done."""
    from consumers.feeds.service import open_registrar
    from recordbus.clock import SystemClock

    settings = load()
    with ExitStack() as stack:
        registrar = open_registrar(settings, stack)
        with registrar.changing_keys(subscription_id, command):
            held = Keys(settings.webhook_keys_path() / subscription_id)
            return act(held, SystemClock().now())


def _show(subscription_id: str, made: Held) -> None:
    typer.echo(f"key {made.number} ({made.kind}) of {subscription_id} signs from now on")
    if made.kind == "hmac":
        typer.echo("shown this once; hand it over where nobody else can read it:")
    else:
        typer.echo("its public half, for the agency:")
    typer.echo(made.key.shown())


def _plain(held: Held, now: datetime) -> dict[str, Any]:
    return {
        "number": held.number,
        "kind": held.kind,
        "state": "live" if held.is_live(now) else "ended",
        "until": None if held.until is None else f"{held.until:%Y-%m-%dT%H:%M:%SZ}",
        "public": held.key.shown() if held.kind == "ed25519" else None,
    }
