"""A webhook against real endpoints, well and ill: rows 77 to 80, order, and what goes over TLS."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from consumers.feeds.channels import webhook
from consumers.feeds.channels.interface import DELIVERED, Outcome, Parcel, Result
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.channels.webhook import Options, Webhook
from consumers.feeds.channels.webhook.connection import Limits
from consumers.feeds.receiver.verifying import Verifier
from recordbus import metrics
from recordbus.errors import Misconfigured
from recordbus.testing.clock import EPOCH, ManualClock
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.channels.contract import bodies, parcel, told
from tests.unit.consumers.feeds.channels.made_channel import settings_in
from tests.unit.consumers.feeds.channels.webhook.certificates import Authority
from tests.unit.consumers.feeds.channels.webhook.keyed import give_key, keys_in
from tests.unit.consumers.feeds.channels.webhook.scripted import (
    Answer,
    Endpoint,
    cuts,
    dribbles,
    never_ends,
    running,
    says,
    stalls,
    writes,
)

QUICK = Limits(seconds=0.4)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Bench:
    """Endpoints and channels to them, all let go at the end."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self.folder, self.opened, self.clock = folder, opened, ManualClock()
        self.settings = settings_in(folder, allow_loopback=True)
        self.key = give_key(self.settings)

    def endpoint(self, *script: Answer, **named: Any) -> Endpoint:
        return self.opened.enter_context(running(*script, **named))

    def channel(self, url: str, limits: Limits = QUICK, **options: Any) -> Webhook:
        around = Surroundings(self.clock, self.settings)
        asked = Options.model_validate({"url": url, "connections": 1} | options)
        channel = webhook.make(asked, made.subscription(), around, limits=limits)
        self.opened.callback(channel.close)
        return channel


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as opened:
        yield Bench(tmp_path, opened)


def test_a_message_is_a_signed_request_of_its_own(bench: Bench) -> None:
    endpoint = bench.endpoint()
    sent = parcel(1, 1, 2)
    assert bench.channel(endpoint.url).deliver([sent]) == [DELIVERED]
    assert endpoint.bodies == bodies([sent])
    assert endpoint.connections == 1
    first = endpoint.received[0]
    assert first.target == "/hook?for=metro"
    assert first.headers["host"] == f"127.0.0.1:{endpoint.port}"
    assert first.headers["content-type"] == "application/cloudevents+json"
    assert first.headers["webhook-id"] == sent.deliveries[0].delivery_id
    now = EPOCH.timestamp()
    assert (
        Verifier([bench.key]).check(first.headers, first.body, now) == first.headers["webhook-id"]
    )


def test_a_second_attempt_has_the_id_of_the_first_and_its_own_time(bench: Bench) -> None:
    endpoint = bench.endpoint(says(503))
    channel = bench.channel(endpoint.url)
    assert channel.deliver([parcel(1)])[0].result is Result.LATER
    bench.clock.advance(1000)
    assert channel.deliver([parcel(1)]) == [DELIVERED]
    first, second = endpoint.received
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    moments = [int(each.headers["webhook-timestamp"]) for each in endpoint.received]
    assert moments[1] - moments[0] == 1000
    now = EPOCH.timestamp() + 1000
    assert Verifier([bench.key]).check(second.headers, second.body, now)


def test_nothing_leaves_without_a_key(bench: Bench) -> None:
    endpoint = bench.endpoint()
    channel = bench.channel(endpoint.url)
    keys_in(bench.settings).end(1, EPOCH)
    assert channel.deliver([parcel(1)]) == [Outcome(Result.LATER, "no_key")]
    keys_in(bench.settings).make("ed25519")
    (bench.settings.webhook_keys_path() / "metro-1" / "0002.ed25519.pem").chmod(0o644)
    assert channel.deliver([parcel(1)]) == [Outcome(Result.LATER, "key_unreadable")]
    assert endpoint.received == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_row_77_a_redirect_is_a_failure_and_is_not_followed(bench: Bench, status: int) -> None:
    inside = bench.endpoint()
    endpoint = bench.endpoint(says(status, Location=inside.url))
    outcomes = bench.channel(endpoint.url).deliver([parcel(1)])
    assert outcomes == [Outcome(Result.LATER, "http_3xx")]
    assert inside.connections == 0


