"""Rows 39, 40 and 45 over real sockets on loopback: client libraries are too polite for them."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recordbus.errors import Misconfigured
from recordbus.web.limits import RequestLimits
from recordbus.web.server import Listening, Server, made
from tests.unit.producers.http_push.door import MemoryDoor, record

LIMITS = RequestLimits(body_bytes=100_000, body_seconds=0.3)


class Served:
    """A door behind a real server in a thread of its own."""

    def __init__(self, door: MemoryDoor, listening: Listening) -> None:
        self.door = door
        self.listener = listening.bound()
        self.address: tuple[str, int] = self.listener.getsockname()[:2]
        self.server: Server = made(door.app, listening)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        until(lambda: self.server.started)

    def _run(self) -> None:
        asyncio.run(self.server.serve(sockets=[self.listener]))

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join()
        self.listener.close()

    def connected(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=10)

    def talk(self, *parts: bytes) -> bytes:
        """Send bytes on a new connection and give all that comes until it is closed."""
        with self.connected() as client:
            for part in parts:
                client.sendall(part)
            return heard(client)

    def request(
        self, headers: bytes = b"", body: bytes = b"", path: bytes = b"/v1/records"
    ) -> bytes:
        return (
            b"POST " + path + b" HTTP/1.1\r\nHost: gw\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer " + self.door.token().encode() + b"\r\n" + headers
            + b"\r\n" + body
        )  # fmt: skip


def until(question: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not question():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


def heard(client: socket.socket) -> bytes:
    found = b""
    while part := client.recv(65536):
        found += part
    return found


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def code(answer: bytes) -> str:
    return str(json.loads(answer.partition(b"\r\n\r\n")[2])["code"])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    door = MemoryDoor(tmp_path_factory.mktemp("door"), limits=LIMITS)
    found = Served(door, Listening("127.0.0.1", 0, head_seconds=0.3))
    yield found
    found.stop()
    door.close()


BODY = json.dumps(record()).encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CLOSE = b"Connection: close\r\n"


def test_an_honest_request_is_answered(served: Served) -> None:
    assert status(served.talk(served.request(LENGTH + CLOSE, BODY))) == 200


def test_chunks_are_taken_too(served: Served) -> None:
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)

    answer = served.talk(served.request(b"Transfer-Encoding: chunked\r\n" + CLOSE, chunked))

    assert status(answer) == 200


def test_row_40_a_length_and_chunks_are_refused_and_what_follows_is_not_read(
    served: Served,
) -> None:
    """The second request is the one that a smuggler would have us take for another's."""
    both = b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: gw\r\n\r\n"

    answer = served.talk(served.request(both, smuggled))

    assert (status(answer), code(answer)) == (400, "ambiguous_length")
    assert answer.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 0x10\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Content-Length : 5\r\n",
        b"X: a\r\n folded\r\n : b\r\n",
        b"Bad\x00Name: x\r\n",
        b"Header-without-colon\r\n",
    ],
)
def test_row_40_a_head_that_could_be_read_in_two_ways_is_refused(
    served: Served, headers: bytes
) -> None:
    answer = served.talk(served.request(headers + CLOSE, b"hello"))

    assert status(answer) == 400
    assert answer.count(b"HTTP/1.1") == 1


