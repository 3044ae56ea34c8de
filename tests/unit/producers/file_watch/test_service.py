"""The folder watch as a service: it rests longer in trouble, and looks all the same."""

from __future__ import annotations

from producers.connectors.file_watch.service import Pace, WatchService
from recordbus.errors import Retryable

from .conftest import OWNER, Desk


class Server:
    """A server that can be away, and drops a file when it is not."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.is_away, self.pulls = desk, False, 0

    def pull(self) -> None:
        self.pulls += 1
        if self.is_away:
            raise Retryable("the server is away")


def service(desk: Desk, server: Server, rests: list[float]) -> WatchService:
    def sleep(seconds: float) -> None:
        rests.append(seconds)
        desk.clock.advance(seconds)

    pace = Pace(poll_seconds=5, trouble_seconds=20)
    return WatchService(OWNER.name, desk.layout, desk.watcher, desk.clock, pace, server.pull, sleep)


def test_a_server_that_is_away_does_not_keep_the_folder_from_being_looked_at(desk: Desk) -> None:
    server, rests = Server(desk), list[float]()
    server.is_away = True
    desk.drop("calls.csv", {"1": "one"})
    service(desk, server, rests).run(lambda: server.pulls == 4)
    assert desk.broker.live_texts() == {"1": "one"}


def test_trouble_makes_it_rest_longer_and_ends(desk: Desk) -> None:
    server, rests = Server(desk), list[float]()
    watch = service(desk, server, rests)
    waits = []
    for server.is_away in (False, True, True, True, True, False):
        watch.step()
        waits.append(max(5, watch._trouble))
    assert waits == [5, 5, 10, 20, 20, 5]
