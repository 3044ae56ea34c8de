"""Pulling from a real SFTP server on loopback: complete files, known keys, nothing half taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from producers.connectors.file_watch.layout import Layout
from producers.connectors.file_watch.sftp import Server, SftpSource
from recordbus.errors import Misconfigured, Retryable
from recordbus.testing.sftp import SftpServer


class Files(asyncssh.SFTPServer):
    """The department's files; a reader is cut off after `cut_after` bytes when that is set."""

    cut_after: int | None = None
    on_open: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, channel: Any, chroot: bytes) -> None:
        super().__init__(channel, chroot=chroot)
        self._served = 0
        self._connection = channel.get_connection()

    def open(self, path: bytes, pflags: int, attrs: Any) -> object:
        type(self).on_open()
        return super().open(path, pflags, attrs)

    def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        self._served += size
        if self.cut_after is not None and self._served > self.cut_after:
            self._connection.abort()
            raise asyncssh.SFTPConnectionLost("cut")
        return bytes(super().read(file_obj, offset, size))  # type: ignore[arg-type]


class Department:
    """A department with its server, and the folder that its files are pulled into."""

    def __init__(self, folder: Path) -> None:
        self.Files = type("TheirFiles", (Files,), {})
        self.server = SftpServer(folder, folder / "theirs", self.Files)
        self.files, self.layout = self.server.served, Layout(folder / "ours")

    def source(self, **more: Any) -> SftpSource:
        settings: dict[str, Any] = {"folder": "/", "port": self.server.port} | more
        keys = (self.server.key_file, self.server.known_hosts)
        server = Server("127.0.0.1", "bus", *keys, **settings)
        return SftpSource("test-pd", server, self.layout)

    def put(self, name: str, content: bytes, *, marker: bool = True) -> None:
        (self.files / name).write_bytes(content)
        if marker:
            (self.files / f"{name}.done").touch()

    def taken(self) -> dict[str, bytes]:
        incoming = self.layout.place("incoming")
        return {path.name: path.read_bytes() for path in sorted(incoming.iterdir())}


@pytest.fixture
def department(tmp_path: Path) -> Iterator[Department]:
    made = Department(tmp_path)
    yield made
    made.server.close()


def test_what_has_its_marker_is_pulled_once(department: Department) -> None:
    department.put("calls.csv", b"NO\n1\n")
    department.put("half.csv", b"NO\n1", marker=False)
    source = department.source()
    assert source.pull() == {"pulled": 1}
    assert department.taken() == {"calls.csv": b"NO\n1\n", "calls.csv.done": b""}
    for path in department.layout.place("incoming").iterdir():
        path.unlink()
    assert source.pull() == {}
    assert department.source().pull() == {}  # another process remembers, too
    department.put("calls.csv", b"NO\n1\n2\n")
    assert source.pull() == {"pulled": 1}
    assert department.taken()["calls.csv"] == b"NO\n1\n2\n"


def test_without_markers_a_file_must_look_alike_twice(department: Department) -> None:
    """Row 57: an upload that goes on is not pulled."""
    source = department.source(marker=False)
    for size in (1, 2, 3):
        department.put("calls.csv", b"x" * size, marker=False)
        assert source.pull() == {}
    assert source.pull() == {"pulled": 1}
    assert department.taken() == {"calls.csv": b"xxx"}


def test_what_was_taken_may_be_removed_there(department: Department) -> None:
    department.put("calls.csv", b"NO\n")
    assert department.source(remove=True).pull() == {"pulled": 1}
    assert list(department.files.iterdir()) == []


def test_a_connection_lost_mid_file_leaves_nothing_and_the_next_poll_has_it(
    department: Department,
) -> None:
    content = bytes(range(256)) * 8_000
    department.put("calls.csv", content)
    department.Files.cut_after = 500_000  # type: ignore[attr-defined]
    with pytest.raises(Retryable):
        department.source().pull()
    assert department.taken() == {}
    department.Files.cut_after = None  # type: ignore[attr-defined]
    assert department.source().pull() == {"pulled": 1}
    assert department.taken()["calls.csv"] == content


def test_a_file_that_changes_while_it_is_read_is_not_taken(department: Department) -> None:
    department.put("calls.csv", b"x" * 1000)

    def grow() -> None:
        with (department.files / "calls.csv").open("ab") as file:
            file.write(b"more")

    department.Files.on_open = staticmethod(grow)  # type: ignore[attr-defined]
    assert department.source().pull() == {"changing": 1}
    assert department.taken() == {}


def test_a_server_that_went_away_is_retryable_and_comes_back(department: Department) -> None:
    department.put("calls.csv", b"NO\n")
    source = department.source()
    department.server.stop()
    with pytest.raises(Retryable):
        source.pull()
    department.server.start()
    assert source.pull() == {"pulled": 1}


def test_another_server_key_is_never_spoken_to(department: Department) -> None:
    department.put("calls.csv", b"NO\n")
    department.server.trust(asyncssh.generate_private_key("ssh-ed25519"))
    with pytest.raises(Misconfigured):
        department.source().pull()
    assert department.taken() == {}


def test_a_key_that_the_server_does_not_know_is_misconfigured(department: Department) -> None:
    department.server.key_file.write_bytes(
        asyncssh.generate_private_key("ssh-ed25519").export_private_key()
    )
    with pytest.raises(Misconfigured):
        department.source().pull()


def test_without_known_hosts_nothing_begins(department: Department) -> None:
    department.server.known_hosts.unlink()
    with pytest.raises(Misconfigured):
        department.source()


def test_links_folders_and_hidden_names_are_left_alone(department: Department) -> None:
    secret = department.files.parent / "secret"
    secret.write_text("secret")
    (department.files / "link.csv").symlink_to(secret)
    (department.files / "folder.csv").mkdir()
    for name in ("link.csv.done", "folder.csv.done", ".hidden.csv", ".hidden.csv.done"):
        (department.files / name).touch()
    assert department.source().pull() == {}


def test_a_file_over_the_limit_is_not_pulled(department: Department) -> None:
    department.put("calls.csv", b"x" * 1000)
    assert department.source(largest_bytes=999).pull() == {"too_large": 1}
    assert department.taken() == {}


def test_a_file_that_waits_here_is_not_overwritten(department: Department) -> None:
    department.put("calls.csv", b"old")
    source = department.source()
    source.pull()
    department.put("calls.csv", b"newer")
    assert source.pull() == {"not_taken_yet": 1}
    assert department.taken()["calls.csv"] == b"old"
