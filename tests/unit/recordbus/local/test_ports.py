"""Ports: free ones differ, a used one is refused with its user."""

from __future__ import annotations

import os
import socket
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


def test_none_are_asked_for() -> None:
    assert free_ports(0) == []
