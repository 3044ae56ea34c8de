"""`recordbus feeds receive`: a receiver of webhooks for one who tries them, or begins with them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer
from rich.console import Console
from rich.text import Text

from consumers.feeds.receiver.desk import Desk
from consumers.feeds.receiver.inbox import Inbox, Taken
from consumers.feeds.receiver.message import Message
from consumers.feeds.receiver.telling import Line, line_of, plain, refusal
from consumers.feeds.receiver.verifying import Verifier
from recordbus.clock import Clock, SystemClock
from recordbus.errors import Misconfigured

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
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object for each message.")
    ] = False,
) -> None:  # fmt: skip
    """Receive messages until told to end: check, keep the newest of each subject, and show them."""
    from recordbus.web.server import Listening, serve

    clock = SystemClock()
    verifier = read_keys(key)
    taken, refused = _as_json() if as_json else _for_people(clock)
    with closing(Inbox(folder / INBOX)) as inbox:
        desk = Desk(verifier, inbox, clock, taken, refused)
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


_Told = tuple[Callable[[Message, Taken], None], Callable[[str], None]]


def _as_json() -> _Told:
    def show(told: object) -> None:
        typer.echo(orjson.dumps(told).decode())

    return lambda message, taken: show(plain(message, taken)), lambda code: show({"refused": code})


def _for_people(clock: Clock) -> _Told:
    console = Console(soft_wrap=True, highlight=False)

    def show(line: Line) -> None:
        at = clock.now().astimezone()
        console.print(Text.assemble((f"{at:%H:%M:%S}  ", "dim"), (line.text, line.style)))

    return lambda message, taken: show(line_of(message, taken)), lambda code: show(refusal(code))
