"""`recordbus token`: keys and short tokens, where no identity provider makes them."""

from __future__ import annotations

from typing import Annotated

import typer

from recordbus import departments
from recordbus.clock import SystemClock
from recordbus.ids import UuidSource
from recordbus.settings import Settings, load
from recordbus.web.issuing import issue, make_key, newest_key
from recordbus.web.keyring import read_keys
from recordbus.web.tokens import Terms

token = typer.Typer(
    add_completion=False,
    help="Make the keys that tokens are signed with, and tokens of a few minutes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@token.command()
def key() -> None:
    """Make a new signing key; tokens of older keys count until they end."""
    path = load().token_keys_path()
    typer.echo(f"{make_key(path)}: its public half is in {path}")


@token.command()
def keys() -> None:
    """List the keys that tokens are checked with."""
    for name, found in read_keys(load().token_keys_path()).items():
        typer.echo(f"{name}\t{found.method}")


@token.command(name="issue")
def issue_command(
    department: Annotated[
        str, typer.Option("--department", help="The one department that the token is for.")
    ],
    subject: Annotated[
        str, typer.Option("--subject", help="The system or person that will use it.")
    ] = "records-system",
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="What it allows; records:write by default.")
    ] = None,
    seconds: Annotated[
        int | None,
        typer.Option("--seconds", help="How long it counts; as long as the settings allow."),
    ] = None,
) -> None:
    """Print a token for one department, signed with the newest key of this machine."""
    settings = load()
    departments.load(settings.departments_path()).named(department)
    path = settings.token_keys_path()
    newest_key(path)
    terms = gateway_terms(settings)
    typer.echo(
        issue(
            path,
            terms,
            SystemClock(),
            UuidSource(),
            department=department,
            subject=subject,
            scopes=scope or ["records:write"],
            seconds=seconds or terms.max_seconds,
        )
    )


def gateway_terms(settings: Settings) -> Terms:
    """Give what a token for the gateway must say."""
    tokens = settings.tokens
    return Terms(
        tokens.issuer, settings.gateway.audience, tokens.max_seconds, tokens.leeway_seconds
    )
