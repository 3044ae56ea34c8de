"""Runs a handle in a child process, for inputs that may kill the interpreter.

Invariant: whatever the handle does - crash, hang, exhaust the stack - this process lives and
learns of it as HandlerDied; everything else arrives as if the handle had run here.
"""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import struct
import warnings
from typing import Any, Final

from recordbus.errors import Rejected, Retryable
from streams.runtime.contract import Handled, Input, Machine, PlainMachine, Quarantine
from streams.runtime.effects import HandlerDied
from streams.runtime.step import where

TIME_LIMIT_SECONDS: Final = 20.0

_LENGTH: Final = struct.Struct(">I")
_READ_BYTES: Final = 1 << 16


class _Child:
    """A forked copy of this process that only handles what it is sent."""

    def __init__(self, machine: Machine) -> None:
        self._requests_read, self._requests = os.pipe()
        self._answers, self._answers_write = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # the child touches no thread's lock
            self.pid = os.fork()
        if self.pid == 0:
            os.close(self._requests)  # so that the parent's end is seen
            os.close(self._answers)
            _serve(machine, self._requests_read, self._answers_write)
        os.close(self._requests_read)
        os.close(self._answers_write)

    def ask(self, message: Input, state: bytes | None, limit_seconds: float) -> tuple[Any, ...]:
        _send(self._requests, (tuple(message), state))
        answer: tuple[Any, ...] = _receive(self._answers, limit_seconds)
        return answer

    def end(self) -> str:
        """Kill what is left of it; says how it ended."""
        os.close(self._requests)
        os.close(self._answers)
        os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        if os.WIFSIGNALED(status):
            return f"ended by {signal.Signals(os.WTERMSIG(status)).name}"
        return f"ended with exit code {os.waitstatus_to_exitcode(status)}"


class IsolatedHandle:
    """Handles inputs in a child, and gets a new child when one died."""

    def __init__(self, limit_seconds: float = TIME_LIMIT_SECONDS) -> None:
        self._limit_seconds = limit_seconds
        self._child: _Child | None = None

    def __call__(self, machine: Machine, message: Input, state: bytes | None) -> Handled:
        """Give what `machine.handle` gives; raises what it raises, or HandlerDied."""
        if self._child is None:
            self._child = _Child(machine)
        try:
            answer = self._child.ask(message, state, self._limit_seconds)
        except TimeoutError:
            self.close()
            raise HandlerDied(f"took longer than {self._limit_seconds:g} s") from None
        except OSError:
            child, self._child = self._child, None
            raise HandlerDied(child.end()) from None
        if not isinstance(machine, PlainMachine):
            self.close()  # its indexes do not follow ours
        return _meant(answer)

    def close(self) -> None:
        """End the child, if there is one."""
        if self._child is not None:
            self._child.end()
            self._child = None


def _meant(answer: tuple[Any, ...]) -> Handled:
    kind, *rest = answer
    if kind == "handled":
        handled: Handled = rest[0]
        return handled
    if kind == "rejected":
        raise Rejected(*rest)
    if kind == "retryable":
        raise Retryable(*rest)
    return Handled(quarantined=Quarantine("unhandled", rest[0], keep_value=False))


def _serve(machine: Machine, requests: int, answers: int) -> None:
    """Answer until this process is killed; never returns to the caller's code."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core would hold what we handle
        while True:
            fields, state = _receive(requests, None)
            _send(answers, _answer(machine, Input(*fields), state))
    finally:
        os._exit(70)


def _answer(machine: Machine, message: Input, state: bytes | None) -> tuple[Any, ...]:
    try:
        return ("handled", machine.handle(message, state))
    except Rejected as error:
        return ("rejected", error.reason, error.detail)
    except Retryable as error:
        return ("retryable", error.message)
    except Exception as error:  # noqa: BLE001 - the parent decides what it means
        return ("raised", where(error))


def _send(pipe: int, value: object) -> None:
    body = pickle.dumps(value)
    data = memoryview(_LENGTH.pack(len(body)) + body)
    while data:
        data = data[os.write(pipe, data) :]


def _receive(pipe: int, limit_seconds: float | None) -> Any:
    size = _LENGTH.unpack(_read(pipe, _LENGTH.size, limit_seconds))[0]
    return pickle.loads(_read(pipe, size, limit_seconds))  # noqa: S301 - our own child's bytes


def _read(pipe: int, size: int, limit_seconds: float | None) -> bytes:
    data = bytearray()
    while len(data) < size:
        if not select.select([pipe], [], [], limit_seconds)[0]:
            raise TimeoutError
        part = os.read(pipe, min(_READ_BYTES, size - len(data)))
        if not part:
            raise BrokenPipeError
        data += part
    return bytes(data)
