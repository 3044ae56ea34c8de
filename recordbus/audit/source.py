"""What a log publishes - its checkpoint and its tiles - read from a directory or over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Protocol

import httpx

from recordbus.audit.layout import CHECKPOINT, PUBLIC, tile_file
from recordbus.errors import Retryable

_LARGEST: Final = 64 * 1024
_TIMEOUT_SECONDS: Final = 10.0


class Source(Protocol):
    """Gives published files by their path below `public/`."""

    def read(self, path: Path) -> bytes:
        """Give a file's content, empty where there is none; raises Retryable when it is away."""


class DirectorySource:
    """The `public` directory of a log, or a copy of it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def read(self, path: Path) -> bytes:
        """Give a file's content, empty where there is none."""
        try:
            return (self._directory / path).read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise Retryable(f"what the log publishes cannot be read: {error.strerror}") from error


class UrlSource:
    """The same files behind a web server; redirects are not followed."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")

    def read(self, path: Path) -> bytes:
        """Give a file's content, empty where the server knows none."""
        url = f"{self._base}/{path.as_posix()}"
        try:
            with httpx.stream("GET", url, timeout=_TIMEOUT_SECONDS) as answer:
                if answer.status_code == httpx.codes.NOT_FOUND:
                    return b""
                answer.raise_for_status()
                content = b""
                for part in answer.iter_bytes():
                    content += part
                    if len(content) > _LARGEST:
                        raise Retryable(f"{path} is larger than what a log publishes")
                return content
        except httpx.HTTPError as error:
            raise Retryable(f"the log does not answer: {type(error).__name__}",
                            hint=f"it was asked for {url}") from error  # fmt: skip


def source_of(where: str) -> Source:
    """Give the source at an address that begins with http, or in a directory."""
    if where.startswith(("http://", "https://")):
        return UrlSource(where)
    return DirectorySource(Path(where))


def published_checkpoint(source: Source) -> str:
    """Give the newest checkpoint that a log publishes; raises Retryable when there is none yet."""
    content = source.read(CHECKPOINT.relative_to(PUBLIC))
    if not content:
        raise Retryable("the log publishes no checkpoint yet", hint="`recordbus audit checkpoint`")
    return content.decode("utf-8", "replace")


def published_tile(source: Source, height: int, index: int) -> bytes:
    """Give a tile that a log publishes, empty where there is none."""
    return source.read(tile_file(height, index).relative_to(PUBLIC))
