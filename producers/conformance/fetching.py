"""Fetches one file from an address that somebody typed: bounded in time and size, and as it is.

Invariant: only what was typed is asked. A redirect is told and not followed, so that no answer
leads this machine anywhere else; who may be asked at all is for the operator who types. The file
is in a folder of the caller's, which goes with the check.
"""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import unquote

import httpx

from recordbus.errors import Misconfigured, RecordbusError, Retryable
from recordbus.redaction import clean_text, clean_value

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_SECONDS: Final = 120.0
LINES: Final = (".jsonl", ".ndjson", ".json")
"""How names of files of records as JSON lines end."""
_SILENCE_SECONDS: Final = 10.0
_LINE_TYPES: Final = frozenset(
    {"application/x-ndjson", "application/jsonl", "application/x-jsonlines", "application/json"}
)
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]")
_PLAIN: Final = {"Accept-Encoding": "identity", "User-Agent": "recordbus-conformance"}


def is_address(text: str) -> bool:
    """Say whether somebody named an address instead of a file."""
    return text.lower().startswith(("http://", "https://"))


def fetched(
    address: str, folder: Path, *, most_bytes: int = MOST_BYTES, most_seconds: float = MOST_SECONDS
) -> Path:
    """Give the file at an address, written into `folder` under its own name.

    A file that its server calls JSON lines gets a name that says so. Raises Misconfigured for what
    has to be asked for in another way, and Retryable when the server is away or too slow.
    """
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if not url.host:
        raise Misconfigured("that is no address of a file", hint="https://HOST/PATH/records.jsonl")
    return asyncio.run(_within(url, folder, most_bytes, most_seconds))


async def _within(url: httpx.URL, folder: Path, most_bytes: int, most_seconds: float) -> Path:
    try:
        async with asyncio.timeout(most_seconds), httpx.AsyncClient(
            timeout=_SILENCE_SECONDS, follow_redirects=False, headers=_PLAIN
        ) as client, client.stream("GET", url) as answer:  # fmt: skip
            _check(url, answer, most_bytes)
            return await _written(url, answer, folder, most_bytes)
    except TimeoutError:
        raise Retryable(
            f"{_named(url)} was not read within {most_seconds:g} seconds",
            hint="fetch it with a tool of your own, and name the file",
        ) from None
    except httpx.HTTPError as error:
        raise Retryable(f"{_named(url)} does not answer: {type(error).__name__}") from None


def _check(url: httpx.URL, answer: httpx.Response, most_bytes: int) -> None:
    """Raise what the head of an answer says already."""
    status, headers = answer.status_code, answer.headers
    if answer.is_redirect:
        led = clean_value(headers.get("location", "")[:200])
        raise Misconfigured(
            f"{_named(url)} leads elsewhere, and that is not followed",
            hint=f"ask for that address yourself, if it is right: {led}",
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Retryable(f"{_named(url)} answers {status}")
    if status != HTTPStatus.OK:
        raise Misconfigured(f"{_named(url)} answers {status}", hint="try the address in a browser")
    if headers.get("content-encoding", "identity") != "identity":
        raise Misconfigured(f"{_named(url)} is sent packed", hint="unpack it, and name the file")
    said = headers.get("content-length", "0")
    if said.isdecimal() and int(said) > most_bytes:
        raise _too_large(url, most_bytes)


async def _written(url: httpx.URL, answer: httpx.Response, folder: Path, most_bytes: int) -> Path:
    path, size = folder / _name(url, answer.headers.get("content-type", "")), 0
    with path.open("wb") as file:
        async for part in answer.aiter_raw():
            size += len(part)
            if size > most_bytes:
                raise _too_large(url, most_bytes)
            file.write(part)
    return path


def _name(url: httpx.URL, content_type: str) -> str:
    """Give a file name that stays in its folder and ends as what it is."""
    last = unquote(url.path.rpartition("/")[2])
    name = _UNSAFE.sub("_", last)[-100:].lstrip(".") or "records"
    is_lines = content_type.partition(";")[0].strip().lower() in _LINE_TYPES
    return f"{name}.jsonl" if is_lines and not name.lower().endswith(LINES) else name


def _too_large(url: httpx.URL, most_bytes: int) -> RecordbusError:
    return Misconfigured(
        f"{_named(url)} has more than {most_bytes // (1024 * 1024)} MiB",
        hint="a part of a large export is enough; or fetch it, and name the file",
    )


def _named(url: httpx.URL) -> str:
    """Name an address without its credentials and its query, which may be one too."""
    return clean_text(f"{url.scheme}://{url.host}{url.path}")[:200]