def test_row_78_of_an_endless_answer_no_more_than_64_kib_is_read(bench: Bench) -> None:
    endpoint = bench.endpoint(never_ends)
    channel = bench.channel(endpoint.url, Limits())
    assert channel.deliver([parcel(1)]) == [Outcome(Result.REFUSED, "answer_too_long")]
    assert channel.deliver([parcel(1)]) == [DELIVERED]
    assert endpoint.connections == 2, "what it may still say is never taken for another answer"


def test_row_78_an_answer_of_64_kib_is_one(bench: Bench) -> None:
    endpoint = bench.endpoint(says(200, b"x" * 60_000))
    assert bench.channel(endpoint.url).deliver([parcel(1)]) == [DELIVERED]


@pytest.mark.parametrize("slow", [stalls, dribbles])
def test_row_78_a_slow_answer_is_a_failure_however_it_is_slow(bench: Bench, slow: Answer) -> None:
    endpoint = bench.endpoint(slow)
    began = time.monotonic()
    assert bench.channel(endpoint.url).deliver([parcel(1)]) == [Outcome(Result.REFUSED, "slow")]
    assert time.monotonic() - began < 5 * QUICK.seconds


def test_row_78_the_limits_are_those_of_the_catalogue() -> None:
    assert (Limits().seconds, Limits().most_bytes) == (15.0, 64 * 1024)


@pytest.mark.parametrize("status", [429, 503])
def test_row_79_a_pause_is_asked_for_and_stops_the_rest_of_the_load(
    bench: Bench, status: int
) -> None:
    endpoint = bench.endpoint(says(204), says(status, Retry_After="120"))
    outcomes = bench.channel(endpoint.url).deliver([parcel(each) for each in range(5)])
    later = Outcome(Result.LATER, f"http_{status}", 120.0)
    assert outcomes == [DELIVERED, later, later, later, later]
    assert len(endpoint.received) == 2


@pytest.mark.parametrize(("asked", "seconds"), [("315360000", 3600.0), ("next year", None)])
def test_row_79_ten_years_are_an_hour_and_garbage_is_nothing(
    bench: Bench, asked: str, seconds: float | None
) -> None:
    endpoint = bench.endpoint(says(429, Retry_After=asked))
    outcomes = bench.channel(endpoint.url).deliver([parcel(1)])
    assert outcomes == [Outcome(Result.LATER, "http_429", seconds)]


def test_row_80_gone_is_gone_for_the_whole_load(bench: Bench) -> None:
    endpoint = bench.endpoint(says(410))
    outcomes = bench.channel(endpoint.url).deliver([parcel(1), parcel(2)])
    assert outcomes == [Outcome(Result.GONE, "http_410")] * 2
    assert len(endpoint.received) == 1


def test_row_80_gone_counts_though_another_connection_was_only_asked_to_wait(bench: Bench) -> None:
    both = threading.Barrier(2, timeout=5)

    def together(answer: Answer) -> Answer:
        def meet(link: Any, ended: threading.Event) -> None:
            both.wait()
            answer(link, ended)

        return meet

    endpoint = bench.endpoint(together(says(410)), together(says(503)))
    channel = bench.channel(endpoint.url, Limits(), connections=2)
    assert {each.result for each in channel.deliver([parcel(1), parcel(2)])} == {Result.GONE}


