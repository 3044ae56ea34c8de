"""A receiver gives its receipts to the real portal until it has them, whatever fails (R-24)."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from consumers.feeds.ledger.held import Awaited
from consumers.feeds.receiver.file import opened
from consumers.feeds.receiver.inbox import Inbox, Taken
from consumers.feeds.receiver.message import Message, read_message
from consumers.feeds.receiver.owed import FIRST_SECONDS, Owed
from consumers.feeds.receiver.portal_client import PortalClient, client_of
from consumers.feeds.receiver.receipting import MOST_TRIES, Receipting
from consumers.feeds.receiver.receive_command import portal_of, receipting
from recordbus.cli import run
from recordbus.errors import ExitCode, Misconfigured, Retryable
from recordbus.testing.clock import ManualClock
from recordbus.web.server import Listening
from recordbus.web.server import made as made_server
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.portal.door import ID, MemoryPortal
from tests.unit.consumers.feeds.receiver.made import KEY, body, message_id


class Wire(httpx.BaseTransport):
    """The way to a portal in memory; `trouble` is what happens to the next requests on it.

    A request whose answer is lost was carried out all the same.
    """

    def __init__(self, portal: MemoryPortal) -> None:
        self.portal = portal
        self.trouble: list[str] = []
        self.asked: list[tuple[str, str]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        self.asked.append((request.method, request.url.path))
        trouble = self.trouble.pop(0) if self.trouble else ""
        if trouble == "away":
            raise httpx.ConnectError("nobody is there")
        if trouble.isdigit():
            return httpx.Response(int(trouble), headers={"location": "http://portal/else"})
        answer = self.portal.ask(
            request.method, request.url.path, request.read(), dict(request.headers)
        )
        if trouble == "lost":
            raise httpx.ReadTimeout("the answer was lost")
        content = b"<html>" if trouble == "garbled" else answer.content
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


class Agency:
    """An agency whose receiver stands beside its portal; the bus delivers when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.portal = MemoryPortal(folder)
        self.clock: ManualClock = self.portal.clock
        self.wire, self.path = Wire(self.portal), folder / "inbox.sqlite"
        self.token = self.portal.token()
        self.told: list[tuple[list[str], str]] = []
        self.start()

    def start(self) -> None:
        """Begin, with what the file holds and nothing else."""
        self.inbox = Inbox(self.path, notes_receipts=True)
        self.database = opened(self.path)
        client = httpx.Client(base_url="http://portal", transport=self.wire)
        self.client = PortalClient(client, self._read_token, self.clock)
        self.owed = Owed(self.database)
        self.work = Receipting(self.owed, self.client, self.clock, self._tell)

    def stop(self) -> None:
        """End, as a killed process does."""
        self.inbox.close()
        self.database.close()
        self.client.close()

    def close(self) -> None:
        """Close everything."""
        self.stop()
        self.portal.close()

    def take(self, messages: Sequence[Message]) -> list[Taken]:
        """Take messages in, as the desk does."""
        return [self.inbox.take(each, self.now()) for each in messages]

    def wait(self, seconds: float = FIRST_SECONDS) -> None:
        """Let time pass, and the receiver work."""
        self.clock.advance(seconds)
        self.work.work()

    def now(self) -> float:
        """Give the time in seconds."""
        return self.clock.epoch_ms() / 1000

    def awaited(self) -> int:
        """Give how many receipts the bus awaits."""
        return len(self.portal.ledger.held.awaited(ID))

    def _read_token(self) -> str:
        if not self.token:
            raise Misconfigured("there is no token")
        return self.token

    def _tell(self, message_ids: Sequence[str], code: str) -> None:
        self.told.append((list(message_ids), code))


@pytest.fixture
def agency(tmp_path: Path) -> Iterator[Agency]:
    agency = Agency(tmp_path)
    yield agency
    agency.close()


def corrected(agency: Agency, records: int = 1) -> list[Message]:
    """Let the bus deliver records and then take them back; give the messages in their order."""
    bus = agency.portal.bus
    agency.portal.subscribe(kind="memory")
    bus.say(*(made.record(number, 1, "told") for number in range(records)))
    agency.portal.settle()
    bus.rest()
    bus.say(*(made.record(number, 2, "", "expunged") for number in range(records)))
    bus.rest()
    agency.token = agency.portal.token()
    return [received(each) for each in bus.partner.received]


def received(envelope: dict[str, object]) -> Message:
    """Give a message as the desk reads it."""
    return read_message(str(envelope["id"]), orjson.dumps(envelope))


