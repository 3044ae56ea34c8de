"""A file behind an address: one question, bounded, and nobody is followed elsewhere."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from producers.conformance.fetching import MOST_BYTES, fetched, is_address
from recordbus.cli import run
from recordbus.errors import ExitCode, Misconfigured, Retryable
from tests.unit.producers.conformance.test_conformance import ROSA, contact


class Page(NamedTuple):
    """What the server says under a path; `holds_back` keeps the connection open after it."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    holds_back: bool = False


class Server:
    """A web server on loopback, with the paths that it was asked for."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[str] = []
        self.over = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append(self.path)
                page = server.pages.get(self.path.partition("?")[0], Page(status=404))
                self.send_response(page.status)
                for name, value in page.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(page.body)
                if page.holds_back:
                    self.wfile.flush()
                    server.over.wait(30)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()

    def close(self) -> None:
        self.over.set()
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


RECORDS = "\n".join(json.dumps(contact(f"C{n}", ROSA)) for n in range(3)).encode()


def test_records_behind_an_address_are_checked_as_a_file_is(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.pages["/today/records.jsonl"] = Page(RECORDS)

    assert run(["conformance", f"{server.base}/today/records.jsonl?token=canary", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["read"], found["accepted"], found["ready"]) == (3, 3, True)
    assert len(server.asked) == 1


def test_nothing_of_the_file_is_left(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    server.pages["/records.jsonl"] = Page(RECORDS)

    assert run(["conformance", f"{server.base}/records.jsonl"]) == 0
    assert list(tmp_path.iterdir()) == []


def test_an_export_needs_its_mapping_behind_an_address_too(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    server.pages["/export.csv"] = Page(b"NO\n1\n")

    assert run(["conformance", f"{server.base}/export.csv"]) == ExitCode.MISCONFIGURED
    assert "export.csv is no file of JSON lines" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "content_type", "name"),
    [("/a/records.ndjson", "text/plain", "records.ndjson"),
     ("/api/changes", "application/x-ndjson; charset=utf-8", "changes.jsonl"),
     ("/a/contacts%202026.csv", "text/csv", "contacts_2026.csv"),
     ("/", "application/json", "records.jsonl"),
     ("/a/..%2f..%2fetc%2fpasswd", "text/plain", "passwd"),
     ("/a/%2e%2e", "text/plain", "records")],
)  # fmt: skip
def test_a_file_keeps_its_name_and_stays_in_its_folder(
    server: Server, tmp_path: Path, path: str, content_type: str, name: str
) -> None:
    page = Page(b"x", headers=(("Content-Type", content_type),))
    server.pages = {path: page, "/": page, "/etc/passwd": page, "/a/": page}
    found = fetched(server.base + path, tmp_path)

    assert found == tmp_path / found.name
    assert found.name.endswith(name)
    assert found.read_bytes() == b"x"


def test_a_redirect_is_told_and_not_followed(server: Server, tmp_path: Path) -> None:
    led = (("Location", f"{server.base}/inside.jsonl"),)
    server.pages = {"/outside.jsonl": Page(status=302, headers=led), "/inside.jsonl": Page(RECORDS)}

    with pytest.raises(Misconfigured, match=r"not followed.*/inside\.jsonl"):
        fetched(f"{server.base}/outside.jsonl", tmp_path)
    assert server.asked == ["/outside.jsonl"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("says_how_much", [True, False])
def test_a_file_that_is_too_large_is_cut_short(
    server: Server, tmp_path: Path, says_how_much: bool
) -> None:
    length = (("Content-Length", str(3 << 20)),) if says_how_much else ()
    server.pages["/large.jsonl"] = Page(b"x" * (3 << 20), headers=length)

    with pytest.raises(Misconfigured, match="more than 1 MiB"):
        fetched(f"{server.base}/large.jsonl", tmp_path, most_bytes=1 << 20)
    written = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert written <= 1 << 20
    assert MOST_BYTES == 64 << 20


def test_what_is_packed_is_not_unpacked(server: Server, tmp_path: Path) -> None:
    """A few bytes may be gigabytes when they are unpacked."""
    packed = (("Content-Encoding", "gzip"),)
    server.pages["/r.jsonl"] = Page(gzip.compress(RECORDS), headers=packed)

    with pytest.raises(Misconfigured, match="packed"):
        fetched(f"{server.base}/r.jsonl", tmp_path)


def test_a_server_that_never_ends_is_left(server: Server, tmp_path: Path) -> None:
    server.pages["/r.jsonl"] = Page(b"{", headers=(("Content-Length", "99"),), holds_back=True)

    with pytest.raises(Retryable, match=r"within 0\.2 seconds"):
        fetched(f"{server.base}/r.jsonl", tmp_path, most_seconds=0.2)


@pytest.mark.parametrize(
    ("status", "error"),
    [(404, Misconfigured), (401, Misconfigured), (206, Misconfigured), (500, Retryable),
     (503, Retryable), (429, Retryable)],
)  # fmt: skip
def test_an_answer_that_is_no_file_is_named_without_credentials(
    server: Server, tmp_path: Path, status: int, error: type[Exception]
) -> None:
    server.pages["/r.jsonl"] = Page(status=status)
    address = server.base.replace("//", "//user:canary@") + "/r.jsonl?key=canary"

    with pytest.raises(error, match=str(status)) as caught:
        fetched(address, tmp_path)
    assert "canary" not in str(caught.value)


def test_a_server_that_is_not_there_is_away(server: Server, tmp_path: Path) -> None:
    server.close()

    with pytest.raises(Retryable, match="does not answer"):
        fetched(f"{server.base}/r.jsonl", tmp_path)


@pytest.mark.parametrize("address", ["http://", "https:///x", "http://a:b:c/", "http://[::1/x"])
def test_what_is_no_address_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="no address"):
        fetched(address, tmp_path)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("https://h/r", True), ("HTTP://h/r", True), ("ftp://h/r", False), ("r.jsonl", False),
     ("file:///etc/passwd", False), ("http:/r", False)],
)  # fmt: skip
def test_only_http_is_an_address(text: str, is_one: bool) -> None:
    assert is_address(text) == is_one
