"""Problems: the one form in which a door says no (RFC 9457), from one closed list (pure).

Invariant: a problem names what is wrong and where, never what was sent.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import orjson

MEDIA_TYPE: Final = "application/problem+json"


class Kind(NamedTuple):
    """What a code stands for: its status, and a sentence that is the same for all who meet it."""

    status: int
    title: str
    next_step: str


KINDS: Final[dict[str, Kind]] = {
    "empty_body": Kind(400, "The body is empty.", "Send one JSON document."),
    "byte_order_mark": Kind(400, "The body begins with a byte order mark.", "Send plain UTF-8."),
    "bad_utf8": Kind(400, "The body is not UTF-8.", "Send JSON as UTF-8."),
    "bad_json": Kind(400, "The body is not JSON.", "Correct it at the line and column named."),
    "duplicate_key": Kind(400, "An object holds a key twice.", "Send every key once."),
    "not_finite": Kind(400, "A number is not finite.", "Leave the field out instead."),
    "number_too_long": Kind(400, "A number has too many digits.", "Send it as a text."),
    "too_deep": Kind(400, "The body is nested too deeply.", "Send it as the reference shows."),
    "lone_surrogate": Kind(
        400, "A text holds half a character.", "Write characters beyond U+FFFF as a pair."
    ),
    "bad_request": Kind(400, "The request is not HTTP as it should be.", "Check the client."),
    "ambiguous_length": Kind(
        400, "The request states its length twice.", "Send Content-Length or chunks, not both."
    ),
    "bad_path": Kind(400, "The path is not in its plain form.", "Send the path as documented."),
    "bad_idempotency_key": Kind(
        400, "The Idempotency-Key is not usable.", "Send one, of 8 to 128 letters, digits, . _ -"
    ),
    "unauthenticated": Kind(401, "The request is not authenticated.", "Get a new token."),
    "forbidden": Kind(403, "The token does not allow this.", "Ask the operator of the bus."),
    "not_found": Kind(404, "There is nothing here.", "Check the path."),
    "method_not_allowed": Kind(405, "The method is not for this path.", "See the header Allow."),
    "too_slow": Kind(408, "The request did not arrive in time.", "Send it in one go."),
    "key_reused": Kind(
        409, "The Idempotency-Key was used for another body.", "Use a new key for a new body."
    ),
    "key_in_use": Kind(
        409, "A request with this Idempotency-Key is still at work.", "Send it again later."
    ),
    "too_large": Kind(413, "The body is too large.", "Send fewer or smaller records."),
    "unsupported_media_type": Kind(
        415, "The body is in a form that is not read here.", "Send application/json, uncompressed."
    ),
    "bad_parameter": Kind(
        400, "The query has what is not taken here.", "Send the parameters as documented."
    ),
    "invalid_body": Kind(422, "The body is not as it must be.", "Correct the fields named."),
    "cursor_unknown": Kind(
        409,
        "The cursor is not the one that was given last.",
        "Fetch without a cursor, and ask for a re-send of what was lost.",
    ),
    "told_otherwise": Kind(
        409, "This subscription is told in another way.", "Look where its channel puts messages."
    ),
    "has_ended": Kind(409, "The subscription has ended.", "Ask the operator for another one."),
    "needs_approval": Kind(
        403,
        "So much is not sent again without approval.",
        "Ask for less, or ask the operator of the bus.",
    ),
    "invalid_record": Kind(422, "The record is not as it must be.", "Correct the fields named."),
    "oversize": Kind(413, "The record is larger than a record may be.", "Split the record."),
    "too_many_items": Kind(422, "The batch holds too many records.", "Send several batches."),
    "too_many_requests": Kind(429, "Requests come too fast.", "Wait as Retry-After says."),
    "headers_too_large": Kind(431, "The headers are too large.", "Send fewer headers."),
    "internal_error": Kind(500, "Something went wrong here.", "Tell the operator the request id."),
    "not_implemented": Kind(501, "The request needs what is not done here.", "Check the client."),
    "unavailable": Kind(
        503, "The bus cannot take this now, and nothing of it counts.", "Send the same again."
    ),
}


class Fault(NamedTuple):
    """One thing that is wrong: where, as a JSON pointer (RFC 6901), and a code with a sentence."""

    pointer: str
    code: str
    detail: str


class Problem(Exception):
    """Ends a request with a problem; `retry_after_seconds` becomes the header Retry-After."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        faults: tuple[Fault, ...] = (),
        line: int | None = None,
        column: int | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.kind = KINDS[code]
        self.detail = detail
        self.faults = faults
        self.line = line
        self.column = column
        self.retry_after_seconds = retry_after_seconds

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.kind.status

    def document(self) -> dict[str, Any]:
        """Give the problem document."""
        kind = self.kind
        found: dict[str, Any] = {
            "type": f"urn:recordbus:problem:{self.code}",
            "title": kind.title,
            "status": kind.status,
            "code": self.code,
            "next": kind.next_step,
        }
        if self.detail:
            found["detail"] = self.detail
        if self.line is not None:
            found |= {"line": self.line, "column": self.column}
        if self.faults:
            found["errors"] = [fault._asdict() for fault in self.faults]
        return found

    def body(self) -> bytes:
        """Give the problem document as it is sent."""
        return orjson.dumps(self.document())

    def headers(self) -> dict[str, str]:
        """Give the headers that go with it."""
        headers = {"content-type": MEDIA_TYPE}
        if self.retry_after_seconds is not None:
            headers["retry-after"] = str(self.retry_after_seconds)
        if self.code == "unauthenticated":
            headers["www-authenticate"] = "Bearer"
        if closes(self.code):
            headers["connection"] = "close"
        return headers


def closes(code: str) -> bool:
    """Say whether what follows on the connection cannot be trusted, or was not read."""
    return code in _CLOSING


_CLOSING: Final = frozenset(
    {
        "bad_request",
        "ambiguous_length",
        "bad_path",
        "too_slow",
        "too_large",
        "headers_too_large",
        "unsupported_media_type",
        "not_implemented",
    }
)


def schema() -> dict[str, Any]:
    """Give the JSON Schema of a problem document."""
    text = {"type": "string"}
    fault = {
        "type": "object",
        "properties": {"pointer": text, "code": text, "detail": text},
        "required": ["pointer", "code", "detail"],
        "additionalProperties": False,
    }
    whole = {"type": "integer", "minimum": 1}
    return {
        "title": "Problem",
        "type": "object",
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "code": {"type": "string", "enum": list(KINDS)},
            "next": text,
            "detail": text,
            "line": whole,
            "column": whole,
            "errors": {"type": "array", "items": fault},
        },
        "required": ["type", "title", "status", "code", "next"],
        "additionalProperties": False,
    }
