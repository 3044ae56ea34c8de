"""SFTP drop on a real server: known by keys, whole files, whatever the server can and cannot do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from consumers.feeds.channels.interface import DELIVERED, Channel, Outcome, Result
from consumers.feeds.channels.sftp_drop import SftpDrop
from recordbus.errors import Misconfigured
from recordbus.testing.clock import ManualClock
from recordbus.testing.sftp import SftpServer
from tests.unit.consumers.feeds.channels.contract import parcel
from tests.unit.consumers.feeds.channels.made_channel import channel_of, settings_in
from tests.unit.consumers.feeds.channels.sftp_drop_side import options_for


class Files(asyncssh.SFTPServer):
    """An agency's files. `synced` counts, `is_old` takes away what older servers lack."""

    synced = 0
    is_old = False
    cuts_renames = False
    full = False

    def fsync(self, file_obj: object) -> None:
        if self.is_old:
            raise asyncssh.SFTPOpUnsupported("fsync")
        type(self).synced += 1
        super().fsync(file_obj)

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self.is_old:
            raise asyncssh.SFTPOpUnsupported("posix-rename")
        super().posix_rename(oldpath, newpath)

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self.cuts_renames:
            raise asyncssh.SFTPConnectionLost("cut")
        if Path(self.map_path(newpath).decode()).exists():
            raise asyncssh.SFTPFailure("it is there")
        super().rename(oldpath, newpath)

    def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        if self.full:
            raise asyncssh.SFTPFailure("no space")
        return int(super().write(file_obj, offset, data))  # type: ignore[arg-type]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpServer]:
    server = SftpServer(tmp_path, tmp_path / "theirs", type("Theirs", (Files,), {}))
    yield server
    server.close()


def drop(server: SftpServer, **more: Any) -> Channel:
    options = options_for(server, **({"key_file": str(server.key_file)} | more))
    folder = server.key_file.parent
    return channel_of("sftp_drop", options, ManualClock(), settings_in(folder))


def numbers(server: SftpServer) -> list[int]:
    manifests = sorted(server.served.glob("*.manifest.json"))
    return [json.loads(path.read_bytes())["number"] for path in manifests]


def test_everything_is_synced_before_it_has_its_name(server: SftpServer) -> None:
    assert drop(server).deliver([parcel(1)]) == [DELIVERED]
    assert server.files.synced == 3  # type: ignore[attr-defined]
    assert not list(server.served.glob(".*.part"))


def test_an_old_server_takes_files_too(server: SftpServer) -> None:
    """Without fsync and a rename that replaces, numbers stay unbroken all the same."""
    server.files.is_old = True  # type: ignore[attr-defined]
    for number in range(3):
        assert drop(server).deliver([parcel(number)]) == [DELIVERED]
        for path in server.served.glob("MA*"):
            path.unlink()
    assert (server.served / ".last").read_text() == "3"


def test_an_old_server_that_is_cut_off_between_two_names_forgets_no_number(
    server: SftpServer,
) -> None:
    server.files.is_old = True  # type: ignore[attr-defined]
    assert drop(server).deliver([parcel(1)]) == [DELIVERED]
    for path in server.served.glob("MA*"):
        path.unlink()
    (server.served / ".last").rename(server.served / "..last.part")
    assert drop(server).deliver([parcel(2)]) == [DELIVERED]
    assert numbers(server) == [2]


def test_what_a_lost_connection_left_is_completed_and_told_again(server: SftpServer) -> None:
    server.files.is_old = server.files.cuts_renames = True  # type: ignore[attr-defined]
    assert drop(server).deliver([parcel(1)]) == [Outcome(Result.LATER, "server_away")]
    assert numbers(server) == []
    server.files.cuts_renames = False  # type: ignore[attr-defined]
    assert drop(server).deliver([parcel(1)]) == [DELIVERED]
    assert numbers(server) == [1]


def test_a_password_serves_where_a_key_does_not(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("of paper\n")
    server = SftpServer(tmp_path, tmp_path / "theirs", password="of paper")
    channel = drop(server, key_file=None, password_file=str(password))
    try:
        assert channel.deliver([parcel(1)]) == [Outcome(Result.LATER, "password_unusable")]
        password.chmod(0o600)
        assert channel.deliver([parcel(1)]) == [DELIVERED]
        password.write_text("of stone\n")
        assert channel.deliver([parcel(1)]) == [Outcome(Result.LATER, "login_refused")]
    finally:
        server.close()


def test_a_server_with_another_key_gets_nothing(server: SftpServer) -> None:
    server.trust(asyncssh.generate_private_key("ssh-ed25519"))
    assert drop(server).deliver([parcel(1)]) == [Outcome(Result.LATER, "host_key_unknown")]
    assert list(server.served.iterdir()) == []


def test_a_key_that_the_server_does_not_know_is_told_apart(server: SftpServer) -> None:
    another = asyncssh.generate_private_key("ssh-ed25519")
    server.key_file.write_bytes(another.export_private_key())
    assert drop(server).deliver([parcel(1)]) == [Outcome(Result.LATER, "login_refused")]


def test_a_folder_that_is_not_there_or_full_is_tried_later(server: SftpServer) -> None:
    assert drop(server, folder="/none").deliver([parcel(1)]) == [
        Outcome(Result.LATER, "folder_unusable")
    ]
    server.files.full = True  # type: ignore[attr-defined]
    assert drop(server).deliver([parcel(1)]) == [Outcome(Result.LATER, "folder_unusable")]
    assert numbers(server) == []


@pytest.mark.parametrize("more", [{"key_file": None}, {"password_file": "x"}, {"port": 0}])
def test_what_a_server_cannot_be_is_refused(server: SftpServer, more: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match="channel"):
        drop(server, **more)


def test_missing_keys_are_noticed_when_it_is_registered(server: SftpServer) -> None:
    channel = drop(server)
    assert isinstance(channel, SftpDrop)
    channel.check()
    server.known_hosts.unlink()
    with pytest.raises(Misconfigured, match="no file"):
        channel.check()
