"""The `/metrics` page of a process, and what stands on it now."""

from __future__ import annotations

import threading

from prometheus_client import generate_latest, start_http_server

from recordbus.errors import Misconfigured
from recordbus.metrics.declare import REGISTRY


class Exposition:
    """The `/metrics` page of one process: opened once, closed when its block ends."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen on `host:port`; 0 takes any free port.

        Raises Misconfigured when the port cannot be had.
        """
        try:
            self._server, self._thread = start_http_server(port, host, REGISTRY)
        except OSError as error:
            raise Misconfigured(
                f"cannot serve metrics on {host}:{port}: {error.strerror or error}",
                hint="choose another RECORDBUS_METRICS__PORT; 0 takes any free port",
            ) from error
        self.port = int(self._server.server_port)
        self.url = f"http://{host}:{self.port}/metrics"

    def close(self) -> None:
        """Stop listening and wait until the thread has gone."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Exposition:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


_served: list[Exposition] = []
_serving = threading.Lock()


def serve(port: int = 0, host: str = "127.0.0.1") -> int:
    """Serve `/metrics` until the process ends; give the port that was bound.

    A second call gives the port of the first: a process has one metrics page.
    """
    with _serving:
        if not _served:
            _served.append(Exposition(port, host))
        return _served[0].port


def is_served() -> bool:
    """Tell whether this process has a metrics page, which somebody may ask for its numbers."""
    return bool(_served)


def sample(name: str, **labels: str) -> float | None:
    """Give one sample's present value, or None when nothing was counted under these labels.

    Histograms are read by their samples: `<name>_count`, `<name>_sum`, `<name>_bucket`.
    """
    return REGISTRY.get_sample_value(name, labels)


def exposition_text() -> bytes:
    """Give what `/metrics` would answer now, in Prometheus' text format."""
    return generate_latest(REGISTRY)
