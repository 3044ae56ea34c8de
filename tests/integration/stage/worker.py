"""One worker process of the toy chain, as `recordbus stage run` would run a real stage.

`python -m tests.integration.stage.worker ledger <test> [--unleased]`; everything else comes from
the settings. `--unleased` leaves the freeze check out, so that only the fence stops a zombie. A
value of `LETHAL` kills the interpreter that handles it, one of `HANGING` never lets it go on.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace

from recordbus import crashpoints
from recordbus.errors import RecordbusError
from recordbus.logs import configure
from recordbus.settings import load
from streams.app import run_stage
from streams.runtime.contract import Handled, Input, Machine, PlainMachine
from streams.runtime.crashpoints import NAMES
from streams.runtime.fences import Lease
from tests.simulator.toy import Dependency, Names, groups, ledger
from tests.simulator.world import encode_quarantined

LETHAL = b"lethal"
HANGING = b"hanging"


def _lethal(machine: Machine) -> Callable[[int], Machine]:
    def handle(message: Input, state: bytes | None) -> Handled:
        if message.value == LETHAL:
            os.kill(os.getpid(), signal.SIGSEGV)
        if message.value == HANGING:
            threading.Event().wait()
        return machine.handle(message, state)

    return lambda _partition: PlainMachine(handle, machine.state_key)


def main() -> None:
    """Run one stage of the chain until it is told to end."""
    which, test, *rest = sys.argv[1:]
    names = Names.of(test)
    stage = ledger(Dependency(), names) if which == "ledger" else groups(names)
    if which == "ledger":
        stage = replace(stage, machine=_lethal(stage.machine(0)))
    configure("info", json=True)
    if spec := os.environ.get("RECORDBUS_CRASH_AT"):
        crashpoints.arm(crashpoints.exit_at(spec, NAMES))
    if "--unleased" in rest:
        vars(sys.modules["streams.runtime.fences"])["LEASE_SHARE"] = 1e6
        assert Lease(1, lambda: 0.0, print)._limit_seconds > 1e5
    try:
        run_stage(stage, load(), encode_quarantined)
    except RecordbusError as error:
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
