"""`recordbus token`: keys and short tokens, where no identity provider makes them."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from recordbus import departments
from recordbus.clock import SystemClock
from recordbus.ids import UuidSource
from recordbus.settings import Settings, load
from recordbus.web.issuing import issue, make_key, newest_key
from recordbus.web.keyring import read_keys
from recordbus.web.tokens import AGENCY_NAME, Terms

_SCOPES: Final = {"department": ["records:write"], "agency": ["feeds:read", "feeds:write"]}
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
        str | None, typer.Option("--department", help="The one department that the token is for.")
    ] = None,
    agency: Annotated[
        str | None,
        typer.Option("--agency", help="The one subscribing agency that the token is for instead."),
    ] = None,
    subject: Annotated[
        str, typer.Option("--subject", help="The system or person that will use it.")
    ] = "records-system",
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            help="What it allows; records:write, or for an agency feeds:read and feeds:write.",
        ),
    ] = None,
    seconds: Annotated[
        int | None,
        typer.Option("--seconds", help="How long it counts; as long as the settings allow."),
    ] = None,
) -> None:
    """Print a token for one department or agency, signed with the newest key of this machine."""
    settings = load()
    terms = _terms(settings, department, agency)
    path = settings.token_keys_path()
    newest_key(path)
    typer.echo(
        issue(
            path,
            terms,
            SystemClock(),
            UuidSource(),
            department=department or "",
            agency=agency or "",
            subject=subject,
            scopes=scope or _SCOPES[terms.binds],
            seconds=seconds or terms.max_seconds,
        )
    )


def _terms(settings: Settings, department: str | None, agency: str | None) -> Terms:
    """Give the terms of the door that a token is for; raises for nobody, or one of no such name."""
    if (department is None) == (agency is None):
        raise typer.BadParameter("give either --department or --agency")
    if department is not None:
        departments.load(settings.departments_path()).named(department)
        return gateway_terms(settings)
    if not AGENCY_NAME.fullmatch(agency or ""):
        raise typer.BadParameter("an agency's name has lower-case letters, digits and hyphens")
    return portal_terms(settings)


def portal_terms(settings: Settings) -> Terms:
    """Give what a token for the portal of subscribers must say."""
    tokens, portal = settings.tokens, settings.feeds.portal
    return Terms(
        tokens.issuer, portal.audience, tokens.max_seconds, tokens.leeway_seconds, "agency"
    )


def gateway_terms(settings: Settings) -> Terms:
    """Give what a token for the gateway must say."""
    tokens = settings.tokens
    return Terms(
        tokens.issuer, settings.gateway.audience, tokens.max_seconds, tokens.leeway_seconds
    )
