"""Opens links to an endpoint: to an address that was checked, in the name that was asked for.

Invariant: a name is resolved once and what is connected to is one of the addresses that were
checked then; certificate, SNI and Host keep the name. No proxy, no redirect and no second
resolver has a say in where the bytes go.
"""

from __future__ import annotations

import hashlib
import socket
import ssl
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Final

from consumers.feeds.channels.webhook.deadline import Deadline
from consumers.feeds.channels.webhook.endpoint import Denied, Endpoint
from consumers.feeds.channels.webhook.resolving import Resolve, addresses_of
from consumers.feeds.channels.webhook.trouble import Trouble

Link = socket.socket | ssl.SSLSocket
_CONNECT_SECONDS: Final = 5.0
"""So long for one address at most, that there is time for the next one."""


class Links:
    """Opens links to one endpoint. `pins` are SHA-256 digests of certificates; any when empty."""

    def __init__(
        self, endpoint: Callable[[], Endpoint], resolver: Resolve,
        authorities: Path | None = None, pins: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        """`endpoint` raises Denied; `authorities` is a PEM bundle in place of the system's."""
        self._endpoint, self._resolver = endpoint, resolver
        self._authorities, self._pins = authorities, pins

    def addresses(self) -> tuple[Endpoint, list[str]]:
        """Give the endpoint and the addresses that it has now; raises Trouble."""
        try:
            endpoint = self._endpoint()
            return endpoint, addresses_of(endpoint, self._resolver)
        except Denied as error:
            raise Trouble("address_refused", str(error)) from error
        except (OSError, UnicodeError) as error:
            raise Trouble("no_address", "its name has no address now") from error

    def check(self) -> None:
        """Check that a link may be opened, without opening one; raises Trouble."""
        endpoint, _ = self.addresses()
        if endpoint.is_tls:
            try:
                _ = self._context
            except OSError as error:
                raise Trouble("tls_failed", "its authorities cannot be read") from error

    def open(self, deadline: Deadline) -> tuple[Endpoint, Link]:
        """Give a link that is ready for a request; raises Trouble."""
        endpoint, addresses = self.addresses()
        connected = _connected(addresses, endpoint.port, deadline)
        if not endpoint.is_tls:
            return endpoint, connected
        try:
            return endpoint, self._protected(connected, endpoint.host, deadline)
        except BaseException:
            connected.close()
            raise

    @cached_property
    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._authorities)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def _protected(self, connected: socket.socket, host: str, deadline: Deadline) -> Link:
        try:
            connected.settimeout(deadline.left())
            link = self._context.wrap_socket(connected, server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            raise Trouble("certificate_refused", "its certificate does not hold") from error
        except TimeoutError as error:
            raise Trouble("connect_failed", "it did not answer in time") from error
        except OSError as error:  # of TLS, of the network, or of the bundle of authorities
            raise Trouble("tls_failed", "there is no TLS with it") from error
        if self._pins and _digest(link) not in self._pins:
            link.close()
            raise Trouble("certificate_changed", "its certificate is not one that was named")
        return link


def _connected(addresses: list[str], port: int, deadline: Deadline) -> socket.socket:
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        link = socket.socket(family, socket.SOCK_STREAM)
        try:
            link.settimeout(min(deadline.left(), _CONNECT_SECONDS))
            link.connect((address, port))
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            link.close()
        else:
            return link
    raise Trouble("connect_failed", "nobody is there")


def _digest(link: ssl.SSLSocket) -> str:
    return hashlib.sha256(link.getpeercert(binary_form=True) or b"").hexdigest()
