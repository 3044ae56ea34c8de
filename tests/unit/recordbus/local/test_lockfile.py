"""The list of server files: complete, unambiguous, and the same after writing it again."""

from __future__ import annotations

from recordbus.local import lockfile


def test_the_shipped_list_names_both_servers_with_digests() -> None:
    files = lockfile.files()

    assert {file.server for file in files} == {lockfile.KAFKA, lockfile.REGISTRY}
    assert all(len(file.sha256) == 64 and file.size_bytes > 0 for file in files)
    assert len({file.filename for file in files}) == len(files)


def test_kafka_comes_with_a_log_binding() -> None:
    """Kafka's own description lacks one, and a broker without it is silent."""
    assert "log4j-slf4j-impl" in {file.artifact for file in lockfile.files()}


def test_writing_a_list_again_gives_the_same_files() -> None:
    files = lockfile.files()

    assert lockfile.parse(lockfile.render(files, "a comment\nof two lines")) == files


def test_another_digest_is_another_place_in_the_cache() -> None:
    text = lockfile.text()
    changed = text.replace(lockfile.files()[0].sha256, "0" * 64)

    assert lockfile.digest(text) != lockfile.digest(changed)
    assert lockfile.digest(text) == lockfile.digest("# another comment\n" + text)
