"""A portal in memory: the real routes and desk over a ledger that a bus writes at the same time.

The portal has a connection to the ledger of its own, as a process of its own has.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from consumers.feeds.asking import Asking
from consumers.feeds.channels.interface import Channel
from consumers.feeds.channels.poll import Poll
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.ledger.register import Registered
from consumers.feeds.portal.api import Parts, portal_door
from consumers.feeds.portal.desk import Desk, Rules
from consumers.feeds.portal.fetching import Bounds, Fetching
from consumers.feeds.registering import Registrar
from consumers.feeds.saying import Part
from recordbus.testing.audit import MemoryAudit
from recordbus.testing.ids import SequenceIds
from recordbus.web.issuing import issue, make_key
from recordbus.web.keyring import Keyring
from recordbus.web.limits import RequestLimits
from recordbus.web.rates import Rate, RateLimits
from recordbus.web.tokens import Terms, Tokens
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.bus import Bus

TERMS = Terms("recordbus", "recordbus-portal", binds="agency")
SCOPES = ("feeds:read", "feeds:write")
ID = "metro-1"


class PolledBus(Bus):
    """A bus whose subscribers fetch where their subscription says so."""

    def _channel(self, registered: Registered) -> Any:
        found: Channel = super()._channel(registered)
        return Poll() if registered.subscription.channel.kind == "poll" else found


class MemoryPortal:
    """Everything of one portal, and short ways to ask it; `bus` is the feeds worker's side."""

    def __init__(
        self, folder: Path, *, bounds: Bounds | None = None, rules: Rules | None = None,
        rate: Rate | None = None, limits: RequestLimits | None = None,
    ) -> None:  # fmt: skip
        self.bus = PolledBus(folder / "feeds.sqlite")
        self.clock, self.audit = self.bus.clock, MemoryAudit()
        self.keys = folder / "keys.json"
        make_key(self.keys)
        self.ledger = Ledger(self.bus.path, dict.fromkeys(Part, self.bus._value))
        ids = SequenceIds("portal")
        self.desk = Desk(
            self.ledger,
            Fetching(
                self.ledger, self._policies, self.audit, self.clock, ids,
                source="urn:recordbus:test", bounds=bounds or Bounds(),
            ),
            lambda: Registrar(self.ledger, self.bus.policies, self.audit, self.clock, ids),
            lambda: Asking(self.ledger, self.bus.policies, self.audit, self.clock, ids),
            self.audit, self.clock, ids, rules or Rules(stale_seconds=10**9),
        )  # fmt: skip
        self.parts = Parts(
            self.desk, _at_once, Tokens(Keyring(self.keys), TERMS, self.clock),
            RateLimits(rate or Rate(1e6, 1e6), self.clock), limits or RequestLimits(),
            self._ready, self.clock, ids,
        )  # fmt: skip
        self.app = portal_door(self.parts)

    def subscribe(self, subscription_id: str = ID, kind: str = "poll", **fields: Any) -> None:
        """Register a subscription of the agency."""
        self.bus.subscribe(made.subscription(subscription_id, channel={"kind": kind}, **fields))
        self.bus.settle()

    def token(self, agency: str = made.AGENCY, scopes: tuple[str, ...] = SCOPES) -> str:
        """Give a token that counts now."""
        return issue(
            self.keys, TERMS, self.clock, SequenceIds("token"),
            agency=agency, subject="case-system", scopes=scopes, seconds=900,
        )  # fmt: skip

    def headers(self, agency: str = made.AGENCY) -> dict[str, str]:
        """Give the headers of an honest request."""
        return {
            "authorization": f"Bearer {self.token(agency)}", "content-type": "application/json",
        }  # fmt: skip

    def ask(
        self, method: str, path: str, content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        """Send one request."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://portal") as client:
                return await client.request(method, path, content=content, headers=headers)

        return asyncio.run(send())

    def get(self, path: str = "", agency: str = made.AGENCY) -> httpx.Response:
        """Ask for something about the subscription."""
        return self.ask("GET", f"/v1/subscriptions/{ID}{path}", None, self.headers(agency))

    def post(self, path: str, value: Any = None, agency: str = made.AGENCY) -> httpx.Response:
        """Send a value about the subscription, or bytes as they are."""
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.ask("POST", f"/v1/subscriptions/{ID}{path}", content, self.headers(agency))

    def fetch(self, after: str | None = None, limit: int = 100) -> dict[str, Any]:
        """Fetch what is due, acknowledging what came before a cursor."""
        answer = self.get(f"/messages?limit={limit}" + (f"&after={after}" if after else ""))
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def fetch_all(self, limit: int = 100) -> list[dict[str, Any]]:
        """Fetch and acknowledge until nothing is left."""
        found: list[dict[str, Any]] = []
        answer = self.fetch(limit=limit)
        while answer["messages"]:
            found += answer["messages"]
            answer = self.fetch(answer["cursor"], limit)
        return found

    def settle(self) -> None:
        """Let the feeds worker do what time has made due."""
        self.clock.advance(2)
        self.bus.settle(2)

    def close(self) -> None:
        """Close both ends of the ledger."""
        self.ledger.close()
        self.bus.ledger.close()

    def _policies(self) -> Any:
        return self.bus.policies

    async def _ready(self) -> bool:
        return self.desk.is_fresh()


async def _at_once(work: Callable[[], Any]) -> Any:
    return work()


def told(messages: list[dict[str, Any]]) -> list[tuple[str, str, str | None, int]]:
    """Give kind of subject, status, reason and number of messages."""
    return [
        (each["subject"].partition("/")[0], each["data"]["status"], each["data"]["reason"],
         each["data"]["sequence"])
        for each in messages
    ]  # fmt: skip
