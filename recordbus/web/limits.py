"""What a request may be before anybody looks into it: its head, its path, its size, its pace.

Invariant: nothing is decompressed, and memory does not grow past the limit whatever a client
declares or sends.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from starlette.types import Receive, Scope

from recordbus.web.problems import Problem

_PLAIN_PATH: Final = re.compile(rb"(/[A-Za-z0-9._~:@-]*)+")
_JSON: Final = re.compile(r"application/json( *; *charset=\"?utf-8\"?)?", re.IGNORECASE)
_LENGTH: Final = re.compile(rb"[0-9]{1,19}")


class ClientLeft(Exception):
    """The client closed the connection before its request was complete; nobody waits."""


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Bounds of one request."""

    body_bytes: int = 16 * 1024 * 1024
    body_seconds: float = 30.0
    path_bytes: int = 1024
    query_bytes: int = 4096
    headers: int = 100
    header_bytes: int = 16 * 1024


def screen_head(scope: Scope, limits: RequestLimits) -> None:
    """Refuse a request by its head alone; raises Problem."""
    headers = list(scope["headers"])
    _screen_headers(headers, limits)
    _screen_path(scope.get("raw_path") or scope["path"].encode(), limits)
    if len(scope["query_string"]) > limits.query_bytes:
        raise Problem("bad_path", "the query is too long")
    _screen_length(headers, limits)


def _screen_headers(headers: list[tuple[bytes, bytes]], limits: RequestLimits) -> None:
    size = sum(len(name) + len(value) for name, value in headers)
    if len(headers) > limits.headers or size > limits.header_bytes:
        raise Problem("headers_too_large")


def _screen_path(path: bytes, limits: RequestLimits) -> None:
    """Take a path only as we write it: no escapes, no empty or dotted steps, so it is one path."""
    if len(path) > limits.path_bytes or not _PLAIN_PATH.fullmatch(path):
        raise Problem("bad_path")
    if b"//" in path or any(step in (b".", b"..") for step in path.split(b"/")):
        raise Problem("bad_path")


def _screen_length(headers: list[tuple[bytes, bytes]], limits: RequestLimits) -> None:
    lengths = _values(headers, b"content-length")
    if lengths and _values(headers, b"transfer-encoding"):
        raise Problem("ambiguous_length")
    if len(set(lengths)) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        raise Problem("bad_request")
    if any(coding.lower() not in (b"", b"identity") for coding in _encodings(headers)):
        raise Problem("unsupported_media_type", "a body is taken uncompressed only")
    if lengths and int(lengths[0]) > limits.body_bytes:
        raise _too_large(limits)


def _encodings(headers: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    return [value.strip() for value in _values(headers, b"content-encoding")]


def _values(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> list[bytes]:
    return [value for name, value in headers if name.lower() == wanted]


def require_json(content_type: str | None) -> None:
    """Refuse a body that does not say that it is JSON in UTF-8; raises Problem."""
    if content_type is None or not _JSON.fullmatch(content_type.strip()):
        raise Problem("unsupported_media_type", "the Content-Type must be application/json")


async def read_body(receive: Receive, limits: RequestLimits) -> bytes:
    """Give a request's whole body.

    Raises Problem when it is too large or does not arrive in time, and ClientLeft.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.body_seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientLeft
                part = message.get("body", b"")
                size += len(part)
                if size > limits.body_bytes:
                    raise _too_large(limits)
                parts.append(part)
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError:
        raise Problem("too_slow") from None


def _too_large(limits: RequestLimits) -> Problem:
    return Problem("too_large", f"at most {limits.body_bytes} bytes are taken")
