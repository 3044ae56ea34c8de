"""What every test runs under: foretellable hypothesis runs, and nothing left behind at the end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import psutil
import pytest
from hypothesis import HealthCheck, settings

from tests.scheduling import WORLDS, Units, rank, unit_of

pytest_plugins = ("recordbus.testing.pytest_plugin",)

settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Units:
    """Let several workers share a run so that what tests share is started once."""
    return Units(config, log)


@pytest.hookimpl(tryfirst=True)  # before any are deselected
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a test that would start the session's servers in a second worker; longest first."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: rank(item.nodeid))
    for item in items:
        if item.nodeid.startswith(WORLDS):
            item.add_marker("worlds")
        shares = "local_servers" in getattr(item, "fixturenames", ())
        assert not shares or unit_of(item.nodeid) == "local_servers", (
            f"{item.nodeid} takes local_servers: put it into that unit in tests/scheduling.py"
        )


@pytest.fixture(scope="session", autouse=True)
def _hears_ctrl_c() -> None:
    """Let what tests start hear Ctrl-C, as in a terminal: jobs in the background do not."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


_INTERPRETERS_OWN = ("multiprocessing.resource_tracker", "multiprocessing.forkserver")


@pytest.fixture(scope="session", autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Fail the run when a test leaves a process or a thread that would keep Python alive."""
    processes = _children()
    threads = set(threading.enumerate())
    yield
    left = _children() - processes
    stuck = {t for t in threading.enumerate() if not t.daemon} - threads
    told = [_told(process) for process in left]
    assert not told, f"tests left processes running: {told}"
    assert not stuck, f"tests left threads running: {sorted(t.name for t in stuck)}"


def _children() -> set[psutil.Process]:
    return {
        process
        for process in psutil.Process().children(recursive=True)
        if not any(own in _told(process) for own in _INTERPRETERS_OWN)
    }


def _told(process: psutil.Process) -> str:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return f"{process.pid}: a zombie that nobody waited for"
        return f"{process.pid}: {' '.join(process.cmdline())[:300]}"
    except psutil.NoSuchProcess:
        return f"{process.pid}: gone meanwhile"
