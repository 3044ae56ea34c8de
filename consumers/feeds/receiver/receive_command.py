"""`recordbus feeds receive`: a receiver of webhooks for one who tries them, or begins with them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import orjson
import typer
from rich.console import Console
from rich.text import Text

from consumers.feeds.receiver.desk import Desk
from consumers.feeds.receiver.file import opened
from consumers.feeds.receiver.inbox import Inbox, Taken
from consumers.feeds.receiver.message import Message
from consumers.feeds.receiver.owed import Owed
from consumers.feeds.receiver.telling import (
    Line,
    line_of,
    plain,
    plain_receipt,
    receipt_line,
    refusal,
)
from consumers.feeds.receiver.verifying import Verifier
from recordbus.clock import Clock, SystemClock
from recordbus.errors import Misconfigured
from recordbus.secret_files import read_password

if TYPE_CHECKING:
    from consumers.feeds.receiver.portal_client import PortalClient

INBOX: Final = "inbox.sqlite"


def receive(
    key: Annotated[
        list[Path],
        typer.Option("--key", help="A file of keys as `recordbus feeds keys` shows them."),
    ],
    port: Annotated[int, typer.Option("--port", help="Where to listen; 0 takes any.")] = 8490,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; beyond loopback with TLS only.")
    ] = "127.0.0.1",
    folder: Annotated[
        Path, typer.Option("--folder", help="Where messages are kept.")
    ] = Path("received"),
    tls_certificate: Annotated[
        Path | None, typer.Option("--tls-certificate", help="PEM file, with its chain.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", help="PEM file of its key.")] = None,
    receipts: Annotated[
        str | None,
        typer.Option("--receipts", help="The portal that is given the receipts, as https://HOST."),
    ] = None,
    receipts_token: Annotated[
        Path | None,
        typer.Option("--receipts-token", help="A file with the agency's token, read every time."),
    ] = None,
    receipts_authorities: Annotated[
        Path | None,
        typer.Option("--receipts-authorities", help="PEM file of who may certify the portal."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object for each message.")
    ] = False,
) -> None:  # fmt: skip
    """Receive messages until told to end: check, keep the newest of each subject, and show them."""
    from recordbus.web.server import Listening, serve

    clock = SystemClock()
    verifier = read_keys(key)
    show = _as_json() if as_json else _for_people(clock)
    with ExitStack() as stack:
        told = show.taken
        if receipts is not None:
            portal = portal_of(receipts, receipts_token, receipts_authorities, clock)
            stack.callback(portal.close)
            wake = stack.enter_context(receipting(folder / INBOX, portal, clock, show.receipts))
            told = _both(show.taken, wake)
        inbox = stack.enter_context(
            closing(Inbox(folder / INBOX, notes_receipts=receipts is not None))
        )
        desk = Desk(verifier, inbox, clock, told, show.refused)
        listening = Listening(host, port, tls_certificate, tls_key)
        serve(desk, listening, lambda url: _ready(url, folder, len(inbox.held())))


def read_keys(paths: list[Path]) -> Verifier:
    """Read files of keys, one a line, `#` for people; raises Misconfigured showing none of them."""
    try:
        lines = [line.strip() for path in paths for line in path.read_text("ascii").splitlines()]
        return Verifier(line for line in lines if line and not line.startswith("#"))
    except (OSError, ValueError) as error:
        says = type(error).__name__ if isinstance(error, OSError) else str(error)
        raise Misconfigured(
            f"no key can be read from {', '.join(map(str, paths))}: {says}",
            hint="write what `recordbus feeds keys make` shows into a file, one key a line",
        ) from None


def _ready(url: str, folder: Path, held: int) -> None:
    typer.echo(f"receiving at {url}; {held} subjects are held in {folder / INBOX}", err=True)


class _Told(NamedTuple):
    """Who is told of messages, of requests that were refused, and of receipts."""

    taken: Callable[[Message, Taken], None]
    refused: Callable[[str], None]
    receipts: Callable[[Sequence[str], str], None]


def portal_of(
    address: str, token: Path | None, authorities: Path | None, clock: Clock
) -> PortalClient:
    """Give the way to a portal; raises Misconfigured for an address or a token of no use."""
    from consumers.feeds.receiver.portal_client import PortalClient, client_of

    if token is None:
        raise Misconfigured(
            "receipts need a token of the agency",
            hint="--receipts-token FILE; the operator's `recordbus token issue` makes one",
        )
    client = client_of(address, authorities)
    return PortalClient(client, lambda: read_password(token), clock)


@contextmanager
def receipting(
    path: Path, portal: PortalClient, clock: Clock, told: Callable[[Sequence[str], str], None]
) -> Iterator[Callable[[], None]]:
    """Give receipts in a thread of its own for the length of a block; yields what wakes it."""
    from consumers.feeds.receiver.receipting import Receipting

    Inbox(path).close()  # which makes the file, and refuses one that is something else
    stop, woken = threading.Event(), threading.Event()
    with closing(opened(path)) as database:
        work = Receipting(Owed(database), portal, clock, told)
        thread = threading.Thread(target=work.run, args=(stop, woken), name="receipts")
        thread.start()
        try:
            yield woken.set
        finally:
            stop.set()
            woken.set()
            thread.join()


def _both(
    told: Callable[[Message, Taken], None], wake: Callable[[], None]
) -> Callable[[Message, Taken], None]:
    def taken(message: Message, became: Taken) -> None:
        told(message, became)
        wake()

    return taken


def _as_json() -> _Told:
    def show(told: object) -> None:
        typer.echo(orjson.dumps(told).decode())

    return _Told(
        lambda message, taken: show(plain(message, taken)),
        lambda code: show({"refused": code}),
        lambda ids, code: show(plain_receipt(ids, code)),
    )


def _for_people(clock: Clock) -> _Told:
    console = Console(soft_wrap=True, highlight=False)

    def show(line: Line) -> None:
        at = clock.now().astimezone()
        console.print(Text.assemble((f"{at:%H:%M:%S}  ", "dim"), (line.text, line.style)))

    return _Told(
        lambda message, taken: show(line_of(message, taken)),
        lambda code: show(refusal(code)),
        lambda ids, code: show(receipt_line(ids, code)),
    )
