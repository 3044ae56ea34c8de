"""Real servers as children: side by side, killed, restarted, offline, without a disk."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from recordbus.errors import Misconfigured
from recordbus.kafka.admin import Admin
from recordbus.kafka.consumer import LogReader
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.topics import Topic
from recordbus.local.install import server_files
from recordbus.local.ports import answers
from recordbus.local.servers import LocalServers

pytestmark = pytest.mark.kafka

RESIDENT_LIMIT_BYTES = 700_000_000


def write(servers: LocalServers, value: bytes) -> None:
    Admin(servers.connection).apply_topics([Topic("t")])
    producer = IdempotentProducer(servers.connection)
    producer.produce("t", b"k", value)
    producer.close()


def read(servers: LocalServers) -> list[bytes | None]:
    reader = LogReader(servers.connection)
    reader.assign({("t", 0): 0})
    found: list[bytes | None] = []
    deadline = time.monotonic() + 30
    while not reader.at_end():
        assert time.monotonic() < deadline
        found += [message.value for message in reader.consume(100, 1.0)]
    reader.close()
    return found


def test_the_cache_serves_without_a_network(local_servers: LocalServers) -> None:
    files = server_files(repository_url="http://127.0.0.1:9")

    assert files.kafka.is_dir()


def test_two_stand_side_by_side_and_know_nothing_of_each_other(
    local_servers: LocalServers, own_servers: LocalServers
) -> None:
    write(own_servers, b"mine")

    assert own_servers.bootstrap_servers != local_servers.bootstrap_servers
    assert own_servers.registry_url != local_servers.registry_url
    assert read(own_servers) == [b"mine"]
    assert "t" not in Admin(local_servers.connection).list_topics()


def test_both_fit_the_memory_they_are_given(own_servers: LocalServers) -> None:
    write(own_servers, b"x" * 1000)

    resident = sum(psutil.Process(pid).memory_info().rss for pid in own_servers.pids.values())

    assert resident < RESIDENT_LIMIT_BYTES


def test_only_loopback_is_listened_on(own_servers: LocalServers) -> None:
    for pid in own_servers.pids.values():
        listening = [
            each.laddr.ip
            for each in psutil.Process(pid).net_connections("inet")
            if each.status == psutil.CONN_LISTEN
        ]
        assert listening
        assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


def test_a_killed_broker_keeps_what_it_acknowledged(own_servers: LocalServers) -> None:
    write(own_servers, b"1")
    own_servers.kill_kafka()
    own_servers.restart_kafka()
    write(own_servers, b"2")
    own_servers.restart_kafka()

    assert read(own_servers) == [b"1", b"2"]


def test_a_run_directory_is_gone_on_with(tmp_path: Path) -> None:
    with LocalServers(tmp_path) as first:
        write(first, b"1")
        registry = first.schema_registry()
        schema_id = registry.register("s", '"string"')
        registry.close()
    with LocalServers(tmp_path) as second:
        write(second, b"2")
        registry = second.schema_registry()
        assert registry.id_of("s") == schema_id
        registry.close()
        assert read(second) == [b"1", b"2"]
        pids = second.pids

    assert not any(psutil.pid_exists(pid) for pid in pids.values())


def test_a_temporary_run_leaves_no_directory() -> None:
    with LocalServers(registry=False) as servers:
        directory = servers.run_directory
        assert servers.kafka_data.is_dir()
        with pytest.raises(Misconfigured, match="no registry"):
            _ = servers.registry_url

    assert not directory.exists()


def test_a_failing_test_body_stops_them_too() -> None:
    pids: list[int] = []

    def body() -> None:
        with LocalServers(registry=False) as servers:
            pids.extend(servers.pids.values())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        body()

    assert pids
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_killed_python_leaves_no_server() -> None:
    script = (
        "import time\n"
        "from recordbus.local.servers import LocalServers\n"
        "with LocalServers() as s:\n"
        "    print(s.bootstrap_servers, *s.pids.values(), flush=True)\n"
        "    time.sleep(1000)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    address, *pids = parent.stdout.readline().split()
    assert len(pids) == 2

    parent.kill()
    parent.wait()
    parent.stdout.close()

    deadline = time.monotonic() + 20
    while any(_lives(int(pid)) for pid in pids):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert not answers(int(address.rpartition(":")[2]))


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "tiny"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32k", "none", str(place)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a small disk needs the right to mount a tmpfs")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_said_with_a_way_out(tiny_disk: Path) -> None:
    (tiny_disk / "filler").write_bytes(b"x" * 28_000)

    with pytest.raises(Misconfigured, match=r"space|full"), LocalServers(tiny_disk):
        pytest.fail("it started without a disk")
