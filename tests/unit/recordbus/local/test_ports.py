"""Ports: free ones differ, a used one is refused with its user."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from recordbus.errors import Misconfigured
from recordbus.local.ports import LOOPBACK, answers, free_ports, require_free


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen(1)
        yield listener.getsockname()[1]


def test_free_ports_differ_and_nobody_answers_there() -> None:
    ports = free_ports(6)

    assert len(set(ports)) == 6
    assert not any(answers(port) for port in ports)


def test_preferred_ports_are_taken_where_they_are_free(used_port: int) -> None:
    (preferred,) = free_ports(1)

    assert free_ports(2, [used_port, preferred])[0] == preferred
    assert used_port not in free_ports(2, [used_port, preferred])


def test_a_used_port_is_refused_and_its_user_named(used_port: int) -> None:
    with pytest.raises(Misconfigured, match=f"{used_port}.*process {os.getpid()}"):
        require_free(used_port, "kafka")
    assert answers(used_port)


def test_a_free_port_is_given_back() -> None:
    (port,) = free_ports(1)

    assert require_free(port, "kafka") == port


def test_what_one_process_chose_no_other_chooses_before_it_ends() -> None:
    """Two buses that start at once have seconds between choosing a port and listening on it."""
    code = (
        "import sys; from recordbus.local.ports import free_ports\n"
        "for line in sys.stdin: print(*free_ports(2, map(int, line.split())), flush=True)"
    )
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdin
        assert other.stdout
        (mine,) = free_ports(1)
        other.stdin.write(f"{mine}\n")
        other.stdin.flush()
        theirs = [int(port) for port in other.stdout.readline().split()]
        assert mine not in theirs
        assert not set(free_ports(2, theirs)) & set(theirs)
        other.stdin.close()
    assert free_ports(2, theirs) == theirs


def test_none_are_asked_for() -> None:
    assert free_ports(0) == []