def test_every_message_that_asks_for_a_receipt_is_receipted_once(agency: Agency) -> None:
    messages = corrected(agency, 3)
    asking = [each.message_id for each in messages if each.receipt_within_hours]
    agency.take(messages)
    assert (len(messages), agency.awaited()) == (6, 3)
    agency.wait()
    assert agency.awaited() == 0
    assert [(sorted(ids), code) for ids, code in agency.told] == [(sorted(asking), "")]
    assert agency.wire.asked == [("POST", f"/v1/subscriptions/{ID}/receipts")]
    agency.wait(3600)
    assert len(agency.wire.asked) == 1, "nothing is given twice"
    entry = agency.portal.audit.entries[-1]
    assert (entry.command, entry.requester) == ("feeds.receipt", "case-system")


def test_what_came_late_and_what_came_again_are_receipted_too(agency: Agency) -> None:
    """A message that a newer one overtook is carried out by that one; the bus awaits both."""
    bus = agency.portal.bus
    agency.portal.subscribe(kind="memory")
    for version in (1, 2, 3):
        bus.say(made.record(1, version, f"as of {version}"))
        bus.rest()
    agency.token = agency.portal.token()
    first, second, third = map(received, bus.partner.received)
    assert agency.take([first, third, second, second]) == [
        Taken.NEW, Taken.NEW, Taken.OLDER, Taken.REPEAT,
    ]  # fmt: skip
    assert agency.awaited() == 2
    agency.wait()
    assert agency.awaited() == 0


@pytest.mark.parametrize(
    ("trouble", "code"),
    [("away", "portal_away"), ("500", "http_500"), ("301", "http_3xx"), ("418", "http_4xx"),
     ("garbled", "bad_answer"), ("lost", "portal_away")],
)  # fmt: skip
def test_trouble_on_the_way_delays_a_receipt_and_loses_none(
    agency: Agency, trouble: str, code: str
) -> None:
    agency.take(corrected(agency))
    agency.wire.trouble = [trouble] * 3
    agency.wait()
    assert agency.told[-1][1] == code
    for seconds in (7, 40, 400):
        agency.wait(seconds)
    assert agency.awaited() == 0
    assert agency.told[-1][1] == ""
    assert agency.owed.next_seconds() is None


def test_an_answer_that_was_lost_is_found_by_the_proof_of_the_receipt(agency: Agency) -> None:
    agency.take(corrected(agency))
    agency.wire.trouble = ["lost"]
    agency.wait()
    assert agency.awaited() == 0
    agency.wait(10)
    assert [code for _, code in agency.told] == ["portal_away", ""]
    assert [method for method, _ in agency.wire.asked] == ["POST", "POST", "GET"]
    given = [each for each in agency.portal.audit.entries if each.command == "feeds.receipt"]
    assert len(given) == 1, "it was given once"


def test_a_receipt_that_the_bus_does_not_await_yet_is_given_once_it_does(agency: Agency) -> None:
    """The bus notes a delivery after the answer to it, so a quick receipt may be too early."""
    bus = agency.portal.bus
    agency.portal.subscribe(kind="memory")
    bus.say(made.record(1, 1, "told"))
    bus.rest()
    bus.executor.is_late = True
    bus.say(made.record(1, 2, "", "expunged"))
    bus.settle(3)
    bus.executor.work()  # it is delivered, and the bus has not looked at the answer
    agency.token = agency.portal.token()
    agency.take([received(each) for each in bus.partner.received])
    agency.wait()
    assert (agency.awaited(), agency.told) == (0, [])
    bus.settle(3)
    assert agency.awaited() == 1
    agency.wait(10)
    assert (agency.awaited(), agency.told[-1][1]) == (0, "")


def test_what_is_told_again_is_receipted_again(agency: Agency) -> None:
    """A proof from before the message came again is not taken for its receipt."""
    messages = corrected(agency)
    agency.take(messages)
    agency.wait()
    agency.clock.advance(60)
    retraction = messages[-1]
    agency.take([retraction])
    agency.wait()
    assert agency.owed.next_seconds() is not None
    with agency.portal.ledger.transaction():
        agency.portal.ledger.held.await_receipts(ID, [_awaited(agency, retraction)])
    agency.wait(10)
    assert agency.awaited() == 0
    assert agency.owed.next_seconds() is None


def _awaited(agency: Agency, message: Message) -> Awaited:
    now_us = int(agency.now() * 1_000_000)
    return Awaited(message.message_id, message.subject, message.sequence, now_us, now_us + 1)


def test_what_nobody_awaits_is_tried_for_a_while_and_then_said_to_be_so(agency: Agency) -> None:
    agency.portal.subscribe(kind="memory")
    agency.token = agency.portal.token()
    agency.take([read_message(message_id(), body(subscription_id=ID, receipt_within_hours=24))])
    for _ in range(MOST_TRIES):
        agency.token = agency.portal.token()
        agency.wait(400)
    assert agency.told == [([message_id()], "not_awaited")]
    assert agency.owed.next_seconds() is None