@pytest.mark.parametrize("status", [401, 403])
def test_row_80_who_lets_nobody_in_is_tried_later_and_counted(bench: Bench, status: int) -> None:
    counted = metrics.FEED_WEBHOOK_REQUESTS_TOTAL.labels(code=f"http_{status}")
    before = counted._value.get()
    endpoint = bench.endpoint(otherwise=says(status))
    channel = bench.channel(endpoint.url)
    for _ in range(3):
        assert channel.deliver([parcel(1)]) == [Outcome(Result.LATER, f"http_{status}")]
    assert counted._value.get() - before == 3


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (cuts, "cut_off"), (writes(b"HTTP/1.1 200"), "bad_answer"),
        (writes(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "bad_answer"),
        (writes(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"), "bad_answer"),
        (writes(OK.replace(b": 0", b": 1\r\nContent-Length: 2")), "bad_answer"),
        (writes(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 200_000), "bad_answer"),
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_a_failure(bench: Bench, answer: Answer, code: str) -> None:
    endpoint = bench.endpoint(answer)
    (outcome,) = bench.channel(endpoint.url).deliver([parcel(1)])
    assert outcome.result is Result.REFUSED
    assert outcome.code in (code, "cut_off")


def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one(bench: Bench) -> None:
    endpoint = bench.endpoint(lambda link, _ended: link.sendall(OK + OK), says(500))
    outcomes = bench.channel(endpoint.url).deliver([parcel(1), parcel(2)])
    assert outcomes == [DELIVERED, Outcome(Result.REFUSED, "http_500")]
    assert endpoint.connections == 2


def test_early_hints_are_no_answer(bench: Bench) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    endpoint = bench.endpoint(lambda link, _ended: link.sendall(early + OK))
    assert bench.channel(endpoint.url).deliver([parcel(1), parcel(2)]) == [DELIVERED] * 2


def test_a_link_that_was_closed_while_it_was_idle_is_opened_anew(bench: Bench) -> None:
    endpoint = bench.endpoint(writes(OK))
    channel = bench.channel(endpoint.url)
    for number in range(2):
        assert channel.deliver([parcel(number)]) == [DELIVERED]
    assert endpoint.connections == 2
    assert len(endpoint.received) == 2


def test_a_link_is_not_kept_for_ever_so_that_a_name_may_move(bench: Bench) -> None:
    endpoint = bench.endpoint()
    channel = bench.channel(endpoint.url, Limits(link_seconds=0))
    for number in range(3):
        assert channel.deliver([parcel(number)]) == [DELIVERED]
    assert endpoint.connections == 3


def test_nobody_there_is_tried_later(bench: Bench) -> None:
    with running() as endpoint:
        url = endpoint.url
    assert bench.channel(url).deliver([parcel(1)]) == [Outcome(Result.LATER, "connect_failed")]


def test_a_message_that_is_refused_stops_its_record_and_no_other(bench: Bench) -> None:
    endpoint = bench.endpoint(says(204), says(422))
    again = Parcel("metro-1", parcel(1).record_key, (told(1, 4),))
    outcomes = bench.channel(endpoint.url).deliver([parcel(1, 1, 2, 3), again, parcel(2)])
    refused = Outcome(Result.REFUSED, "http_422")
    assert outcomes == [refused, refused, DELIVERED]
    assert endpoint.bodies == bodies([parcel(1, 1, 2), parcel(2)])


def test_several_records_are_on_their_way_at_once(bench: Bench) -> None:
    """Each answer waits for all requests: one after the other, none would ever come."""
    everybody = threading.Barrier(3, timeout=5)

    def waits(link: Any, ended: threading.Event) -> None:
        everybody.wait()
        says(204)(link, ended)

    endpoint = bench.endpoint(waits, waits, waits)
    channel = bench.channel(endpoint.url, Limits(), connections=3)
    assert channel.deliver([parcel(each) for each in range(3)]) == [DELIVERED] * 3
    assert endpoint.connections == 3


def test_a_subscriber_that_fails_at_everything_is_left_alone_soon(bench: Bench) -> None:
    endpoint = bench.endpoint(otherwise=says(500))
    outcomes = bench.channel(endpoint.url).deliver([parcel(each) for each in range(12)])
    assert [each.result for each in outcomes] == [Result.REFUSED] * 4 + [Result.LATER] * 8
    assert len(endpoint.received) == 5


def test_closing_ends_who_waits_for_an_answer(bench: Bench) -> None:
    endpoint = bench.endpoint(otherwise=stalls)
    channel = bench.channel(endpoint.url, Limits())
    found: list[Outcome] = []
    waiting = threading.Thread(target=lambda: found.extend(channel.deliver([parcel(1), parcel(2)])))
    waiting.start()
    while not endpoint.received:
        time.sleep(0.001)
    channel.close()
    waiting.join(5)
    assert [each.result for each in found] == [Result.REFUSED, Result.LATER]
    assert endpoint.connections == 1, "what is closed opens nothing any more"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_over_tls_an_authority_of_the_subscriber_s_own_is_believed(
    bench: Bench, authority: Authority
) -> None:
    endpoint = bench.endpoint(tls=authority.server()[0])
    channel = bench.channel(endpoint.url, Limits(), authorities=str(authority.path))
    assert channel.deliver([parcel(1), parcel(2)]) == [DELIVERED] * 2
    assert endpoint.connections == 1
    assert endpoint.received[0].headers["host"] == f"localhost:{endpoint.port}"


def _of_another(authority: Authority, folder: Path) -> ssl.SSLContext:
    return Authority(folder, "Somebody Else").server()[0]


@pytest.mark.parametrize(
    "shown",
    [
        _of_another,
        lambda authority, _: authority.server("hooks.metro.example")[0],
        lambda authority, _: authority.server(is_expired=True)[0],
    ],
    ids=["unknown authority", "another name", "expired"],
)
def test_row_80_a_certificate_that_does_not_hold_ends_it_before_a_byte_is_sent(
    bench: Bench, authority: Authority, tmp_path: Path,
    shown: Callable[[Authority, Path], ssl.SSLContext],
) -> None:  # fmt: skip
    endpoint = bench.endpoint(tls=shown(authority, tmp_path))
    channel = bench.channel(endpoint.url, Limits(), authorities=str(authority.path))
    assert channel.deliver([parcel(1)]) == [Outcome(Result.LATER, "certificate_refused")]
    assert endpoint.received == []


def test_row_80_a_certificate_that_was_named_must_be_the_one(
    bench: Bench, authority: Authority
) -> None:
    tls, digest = authority.server()
    endpoint = bench.endpoint(tls=tls)
    for pins, outcome in (
        ((digest.upper(),), DELIVERED),
        (("ab" * 32,), Outcome(Result.LATER, "certificate_changed")),
    ):
        channel = bench.channel(
            endpoint.url, Limits(), authorities=str(authority.path), certificates_sha256=pins
        )
        assert channel.deliver([parcel(1)]) == [outcome]
    assert len(endpoint.received) == 1


def test_who_speaks_no_tls_is_tried_later(bench: Bench, authority: Authority) -> None:
    endpoint = bench.endpoint()
    url = f"https://localhost:{endpoint.port}/"
    channel = bench.channel(url, authorities=str(authority.path))
    (outcome,) = channel.deliver([parcel(1)])
    assert outcome.result is Result.LATER
    assert endpoint.received == []


def test_authorities_that_cannot_be_read_are_named_when_it_is_registered(
    bench: Bench, tmp_path: Path
) -> None:
    url = "https://localhost:8443/"
    channel = bench.channel(url, authorities=str(tmp_path / "none.pem"))
    with pytest.raises(Misconfigured, match="authorities cannot be read"):
        channel.check()


def test_who_answers_before_it_has_read_it_all_refuses_one_message(bench: Bench) -> None:
    """It closes on what it did not read, so its answer may be lost on the way."""

    def serve() -> None:
        link, _ = listening.accept()
        with link:
            link.recv(1000)
            link.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        large = parcel(1, narrative="x" * 8_000_000)
        (outcome,) = bench.channel(url, Limits(seconds=5)).deliver([large])
        thread.join(5)
    assert outcome.result is Result.REFUSED
    assert outcome.code in ("http_413", "cut_off")
