"""Fills the cache with the servers' files, once for all projects of this user.

Complete means: every locked file was checked, the registry is unpacked, the manifest is
written and the class archives were tried. Two first runs at once wait for each other.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import Final

from jgo.constants import MAVEN_CENTRAL_URL

from recordbus.errors import Misconfigured
from recordbus.local import archives, lockfile, registry_server
from recordbus.local.cache import CACHE_VARIABLE, ServerFiles, locked, user_cache
from recordbus.local.download import Progress, download, filling

NEEDED_BYTES: Final = 800_000_000


def server_files(
    cache: Path | None = None,
    *,
    progress: Progress | None = None,
    repository_url: str = MAVEN_CENTRAL_URL,
) -> ServerFiles:
    """Give the servers' files, downloading, repairing and preparing what is missing.

    Needs no network once complete. Raises Retryable when it needs one and has none,
    Misconfigured when the disk or the rights do not allow it.
    """
    base = cache or user_cache()
    files = ServerFiles(base / "servers" / lockfile.digest(lockfile.text()))
    if is_complete(files):
        return files
    with locked(base):
        if not is_complete(files):
            _install(files, repository_url, progress)
    return files


def is_complete(files: ServerFiles) -> bool:
    """Tell whether every file is there and is what was installed."""
    manifest = files.manifest()
    if not manifest or files.damaged(manifest):
        return False
    return archives.are_there(files)


def _install(files: ServerFiles, repository_url: str, progress: Progress | None) -> None:
    _drop_damage(files)
    manifest = files.manifest()
    if not manifest or files.damaged(manifest):
        _require_space(files.root)
        wanted = lockfile.files()
        kafka = [file for file in wanted if file.server == lockfile.KAFKA]
        download(kafka, files.kafka, repository_url=repository_url, progress=progress)
        if not files.registry.is_dir():
            _install_registry(files, repository_url, progress)
        names = [str(path.relative_to(files.root)) for path in _everything(files)]
        with filling(files.root):
            files.write_manifest(names)
    archives.prepare(files)


def _drop_damage(files: ServerFiles) -> None:
    """Delete what is not as it was installed, so that the rest of the install makes it anew."""
    manifest = files.manifest()
    damaged = files.damaged(manifest) if manifest else []
    for name in damaged:
        (files.root / name).unlink(missing_ok=True)
    if manifest is None or any(name.startswith(files.registry.name) for name in damaged):
        shutil.rmtree(files.registry, ignore_errors=True)
    if damaged:
        for archive in files.root.glob("*.aot"):
            archive.unlink()


def _install_registry(files: ServerFiles, repository_url: str, progress: Progress | None) -> None:
    (bundle,) = (file for file in lockfile.files() if file.server == lockfile.REGISTRY)
    download([bundle], files.root, repository_url=repository_url, progress=progress)
    packed = files.root / bundle.filename
    unpacked = files.root / "registry.partial"
    with filling(files.root):
        shutil.rmtree(unpacked, ignore_errors=True)
        with tarfile.open(packed) as archive:
            archive.extractall(unpacked, filter="data")
        unpacked.replace(files.registry)
        packed.unlink()


def _everything(files: ServerFiles) -> list[Path]:
    jars = sorted(files.kafka.glob("*.jar"))
    used = registry_server.class_path(files).split(":")
    return [*jars, *(Path(each) for each in used)]


def _require_space(root: Path) -> None:
    with filling(root):
        root.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(root).free
    if free < NEEDED_BYTES:
        raise Misconfigured(
            f"{free // 1_000_000} MB are free in {root}; the servers' files need "
            f"{NEEDED_BYTES // 1_000_000} MB",
            hint=f"free space there, or set {CACHE_VARIABLE} to a disk that has it",
        )
