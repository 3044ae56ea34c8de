"""The channel to one webhook: parcels go out over a few connections at once, records in order.

Invariant: the messages of a record are sent one after the other, each only after the one before
it was taken in. What stops the whole subscription lets the records that are out end first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from consumers.feeds.channels.interface import Outcome, Parcel
from consumers.feeds.channels.surroundings import Surroundings
from consumers.feeds.channels.webhook.connection import LIMITS, Connection, Limits
from consumers.feeds.channels.webhook.endpoint import endpoint_of
from consumers.feeds.channels.webhook.keys import Keys
from consumers.feeds.channels.webhook.link import Links
from consumers.feeds.channels.webhook.outcomes import Patience, failure
from consumers.feeds.channels.webhook.resolving import Resolve, resolve
from consumers.feeds.channels.webhook.round import Round
from consumers.feeds.channels.webhook.sending import Sender
from consumers.feeds.channels.webhook.signing import SigningKey
from consumers.feeds.channels.webhook.trouble import Trouble
from consumers.feeds.subscription import Subscription
from recordbus import logs
from recordbus.clock import Clock
from recordbus.errors import Misconfigured

_log = logs.logger(__name__)
_PARCELS_PER_CONNECTION: Final = 16
_HINT: Final = "docs/how-to/receive-a-webhook.md says what an endpoint must be"
Digest = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[0-9a-fA-F]{64}$")]


class Options(BaseModel):
    """What a subscription says of its endpoint.

    `authorities` is a PEM file of those that may certify it, in place of the system's.
    `certificates_sha256` are the only certificates that it may show, if any are named.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    connections: Annotated[int, Field(ge=1, le=16)] = 4
    authorities: Path | None = None
    certificates_sha256: tuple[Digest, ...] = ()


class Webhook:
    """The channel to one endpoint."""

    kind = "webhook"

    def __init__(
        self, options: Options, keys: Keys, links: Links, clock: Clock, limits: Limits
    ) -> None:
        self.most_parcels = _PARCELS_PER_CONNECTION * options.connections
        self._keys, self._links, self._clock = keys, links, clock
        self._patience = Patience()
        self._senders = [
            Sender(Connection(links, limits), self._patience, clock)
            for _ in range(options.connections)
        ]
        self._pool: ThreadPoolExecutor | None = None

    def check(self) -> None:
        """Check that the endpoint may be reached, without reaching it; raises Misconfigured."""
        try:
            self._links.check()
        except Trouble as error:
            raise Misconfigured(f"channel.url: {error}", hint=_HINT) from error

    def deliver(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Send each message in a request of its own; only 2xx is delivered."""
        if not parcels:
            return []
        try:
            keys = self._keys.live(self._clock.now())
        except (Misconfigured, OSError) as error:
            _log.error("the keys of a webhook cannot be read", exc_info=error)
            return [failure("key_unreadable")] * len(parcels)
        if not keys:  # nothing leaves unsigned
            return [failure("no_key")] * len(parcels)
        around = Round(parcels)
        self._work(around, keys)
        return around.outcomes()

    def close(self) -> None:
        """Close all links; who waits for an answer waits no longer."""
        for sender in self._senders:
            sender.close()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def _work(self, around: Round, keys: Sequence[SigningKey]) -> None:
        """Let as many senders work as there are records to tell of; the first one in this thread.

        So whoever is told of one record at a time pays for no other thread.
        """
        first, *others = self._senders[: around.records]
        waiting = [self._submit(partial(each.work, around, keys)) for each in others]
        first.work(around, keys)
        for each in waiting:
            each.result()

    def _submit(self, work: Callable[[], None]) -> Future[None]:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(len(self._senders) - 1, thread_name_prefix="webhook")
        return self._pool.submit(work)


def make(
    options: Options, subscription: Subscription, around: Surroundings, *,
    resolver: Resolve = resolve, limits: Limits = LIMITS,
) -> Webhook:  # fmt: skip
    """Make the channel of a subscription; what its URL may be is checked when it is used."""
    settings = around.settings
    endpoint = partial(endpoint_of, options.url, allow_loopback=settings.feeds.allow_loopback)
    links = Links(endpoint, resolver, options.authorities, frozenset(options.certificates_sha256))
    keys = Keys(settings.webhook_keys_path() / subscription.subscription_id)
    return Webhook(options, keys, links, around.clock, limits)
