"""Pulling from a real SFTP server on loopback: complete files, known keys, nothing half taken."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from producers.connectors.file_watch.layout import Layout
from producers.connectors.file_watch.sftp import Server, SftpSource
from recordbus.errors import Misconfigured, Retryable


class Files(asyncssh.SFTPServer):
    """The department's files; a reader is cut off after `cut_after` bytes when that is set."""

    root: Path
    cut_after: int | None = None
    on_open: Callable[[], None] = staticmethod(lambda: None)

    def __init__(self, channel: Any) -> None:
        super().__init__(channel, chroot=str(self.root).encode())
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
    """A server that can be started, stopped and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.files = folder / "theirs"
        self.files.mkdir()
        self.layout = Layout(folder / "ours")
        self.host_key = asyncssh.generate_private_key("ssh-ed25519")
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.key_file, self.known_hosts = folder / "key", folder / "known_hosts"
        self.key_file.write_bytes(self.key.export_private_key())
        self.key_file.chmod(0o600)
        self.Files = type("TheirFiles", (Files,), {"root": self.files})
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.start()

    def start(self) -> None:
        self._listener = self._do(self._listen())
        self.port = self._listener.get_port()
        self.trust(self.host_key)

    def trust(self, key: asyncssh.SSHKey) -> None:
        public = key.export_public_key().decode().strip()
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {public}\n")

    async def _listen(self) -> Any:
        keys = asyncssh.import_authorized_keys(self.key.export_public_key().decode())
        return await asyncssh.listen(
            "127.0.0.1", self.port, server_host_keys=[self.host_key],
            authorized_client_keys=keys, password_auth=False,
            sftp_factory=self.Files,
        )  # fmt: skip

    def stop(self) -> None:
        async def close() -> None:
            self._listener.close()
            await self._listener.wait_closed()

        self._do(close())

    def close(self) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(20)

    def source(self, **more: Any) -> SftpSource:
        settings: dict[str, Any] = {"folder": "/", "port": self.port} | more
        server = Server("127.0.0.1", "bus", self.key_file, self.known_hosts, **settings)
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
    made.close()


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
    department.stop()
    with pytest.raises(Retryable):
        source.pull()
    department.start()
    assert source.pull() == {"pulled": 1}


def test_another_server_key_is_never_spoken_to(department: Department) -> None:
    department.put("calls.csv", b"NO\n")
    department.trust(asyncssh.generate_private_key("ssh-ed25519"))
    with pytest.raises(Misconfigured):
        department.source().pull()
    assert department.taken() == {}


def test_a_key_that_the_server_does_not_know_is_misconfigured(department: Department) -> None:
    department.key_file.write_bytes(
        asyncssh.generate_private_key("ssh-ed25519").export_private_key()
    )
    with pytest.raises(Misconfigured):
        department.source().pull()


def test_without_known_hosts_nothing_begins(department: Department) -> None:
    department.known_hosts.unlink()
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
