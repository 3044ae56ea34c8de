"""Writes the list of server files anew; for maintainers, when a server's version is raised.

`python -m recordbus.local.relock` resolves the versions below with everything they need,
downloads the files once, and writes `servers.lock` beside this module.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jgo.maven import Artifact, MavenContext, PythonResolver

from recordbus.local import lockfile
from recordbus.local.cache import sha256_of
from recordbus.local.lockfile import LockedFile

KAFKA: Final = "org.apache.kafka:kafka_2.13:4.4.0"
# Kafka's own description names no binding for its log interface. It is resolved apart: beside
# Kafka it would be taken for a list of versions and lower the version of Kafka's own clients.
LOG_BINDING: Final = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5"
REGISTRY: Final = ("io.apicurio", "apicurio-registry-app", "3.3.3", "all", "tar.gz")

COMMENT: Final = """\
The exact files of the local servers, one a line: group:artifact:version[:classifier:packaging],
size in bytes, sha256. A download that differs is refused. Written by
`python -m recordbus.local.relock`, which resolves the versions named there."""
_TIMEOUT_SECONDS: Final = 60
_RUN_TIME: Final = frozenset({"compile", "runtime", None})


def main() -> None:
    """Resolve, download, hash and write."""
    with tempfile.TemporaryDirectory() as downloads:
        context = MavenContext(
            resolver=PythonResolver(), repo_cache=Path(downloads), timeout=_TIMEOUT_SECONDS
        )
        files = tuple(_locked(context))
    target = Path(__file__).with_name("servers.lock")
    target.write_text(lockfile.render(files, COMMENT), encoding="utf-8")
    sys.stdout.write(f"{len(files)} files, {sum(each.size_bytes for each in files)} bytes\n")


def _locked(context: MavenContext) -> Iterator[LockedFile]:
    jars: dict[tuple[str, str], Artifact] = {}
    for coordinate in (KAFKA, LOG_BINDING):
        for artifact in _with_dependencies(context, coordinate):
            jars.setdefault((artifact.groupId, artifact.artifactId), artifact)
    for artifact in jars.values():
        yield _file(lockfile.KAFKA, artifact)
    group, name, version, classifier, packaging = REGISTRY
    component = context.project(group, name).at_version(version)
    yield _file(lockfile.REGISTRY, component.artifact(classifier, packaging))


def _with_dependencies(context: MavenContext, coordinate: str) -> Iterator[Artifact]:
    wanted = context.create_dependency(coordinate)
    yield wanted.artifact
    _, found = context.resolver.get_dependency_list([wanted])
    for node in found:
        if node.dep.scope in _RUN_TIME:
            yield node.dep.artifact


def _file(server: str, artifact: Artifact) -> LockedFile:
    path = artifact.resolve()
    return LockedFile(
        server,
        artifact.groupId,
        artifact.artifactId,
        artifact.version,
        artifact.classifier,
        artifact.packaging,
        path.stat().st_size,
        sha256_of(path),
    )


if __name__ == "__main__":
    main()
