"""A message is on disk before it is answered, counts once, and goes when it is taken back."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consumers.feeds.channels.interface import DELIVERED
from consumers.feeds.receiver.desk import MOST_BYTES, Desk
from consumers.feeds.receiver.inbox import REMEMBERED_SECONDS, Inbox, Taken
from consumers.feeds.receiver.message import Message
from consumers.feeds.receiver.verifying import Verifier
from recordbus.errors import Misconfigured
from recordbus.testing.clock import ManualClock
from recordbus.web.server import Listening, Server, made
from tests.unit.consumers.feeds.channels.contract import parcel
from tests.unit.consumers.feeds.channels.made_channel import channel_of, settings_in
from tests.unit.consumers.feeds.channels.webhook.certificates import Authority
from tests.unit.consumers.feeds.channels.webhook.keyed import give_key
from tests.unit.consumers.feeds.receiver.made import KEY, body, signed


class Reception:
    """A desk, and what it told."""

    def __init__(self, folder: Path, key: str = KEY.shown()) -> None:
        self.clock, self.path = ManualClock(), folder / "inbox.sqlite"
        self.inbox = Inbox(self.path)
        self.taken: list[tuple[int, Taken]] = []
        self.refused: list[str] = []
        self.desk = Desk(
            Verifier([key]), self.inbox, self.clock,
            lambda message, taken: self.taken.append((message.sequence, taken)),
            self.refused.append,
        )  # fmt: skip

    def take(self, content: bytes) -> int:
        at = int(self.clock.now().timestamp())
        return self.desk.take(signed(content, at=at), content)

    def held(self) -> dict[str, bytes]:
        """Give what is held, read by somebody who opens the file anew."""
        inbox = Inbox(self.path)
        found = inbox.held()
        inbox.close()
        return found


@pytest.fixture
def reception(tmp_path: Path) -> Iterator[Reception]:
    reception = Reception(tmp_path)
    yield reception
    reception.inbox.close()
    reception.inbox.close()


def test_the_newest_of_each_subject_is_held_whatever_comes_when(reception: Reception) -> None:
    for sequence in (1, 3, 2, 3):
        assert reception.take(body(sequence)) == 204
    assert reception.taken == [
        (1, Taken.NEW), (3, Taken.NEW), (2, Taken.OLDER), (3, Taken.REPEAT),
    ]  # fmt: skip
    assert reception.held() == {"record/ab": body(3)}


def test_what_is_taken_back_leaves_the_file_and_cannot_come_back(reception: Reception) -> None:
    reception.take(body(1, content={"secret": "SWALLOW-TATTOO"}))
    reception.take(body(3, "retracted", content=None))
    assert reception.take(body(2, "changed", content={"secret": "SWALLOW-TATTOO"})) == 204
    assert reception.held() == {}
    files = list(reception.path.parent.glob("inbox.sqlite*"))
    assert len(files) > 1
    assert not any(b"SWALLOW-TATTOO" in path.read_bytes() for path in files)


def test_an_id_is_remembered_for_seven_days(reception: Reception) -> None:
    reception.take(body(1))
    reception.clock.advance(REMEMBERED_SECONDS - 1)
    reception.take(body(1))
    reception.clock.advance(2)
    reception.take(body(1))
    assert [taken for _, taken in reception.taken] == [Taken.NEW, Taken.REPEAT, Taken.OLDER]


@pytest.mark.parametrize(
    ("headers", "content", "status", "code"),
    [
        ({}, body(), 401, "no_headers"),
        (signed(body(2)), body(), 401, "bad_signature"),
        (signed(b"{}", named="dlv_1"), b"{}", 422, "unreadable"),
        (signed(b"[]", named="dlv_1"), b"[]", 422, "unreadable"),
        (signed(b"\xff", named="dlv_1"), b"\xff", 422, "unreadable"),
        (signed(body(), named="dlv_another"), body(), 422, "unreadable"),
        (signed(body(status="told")), body(status="told"), 422, "unreadable"),
    ],
)
def test_what_is_not_believed_or_not_understood_changes_nothing(
    reception: Reception, headers: dict[str, str], content: bytes, status: int, code: str
) -> None:
    assert reception.desk.take(headers, content) == status
    assert reception.refused == [code]
    assert (reception.taken, reception.held()) == ([], {})


def test_what_cannot_be_kept_is_not_said_to_be(
    reception: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_message: Message, _at: float) -> Taken:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(reception.inbox, "take", full)
    assert reception.take(body()) == 503
    assert reception.refused == ["cannot_be_kept"]


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "inbox.sqlite").write_text("a letter " * 1000)
    with pytest.raises(Misconfigured, match="no file of received messages"):
        Inbox(tmp_path / "inbox.sqlite")


def asked(desk: Desk, method: str, *parts: bytes) -> dict[str, Any]:
    """Send one request by hand; give the start of its answer."""
    waiting = [{"body": part, "more_body": True} for part in parts]
    waiting.append({"body": b"", "more_body": False})
    sent: list[Any] = []

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "headers": []}
    asyncio.run(desk(scope, receive, send))
    return dict(sent[0])


def test_it_takes_posts_and_none_without_end(reception: Reception) -> None:
    assert asked(reception.desk, "GET")["status"] == 405
    half = b"x" * (MOST_BYTES // 2 + 1)
    assert asked(reception.desk, "POST", half, half)["status"] == 413
    assert asked(reception.desk, "POST", b"x")["status"] == 401
    assert reception.refused == ["too_large", "no_headers"]


class Running:
    """A reception that is served on this machine over TLS."""

    def __init__(self, reception: Reception, certificate: Path) -> None:
        listening = Listening("127.0.0.1", 0, certificate, certificate)
        self.bound = listening.bound()
        self.port = self.bound.getsockname()[1]
        self.server: Server = made(reception.desk, listening)
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        asyncio.run(self.server.serve(sockets=[self.bound]))

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(10)
        self.bound.close()


@pytest.mark.parametrize("kind", ["hmac", "ed25519"])
def test_a_webhook_and_its_receiver_understand_each_other(tmp_path: Path, kind: Any) -> None:
    authority = Authority(tmp_path)
    authority.server()
    settings = settings_in(tmp_path, allow_loopback=True)
    reception = Reception(tmp_path, give_key(settings, kind))
    running = Running(reception, next(tmp_path.glob("localhost-*.pem")))
    options = {"url": f"https://localhost:{running.port}/in", "authorities": str(authority.path)}
    channel = channel_of("webhook", options, reception.clock, settings)
    try:
        load = [parcel(number, 1, 2) for number in range(5)]
        assert channel.deliver(load) == [DELIVERED] * 5
        assert channel.deliver(load[:1]) == [DELIVERED]
    finally:
        channel.close()
        running.stop()
        reception.inbox.close()
    assert len(reception.held()) == 5
    assert [taken for _, taken in reception.taken[-2:]] == [Taken.REPEAT] * 2
    assert reception.refused == []