@pytest.mark.parametrize(
    ("token", "code"),
    [("", "no_token"), ("e30.e30.e30", "token_refused"), ("read only", "token_lacks_scope"),
     ("another agency", "no_such_subscription")],
)  # fmt: skip
def test_a_token_of_no_use_is_said_to_be_so_and_a_new_one_is_read(
    agency: Agency, token: str, code: str
) -> None:
    agency.take(corrected(agency))
    made_here = {"read only": agency.portal.token(scopes=("feeds:read",)),
                 "another agency": agency.portal.token("gulf-port-authority")}  # fmt: skip
    good, agency.token = agency.token, made_here.get(token, token)
    agency.wait()
    assert (agency.told[-1][1], agency.awaited()) == (code, 1)
    agency.token = good
    agency.wait(10)
    assert (agency.told[-1][1], agency.awaited()) == ("", 0)


def test_a_portal_that_cannot_take_it_now_is_asked_again(agency: Agency) -> None:
    agency.take(corrected(agency))
    agency.portal.audit.failure = Retryable("the audit is away")
    agency.wait()
    assert agency.told[-1][1] == "portal_busy"
    agency.portal.audit.failure = None
    agency.wait(10)
    assert agency.awaited() == 0


def test_a_receiver_that_was_killed_gives_what_it_owed_when_it_begins_again(
    agency: Agency,
) -> None:
    agency.take(corrected(agency, 2))
    agency.wire.trouble = ["away"]
    agency.wait()
    agency.stop()
    agency.start()
    agency.wait(10)
    assert agency.awaited() == 0


def test_more_than_go_at_once_all_go(agency: Agency) -> None:
    agency.take(corrected(agency, 130))
    agency.wait()
    assert agency.awaited() == 30
    agency.wait(0)
    assert agency.awaited() == 0


def test_without_the_option_nothing_is_noted(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox.sqlite")
    inbox.take(read_message(message_id(), body(subscription_id=ID, receipt_within_hours=24)), 0)
    inbox.close()
    assert Owed(opened(tmp_path / "inbox.sqlite")).next_seconds() is None


@pytest.mark.parametrize("said", ["../../v2", "metro-1/x", "", 7, "a" * 61])
def test_what_is_no_id_of_a_subscription_becomes_no_path(agency: Agency, said: object) -> None:
    told = body(subscription_id=said, receipt_within_hours=24)
    agency.take([read_message(message_id(), told)])
    assert agency.owed.next_seconds() is None


def test_the_command_gives_receipts_over_http_while_it_receives(
    agency: Agency, tmp_path: Path
) -> None:
    messages = corrected(agency)
    token = tmp_path / "token"
    token.touch(0o600)
    token.write_text(agency.token)
    told: queue.Queue[tuple[list[str], str]] = queue.Queue()
    with (
        served(agency.portal.app) as address,
        closing(portal_of(address, token, None, agency.clock)) as portal,
        receipting(agency.path, portal, agency.clock, lambda *each: told.put(each)) as wake,
    ):
        agency.take(messages)
        agency.clock.advance(FIRST_SECONDS)
        wake()
        ids, code = told.get(timeout=20)
    assert (ids, code) == ([messages[-1].message_id], "")
    assert agency.awaited() == 0
    assert not [each for each in threading.enumerate() if each.name == "receipts"]


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an application on this machine for the length of a block."""
    listening = Listening("127.0.0.1", 0)
    bound, server = listening.bound(), made_server(app, listening)
    bound.listen()
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[bound])))
    thread.start()
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        bound.close()


def test_receipts_need_a_token(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = tmp_path / "keys"
    key.write_text(KEY.shown())
    asked = ["feeds", "receive", "--key", str(key), "--folder", str(tmp_path / "in")]
    assert run([*asked, "--receipts", "https://bus.example.org"]) == ExitCode.MISCONFIGURED
    assert "--receipts-token" in capsys.readouterr().err


@pytest.mark.parametrize(
    "address",
    ["http://bus.example.org", "ftp://bus.example.org", "https://", "bus.example.org", "",
     "https://user:pass@bus.example.org", "http://[", "https://bus.example.org/?a=b"],
)  # fmt: skip
def test_receipts_go_over_tls_or_stay_on_this_machine(address: str) -> None:
    """R-45: a token never leaves this machine in the clear."""
    with pytest.raises(Misconfigured, match="--receipts"):
        client_of(address)
    for good in ("https://bus.example.org", "http://127.0.0.1:8481", "http://localhost:8481"):
        client_of(good).close()


def test_authorities_that_cannot_be_read_are_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"ca\.pem"):
        client_of("https://bus.example.org", tmp_path / "ca.pem")


def test_the_limit_of_the_portal_is_no_end(agency: Agency) -> None:
    agency.take(corrected(agency))
    agency.wire.trouble = ["429", "503"]
    agency.wait()
    agency.wait(10)
    agency.wait(60)
    assert [code for _, code in agency.told] == ["portal_busy", "portal_busy", ""]
