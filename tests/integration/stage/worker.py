"""One worker process of the toy chain, as `recordbus stage run` would run a real stage.

`python -m tests.integration.stage.worker ledger <test>`; everything else comes from the settings.
"""

from __future__ import annotations

import os
import sys

from recordbus.logs import configure
from recordbus.settings import load
from streams.app import run_stage
from streams.runtime import crashpoints
from tests.simulator.toy import Dependency, Names, groups, ledger
from tests.simulator.world import encode_quarantined


def main() -> None:
    """Run one stage of the chain until it is told to end."""
    which, test = sys.argv[1:]
    names = Names.of(test)
    stage = ledger(Dependency(), names) if which == "ledger" else groups(names)
    configure("info", json=False)
    if spec := os.environ.get("RECORDBUS_CRASH_AT"):
        crashpoints.arm(crashpoints.exit_at(spec))
    run_stage(stage, load(), encode_quarantined)


if __name__ == "__main__":
    main()
