"""The schema registry: Apicurio with its state in one file, on loopback only.

Its own launcher loads classes in a way that Java cannot archive; on a flat class path it
starts in less than half the time. A commit is on disk before it is answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

from recordbus.local import java
from recordbus.local.cache import ServerFiles
from recordbus.local.disk import writing
from recordbus.local.ports import LOOPBACK
from recordbus.local.spec import ProcessSpec

HEAP_MB: Final = 128
STOP_ORDER: Final = 100
_MAIN: Final = "io.quarkus.runner.GeneratedMain"
_PARTS: Final = ("quarkus/transformed-bytecode.jar", "quarkus/generated-bytecode.jar")
_LIBRARIES: Final = ("app", "lib/boot", "lib/main")


@dataclass(frozen=True, slots=True)
class RegistryServer:
    """A registry to run: its directory and its two loopback ports."""

    files: ServerFiles
    directory: Path
    port: int
    management_port: int
    heap_mb: int = HEAP_MB

    @property
    def url(self) -> str:
        """Give the address of its Confluent-compatible interface."""
        return f"http://{LOOPBACK}:{self.port}/apis/ccompat/v7"

    def prepare(self) -> None:
        """Make its directory."""
        with writing(self.directory):
            self.directory.mkdir(parents=True, exist_ok=True)

    def command(self, *, archive: Path | None = None) -> tuple[str, ...]:
        """Give the command that runs the registry."""
        settings = {
            "quarkus.http.host": LOOPBACK,
            "quarkus.http.port": str(self.port),
            "quarkus.management.host": LOOPBACK,
            "quarkus.management.port": str(self.management_port),
            "quarkus.log.level": "WARN",
            "quarkus.banner.enabled": "false",
            "quarkus.http.access-log.enabled": "false",
            "apicurio.datasource.url": f"jdbc:h2:file:{self.directory}/registry;WRITE_DELAY=0",
        }
        return java.command(
            class_path(self.files),
            _MAIN,
            heap_mb=self.heap_mb,
            options=tuple(f"-D{key}={value}" for key, value in settings.items()),
            archive=archive,
            errors=self.directory,
        )

    def spec(self) -> ProcessSpec:
        """Describe the registry to the supervisor."""
        return ProcessSpec(
            name="registry",
            argv=self.command(archive=archive_of(self.files)),
            env=java.ENVIRONMENT,
            ready=self.is_ready,
            stop_order=STOP_ORDER,
            directory=self.directory,
            ports={"http": self.port, "management": self.management_port},
        )

    def is_ready(self) -> bool:
        """Ask its management port whether it serves."""
        asked = HTTPConnection(LOOPBACK, self.management_port, timeout=1.0)
        try:
            asked.request("GET", "/health/ready")
            with asked.getresponse() as answer:
                return answer.status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False
        finally:
            asked.close()


def class_path(files: ServerFiles) -> str:
    """Give the flat class path, in a fixed order, as the class archive needs it."""
    parts = [files.registry / part for part in _PARTS]
    for folder in _LIBRARIES:
        parts.extend(sorted((files.registry / folder).glob("*.jar")))
    return ":".join(str(part) for part in parts if part.is_file())


def archive_of(files: ServerFiles) -> Path:
    """Give the path of the archive of loaded classes."""
    return files.root / f"registry-{java.java_version()}.aot"
