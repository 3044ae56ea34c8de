"""Trains the person model that is shipped, and the pairs that hold our scorer to Splink's.

    make model

The county's seed is used nowhere else: whoever measures resolution takes another one.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench.resolution.environment import ROOT, train_python

SEED: Final = 90001
PEOPLE: Final = 40_000
_MODEL: Final = ROOT / "streams" / "resolution" / "models" / "person.json"
_VECTORS: Final = ROOT / "tests" / "unit" / "streams" / "training" / "splink_vectors.json"


def main() -> None:
    """Make the county, train on it, and put the model where it is shipped from."""
    python = str(train_python())
    with tempfile.TemporaryDirectory() as folder:
        county = Path(folder) / "county"
        world = ["--people", str(PEOPLE), "--seed", str(SEED), "--people-csv", "--json"]
        synth = [sys.executable, "-m", "recordbus", "synth", "--out", str(county), *world]
        subprocess.run(synth, check=True, stdout=subprocess.DEVNULL)
        says = f"A synthetic county of {PEOPLE:,} people, seed {SEED}"
        train = [python, "-m", "recordbus", "resolution", "train", str(county / "people.csv")]
        named = ["--version", sys.argv[1] if len(sys.argv) > 1 else "trained-1", "--says", says]
        files = ["--output", str(_MODEL), "--vectors", str(_VECTORS)]
        subprocess.run([*train, *named, *files], check=True)


if __name__ == "__main__":
    main()
