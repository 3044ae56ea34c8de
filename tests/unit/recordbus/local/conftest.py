"""A repository on loopback, and a list of server files that fits in memory."""

from __future__ import annotations

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recordbus.local.lockfile import LockedFile


class Repository:
    """Serves `root` over HTTP; `files` are what a list of its content would name."""

    def __init__(self, root: Path, address: str) -> None:
        self.root = root
        self.address = address
        self.files: list[LockedFile] = []

    def add(self, server: str, artifact: str, content: bytes, packaging: str = "jar") -> LockedFile:
        """Publish a file under group `g`, version 1, and name it in the list."""
        classifier = "all" if packaging != "jar" else ""
        digest = hashlib.sha256(content).hexdigest()
        file = LockedFile(server, "g", artifact, "1", classifier, packaging, len(content), digest)
        place = self.root / "g" / artifact / "1" / file.filename
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        self.files.append(file)
        return file

    def place_of(self, file: LockedFile) -> Path:
        """Give where a file is served from."""
        return self.root / "g" / file.artifact / "1" / file.filename


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    root = tmp_path / "repository"
    root.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Repository(root, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def servers_repository(repository: Repository) -> Repository:
    """Serve two jars of a broker and a bundle of a registry, a few bytes each."""
    repository.add("kafka", "first", b"first jar")
    repository.add("kafka", "second", b"second jar")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in ("quarkus/generated-bytecode.jar", "app/app.jar", "lib/main/library.jar"):
            member = tarfile.TarInfo(name)
            member.size = len(name)
            archive.addfile(member, io.BytesIO(name.encode()))
    repository.add("registry", "registry", packed.getvalue(), "tar.gz")
    return repository
