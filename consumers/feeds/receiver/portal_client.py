"""Speaks to the portal as a subscriber does: gives receipts, and asks whether one was given."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from consumers.feeds.channels.webhook.outcomes import asked_seconds, code_of
from recordbus.clock import Clock
from recordbus.errors import Misconfigured
from recordbus.web.server import is_local

MOST_AT_ONCE: Final = 100
_SECONDS: Final = 10.0
_MOST_BYTES: Final = 1_000_000
_CODES: Final = {
    401: "token_refused", 403: "token_lacks_scope", 404: "no_such_subscription",
    429: "portal_busy", 503: "portal_busy",
}  # fmt: skip


class NotTaken(Exception):
    """The portal took nothing; `code` says why, `wait_seconds` what it asked for."""

    def __init__(self, code: str, wait_seconds: float | None = None) -> None:
        super().__init__(code)
        self.code, self.wait_seconds = code, wait_seconds


class PortalClient:
    """One agency's way to the portal. For one thread."""

    def __init__(self, client: httpx.Client, token: Callable[[], str], clock: Clock) -> None:
        """`token` gives the token that counts now; it raises Misconfigured."""
        self._client, self._token, self._clock = client, token, clock

    def give(self, subscription_id: str, message_ids: Sequence[str]) -> list[bool]:
        """Give receipts; say of each whether it was awaited. Raises NotTaken: none was taken."""
        path = f"/v1/subscriptions/{quote(subscription_id, safe='')}/receipts"
        answer = self._ask("POST", path, {"delivery_ids": list(message_ids)})
        try:
            statuses = [each["status"] for each in answer.json()["results"]]
        except (ValueError, KeyError, TypeError) as error:
            raise NotTaken("bad_answer") from error
        if len(statuses) != len(message_ids):
            raise NotTaken("bad_answer")
        return [each == "receipted" for each in statuses]

    def given_at(self, subscription_id: str, message_id: str) -> float | None:
        """Give when a receipt was given, in seconds since 1970; None if never. Raises NotTaken."""
        ids = (quote(subscription_id, safe=""), quote(message_id, safe=""))
        try:
            answer = self._ask("GET", "/v1/subscriptions/{}/receipts/{}".format(*ids))
            return datetime.fromisoformat(answer.json()["receipted_at"]).timestamp()
        except (ValueError, KeyError, TypeError) as error:
            raise NotTaken("bad_answer") from error
        except NotTaken as error:
            if error.code == _CODES[404]:
                return None
            raise

    def close(self) -> None:
        """Let connections go."""
        self._client.close()

    def _ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        try:
            headers = {"authorization": f"Bearer {self._token()}"}
            answer = self._client.request(method, path, json=body, headers=headers)
        except Misconfigured as error:
            raise NotTaken("no_token") from error
        except httpx.HTTPError as error:
            raise NotTaken("portal_away") from error
        if answer.status_code == httpx.codes.OK and len(answer.content) <= _MOST_BYTES:
            return answer
        now = self._clock.now().astimezone(UTC)
        wait = asked_seconds(answer.headers.get("retry-after"), now)
        raise NotTaken(_CODES.get(answer.status_code) or code_of(answer.status_code), wait)


def client_of(address: str, authorities: Path | None = None) -> httpx.Client:
    """Give connections to a portal; raises Misconfigured for an address of no use (R-45).

    `authorities` is a PEM file of those that may certify it, in place of the usual ones. Redirects
    are not followed.
    """
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        url = httpx.URL("")
    is_plain = url.scheme == "http" and is_local(url.host)
    if not url.host or url.userinfo or url.query or not (url.scheme == "https" or is_plain):
        raise Misconfigured(
            "--receipts is no address of a portal",
            hint="https://HOST, or http:// to this machine itself; no user and no query in it",
        )
    return httpx.Client(base_url=url, timeout=_SECONDS, verify=_trusted(authorities))


def _trusted(authorities: Path | None) -> ssl.SSLContext | bool:
    if authorities is None:
        return True
    try:
        return ssl.create_default_context(cafile=authorities)
    except OSError as error:
        raise Misconfigured(
            f"{authorities} cannot be read: {type(error).__name__}", hint="it is a PEM file"
        ) from error
