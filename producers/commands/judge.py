"""`recordbus judge`: what people and courts decide about two mentions (composition root)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import orjson
import typer

from producers.commands.options import AsJson
from producers.judging.judge import Judge, Place
from producers.judging.judgement import expiry, judgement_json, judgement_of
from recordbus import mentions
from recordbus.audit.assembly import open_audit
from recordbus.clock import SystemClock
from recordbus.ids import UuidSource
from recordbus.judgements import TOPIC
from recordbus.kafka.codec import Encoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.registry import SchemaRegistry
from recordbus.settings import Settings, load
from schemas.types import Judgement
from schemas.types.vocabulary import JudgementOutcome

judge = typer.Typer(
    add_completion=False,
    help="Decide whether two mentions are one; this overrides every weight, and can be revoked.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_MENTION: Final = (
    "A mention: <record key>.<local id>, the key cut to 8 characters or more; `@<version>` after "
    "it names the version that was judged, else it is the one in the index."
)
_SAYS: Final = {"same": "one", "different": "not one", "revoked": "no longer judged"}

First = Annotated[str, typer.Argument(help=_MENTION, show_default=False)]
Second = Annotated[str, typer.Argument(help="The other mention, of another record.")]
Reason = Annotated[
    str, typer.Option(help="Why, in one line that names nobody: it stays when the records go.")
]
Author = Annotated[str, typer.Option(help="The account of the one who decides.")]
Expires = Annotated[
    str | None,
    typer.Option(help="When it lapses: a day, from its beginning in UTC, or an instant."),
]


@judge.command()
def same(
    a: First, b: Second, reason: Reason, author: Author, expires: Expires = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say that two mentions are one person, vehicle or organisation."""
    _judge(a, b, "same", reason, author, expires, as_json=as_json)


@judge.command()
def different(
    a: First, b: Second, reason: Reason, author: Author, expires: Expires = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say that two mentions are not one, however alike they are."""
    _judge(a, b, "different", reason, author, expires, as_json=as_json)


@judge.command()
def revoke(a: First, b: Second, reason: Reason, author: Author, as_json: AsJson = False) -> None:
    """Take back what was decided of two mentions, so that the evidence alone counts again."""
    _judge(a, b, "revoked", reason, author, None, as_json=as_json)


def _judge(
    a: str, b: str, outcome: JudgementOutcome, reason: str, author: str, expires: str | None, *,
    as_json: bool,
) -> None:  # fmt: skip
    settings = load()
    judgement = judgement_of(
        mentions.found(settings, a),
        mentions.found(settings, b),
        outcome,
        reason=reason,
        author=author,
        decided_at=SystemClock().now(),
        expires_at=None if expires is None else expiry(expires),
    )
    with _open_judge(settings) as sender:
        place = sender.send(judgement)
    _show(judgement, place, json=as_json)


@contextmanager
def _open_judge(settings: Settings) -> Iterator[Judge]:
    """Connect; whatever is away or misconfigured is found before the audit has a line."""
    registry = SchemaRegistry.from_settings(settings.registry)
    try:
        encoder = Encoder(registry, f"{TOPIC}-value")
    finally:
        registry.close()
    writer = IdempotentProducer(Connection.from_settings(settings.kafka, "recordbus-judge"))
    try:
        with open_audit(settings) as audit:
            yield Judge(writer, encoder, audit, SystemClock(), UuidSource())
    finally:
        writer.close()


def _show(judgement: Judgement, place: Place, *, json: bool) -> None:
    if json:
        typer.echo(orjson.dumps(judgement_json(judgement) | place._asdict()))
        return
    until = judgement["expires_at"]
    lapses = "" if until is None else f", until {until:%Y-%m-%d %H:%M} UTC"
    typer.echo(f"{judgement['a']}\n{judgement['b']}")
    typer.echo(f"are {_SAYS[judgement['outcome']]}{lapses}: {place.topic}"
               f"[{place.partition}]@{place.offset}")  # fmt: skip
