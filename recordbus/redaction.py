"""What a log line may hold, decided without knowing who writes it (pure).

Invariant: a value passes only under a key of `ALLOWED_KEYS`, and only as a number, a truth value
or one ASCII token without spaces; an exception passes as its type and the places it went through.
The messages of our own error tree pass, because they are ours and hold no content of a record.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from typing import Any

from recordbus.errors import RecordbusError, Rejected

ALLOWED_KEYS: Mapping[str, str] = {
    "agency": "name of a subscribing agency",
    "attempt": "how often something was tried",
    "batch_events": "messages in a batch",
    "bytes": "a size in bytes",
    "child": "name of a supervised process",
    "command": "which command runs",
    "commit": "commit of the running build",
    "count": "how many",
    "department": "name of a publishing department",
    "door": "which door over HTTP wrote the line",
    "error": "type of an exception",
    "error_at": "file, line and function an exception passed through, innermost last",
    "error_cause": "type of the exception behind an exception",
    "exit_code": "how a process ended",
    "group": "a consumer group",
    "lag_records": "messages behind",
    "lag_seconds": "seconds behind",
    "level": "how serious the line is",
    "limit": "a limit that was met",
    "logger": "which part wrote the line",
    "method": "an HTTP method",
    "offset": "offset of a message",
    "operation": "what was being done",
    "outcome": "how something ended, from a closed list",
    "partition": "a partition number",
    "path": "a file or directory of the installation",
    "pid": "a process id",
    "port": "a port number",
    "position": "a byte offset in a message",
    "purpose": "a purpose code of a search",
    "reason": "a reason code",
    "record_key": "a record's opaque key",
    "record_kind": "one of the record kinds",
    "request_id": "the id that a door gave a request, and that its answer quotes",
    "route": "a route of a door, with names in place of values",
    "schema_id": "id of a schema in the registry",
    "seconds": "how long something took",
    "sink": "name of a sink",
    "stage": "name of a stage",
    "state_values": "how many state values",
    "status": "an HTTP status",
    "subject": "name of a subject in the registry",
    "subscription": "id of a subscription",
    "timestamp": "when the line was written, UTC",
    "topic": "name of a topic",
    "url": "address of a server, without credentials",
    "version": "a version number",
}
"""Every key a log line may have, and what it holds."""

REDACTED = "[redacted]"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TOKEN = re.compile(r"[\w.:/@+\-<>\[\]{}=,*?&%#]{0,300}", re.ASCII)
_CREDENTIALS = re.compile(r"//[^/@]*@")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_MAX_ITEMS = 50
_MAX_TEXT = 1000
_MAX_PLACES = 8


def clean_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values that may be written; what may not be is replaced, never shortened."""
    return {
        key: clean_value(value) if key in ALLOWED_KEYS else REDACTED
        for key, value in values.items()
        if _KEY.fullmatch(key)
    }


def clean_value(value: Any) -> Any:
    """Give a value as it may be written: numbers, truth values and tokens stay, all else goes."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [clean_value(item) for item in list(value)[:_MAX_ITEMS]]
    text = str(value)
    return _CREDENTIALS.sub("//", text) if _TOKEN.fullmatch(text) else REDACTED


def clean_text(text: str) -> str:
    """Give a text of our own on one line: control characters cannot forge a second line."""
    return _CONTROL.sub(" ", text)[:_MAX_TEXT]


def describe_exception(error: BaseException) -> dict[str, Any]:
    """Give an exception's type, its cause's type and where it arose; its message only if ours."""
    described: dict[str, Any] = {"error": type(error).__name__, "error_at": places(error)}
    cause = error.__cause__ or error.__context__
    if cause is not None:
        described["error_cause"] = type(cause).__name__
    if isinstance(error, Rejected):
        described["reason"] = error.reason
    if isinstance(error, RecordbusError):
        described["message"] = clean_text(str(error))
    return described


def places(error: BaseException) -> list[str]:
    """Give `file:line:function` of the last frames an exception passed, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-_MAX_PLACES:]
    return [f"{_short(frame.filename)}:{frame.lineno}:{frame.name}" for frame in frames]


def clean_argument(value: Any, *, trusted: bool) -> Any:
    """Give an argument of a library's log message as it may be written.

    Numbers pass; a trusted library's tokens (hosts, topics, groups) pass; else the type remains.
    """
    if isinstance(value, bool | int | float):
        return value
    if trusted and isinstance(value, str) and _TOKEN.fullmatch(value):
        return value
    return f"<{type(value).__name__}>"


def _short(filename: str) -> str:
    return "/".join(filename.replace("\\", "/").split("/")[-3:])
