"""Brings locked files onto this machine through jgo, and accepts only what was locked.

jgo writes straight to its target and only warns about a wrong checksum, so each file goes
to a staging directory first and is moved into place after its digest was compared.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext, PythonResolver

from recordbus.errors import Misconfigured, Retryable
from recordbus.local.cache import CACHE_VARIABLE, sha256_of
from recordbus.local.disk import writing
from recordbus.local.lockfile import LockedFile

Progress = Callable[[int, int], None]
"""Told after each piece: bytes received so far, bytes in all."""

_PARALLEL: Final = 6
_TIMEOUT_SECONDS: Final = 30
logging.getLogger("jgo").addHandler(logging.NullHandler())


def download(
    wanted: Iterable[LockedFile],
    target: Path,
    *,
    repository_url: str = MAVEN_CENTRAL_URL,
    progress: Progress | None = None,
) -> None:
    """Put the files into `target`, under their own names; what is there and right is kept.

    Raises Retryable without a network, Misconfigured without disk space, rights, or when the
    repository has other bytes than the locked ones.
    """
    missing = [file for file in wanted if not _is_there(file, target)]
    if not missing:
        return
    staging = target / ".staging"
    meter = _Meter(sum(file.size_bytes for file in missing), progress)
    with filling(target):
        target.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(staging, ignore_errors=True)
        try:
            _fetch_all(missing, staging, target, meter, repository_url)
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def _fetch_all(
    missing: list[LockedFile], staging: Path, target: Path, meter: _Meter, repository_url: str
) -> None:
    context = MavenContext(
        resolver=PythonResolver(progress_callback=meter.file),
        repo_cache=staging,
        remote_repos={"central": repository_url},
        timeout=_TIMEOUT_SECONDS,
    )
    with ThreadPoolExecutor(_PARALLEL) as pool:
        futures = [pool.submit(_fetch, file, context, target) for file in missing]
        try:
            for future in futures:
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _fetch(file: LockedFile, context: MavenContext, target: Path) -> None:
    component = context.project(file.group, file.artifact).at_version(file.version)
    found = component.artifact(file.classifier, file.packaging).resolve()
    if found.stat().st_size != file.size_bytes or sha256_of(found) != file.sha256:
        raise Misconfigured(
            f"{file.coordinate} came with other content than the locked one",
            hint="try again; if it stays so, something between here and the repository alters it",
        )
    found.replace(target / file.filename)


def _is_there(file: LockedFile, target: Path) -> bool:
    path = target / file.filename
    try:
        return path.stat().st_size == file.size_bytes and sha256_of(path) == file.sha256
    except OSError:
        return False


@contextmanager
def filling(target: Path) -> Iterator[None]:
    """Say what to do when filling the cache at `target` fails."""
    with writing(target, f"set {CACHE_VARIABLE} to a disk with 800 MB of space"):
        try:
            yield
        except requests.RequestException as error:  # an OSError, too
            raise no_network(target) from error
        except RuntimeError as error:
            raise Misconfigured(
                f"the repository does not have a server file: {error}",
                hint="update recordbus: its list of files may be out of date",
            ) from error


def no_network(target: Path) -> Retryable:
    """Say that the first run needs a network."""
    return Retryable(
        "the servers' files are not complete in the cache and the repository cannot be reached",
        hint=f"connect once, or copy a filled cache to {target} or to another place "
        f"named by {CACHE_VARIABLE}",
    )


class _Meter:
    """Adds up what all downloads have received and tells it on."""

    def __init__(self, total_bytes: int, progress: Progress | None) -> None:
        self._total = total_bytes
        self._done = 0
        self._progress = progress
        self._guard = threading.Lock()

    @contextmanager
    def file(self, _name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield self._add

    def _add(self, count: int) -> None:
        with self._guard:
            self._done += count
            if self._progress:
                self._progress(self._done, self._total)