def test_row_40_a_transfer_coding_that_is_not_done_here_is_refused(served: Served) -> None:
    answer = served.talk(served.request(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"))

    assert status(answer) == 501


@pytest.mark.parametrize(
    "first", [b"", b"POST /v1/rec", b"GET /healthz HTTP/1.1\r\nHost: gw\r\nX: "]
)
def test_row_40_a_head_that_never_ends_is_ended(served: Served, first: bytes) -> None:
    began = time.monotonic()

    answer = served.talk(first)

    assert (status(answer), code(answer)) == (408, "too_slow")
    assert time.monotonic() - began < 5


def test_row_40_dripping_header_bytes_buys_no_time(served: Served) -> None:
    """Slow loris: one byte now and then, never an end."""
    with served.connected() as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: gw\r\nX: ")
        stop = threading.Event()
        dripping = threading.Thread(target=drip, args=(client, stop))
        dripping.start()
        answer = client.recv(65536)
        stop.set()
        dripping.join()

    assert status(answer) == 408


def drip(client: socket.socket, stop: threading.Event) -> None:
    while not stop.wait(0.02):
        try:
            client.sendall(b"a")
        except OSError:
            return


def test_row_40_a_body_that_never_ends_is_ended(served: Served) -> None:
    answer = served.talk(served.request(b"Content-Length: 50\r\n", b"{"))

    assert (status(answer), code(answer)) == (408, "too_slow")
    assert b"connection: close" in answer.lower()


def test_row_40_ten_thousand_headers_are_refused(served: Served) -> None:
    many = b"".join(b"X-%d: y\r\n" % n for n in range(10_000))

    answer = served.talk(served.request(many))

    assert (status(answer), code(answer)) == (431, "headers_too_large")


@pytest.mark.parametrize("headers", [b"X: " + b"y" * 20_000 + b"\r\n", b"X: y\r\n" * 150])
def test_row_40_fewer_headers_than_the_parser_takes_may_still_be_too_many(
    served: Served, headers: bytes
) -> None:
    assert status(served.talk(served.request(LENGTH + CLOSE + headers, BODY))) == 431


def test_row_39_a_compressed_body_is_never_opened(served: Served) -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    headers = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n" % len(bomb)

    answer = served.talk(served.request(headers, bomb))

    assert (status(answer), code(answer)) == (415, "unsupported_media_type")


@pytest.mark.parametrize("coding", [b"br", b"deflate", b"identity, gzip", b"zstd", b"x"])
def test_row_39_an_unknown_content_encoding_is_refused(served: Served, coding: bytes) -> None:
    headers = b"Content-Encoding: " + coding + b"\r\n" + LENGTH

    assert status(served.talk(served.request(headers, BODY))) == 415


def test_row_39_a_body_that_says_it_is_too_large_is_not_read(served: Served) -> None:
    answer = served.talk(served.request(b"Content-Length: 100001\r\n", b"{"))

    assert (status(answer), code(answer)) == (413, "too_large")


def test_row_39_a_body_that_turns_out_too_large_is_refused_and_the_client_hears_it(
    served: Served,
) -> None:
    chunks = b"".join(b"1000\r\n" + b" " * 4096 + b"\r\n" for _ in range(100)) + b"0\r\n\r\n"

    answer = served.talk(served.request(b"Transfer-Encoding: chunked\r\n", chunks))

    assert (status(answer), code(answer)) == (413, "too_large")


@pytest.mark.parametrize(
    "kind", [b"text/plain", b"application/xml", b"application/json; charset=utf-16", b"a", b""]
)
def test_row_39_another_content_type_is_refused(served: Served, kind: bytes) -> None:
    request = served.request(LENGTH + CLOSE, BODY).replace(b"application/json", kind)

    assert status(served.talk(request)) == 415


@pytest.mark.parametrize(
    "path",
    [
        b"/v1/%2e%2e/records",
        b"/v1/../v1/records",
        b"/v1/./records",
        b"/v1//records",
        b"/v1/%252e%252e/records",
        b"/v1/records%00",
        b"/v1/records%0d%0aX:y",
        b"/v1\\records",
        b"/v1/records;a=b",
        b"/v1/" + b"a" * 8192,
        b"/v1/%c0%ae%c0%ae/records",
        b"http://other.example/v1/records",
        b"*",
    ],
)
def test_row_45_a_path_in_any_other_spelling_is_refused(served: Served, path: bytes) -> None:
    answer = served.talk(served.request(LENGTH + CLOSE, BODY, path=path))

    assert status(answer) in (400, 404)
    assert b"Traceback" not in answer
    assert b"other.example" not in answer


def test_a_query_is_bounded(served: Served) -> None:
    path = b"/v1/records?" + b"a" * 5000

    assert status(served.talk(served.request(LENGTH + CLOSE, BODY, path=path))) == 400


@pytest.mark.parametrize(
    "start",
    [
        b"\x16\x03\x01\x02\x00\x01",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET\r\n\r\n",
        b"\r\n\r\nX\r\n\r\n",
    ],
)
def test_what_is_no_http_is_answered_once_and_closed(served: Served, start: bytes) -> None:
    answer = served.talk(start + b"\r\n\r\n")

    assert status(answer) in (400, 408)
    assert answer.count(b"HTTP/1.1") == 1


def test_a_websocket_is_not_spoken_here(served: Served) -> None:
    upgrade = (
        b"GET /healthz HTTP/1.1\r\nHost: gw\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
    )

    assert status(served.talk(upgrade)) == 200  # the upgrade is not heard, and HTTP goes on


def test_two_requests_of_one_connection_are_answered_in_order(served: Served) -> None:
    first = served.request(LENGTH, BODY)
    second = b"GET /healthz HTTP/1.1\r\nHost: gw\r\n" + CLOSE + b"\r\n"

    answers = served.talk(first + second)

    assert answers.count(b"HTTP/1.1 200") == 2
    assert answers.endswith(b"ok\n")


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(served: Served) -> None:
    sent = len(served.door.messages())
    with served.connected() as client:
        client.sendall(served.request(b"Content-Length: 50\r\n", b"{"))

    assert status(served.talk(served.request(LENGTH + CLOSE, BODY))) == 200
    assert len(served.door.messages()) == sent + 1


def test_what_is_at_work_is_answered_before_the_server_ends(tmp_path: Path) -> None:
    door = MemoryDoor(tmp_path)
    door.producers["test-pd"].per_poll = 0
    served = Served(door, Listening("127.0.0.1", 0))
    with served.connected() as client:
        client.sendall(served.request(LENGTH, BODY))
        until(lambda: bool(door.messages()))
        served.server.should_exit = True
        until(lambda: not served.server.servers or not served.server.servers[0].is_serving())
        door.producers["test-pd"].per_poll = 100
        answer = heard(client)
    served.stop()
    door.close()

    assert status(answer) == 200


def test_tls_is_1_2_or_newer_and_plain_text_is_not_answered(tmp_path: Path) -> None:
    """R-45."""
    certificate, key = self_signed(tmp_path)
    door = MemoryDoor(tmp_path)
    served = Served(door, Listening("127.0.0.1", 0, certificate, key))
    context = ssl.create_default_context(cafile=str(certificate))
    with context.wrap_socket(served.connected(), server_hostname="localhost") as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + CLOSE + b"\r\n")
        answer, version = heard(client), client.version()
    plain = served.connected()
    plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    with plain:
        try:
            said = heard(plain)
        except ConnectionError:
            said = b""
    served.stop()
    door.close()

    assert status(answer) == 200
    assert version in ("TLSv1.2", "TLSv1.3")
    assert b"HTTP" not in said


def self_signed(folder: Path) -> tuple[Path, Path]:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, private


@pytest.mark.parametrize(
    ("listening", "why"),
    [
        (Listening("0.0.0.0", 0), "not loopback"),
        (Listening("::", 0), "not loopback"),
        (Listening("gateway.example", 0), "not loopback"),
        (Listening("127.0.0.1", 0, Path("a.pem")), "both a certificate"),
    ],
)
def test_beyond_loopback_nothing_is_served_in_plain(listening: Listening, why: str) -> None:
    """R-45."""
    with pytest.raises(Misconfigured, match=why):
        listening.checked()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_is_served_in_plain(host: str) -> None:
    assert Listening(host, 0).checked().host == host
    assert Listening("::", 0, behind_tls_proxy=True).checked().behind_tls_proxy


def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path, door: MemoryDoor) -> None:
    wrong = tmp_path / "no.pem"
    wrong.write_text("no certificate")

    with pytest.raises(Misconfigured, match="cannot be used"):
        made(door.app, Listening("127.0.0.1", 0, wrong, wrong))


def test_a_port_that_is_taken_is_named() -> None:
    with Listening("127.0.0.1", 0).bound() as first:
        first.listen()
        with pytest.raises(Misconfigured, match="cannot listen"):
            Listening("127.0.0.1", first.getsockname()[1]).bound()
