"""What `recordbus resolve` makes of worlds that training never saw, how fast, in what memory.

    python -m bench.resolve [--people N]

A synthetic county in two sizes gives speed, and memory per million records as the slope between
them; the command runs as people run it, in a process of its own. Households and FEBRL were made by
others. Shares come with counts and 95 % Wilson intervals. Wrong links by kind of person are counted
on a county of a third seed.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from bench.resolution.county import resolved_county
from bench.resolution.environment import ROOT, train_python
from bench.resolution.febrl import febrl
from bench.resolution.households import HOUSEHOLD_SOURCES, OTHER_SOURCES
from bench.resolution.slices import split_people, wrong_links
from streams.resolve.agreement import Share
from streams.shipped_models import shipped

SEED: Final = 7002
SLICES_SEED: Final = 7003
_SMALL_PART: Final = 8


def resolved(files: list[Path], truth: Path, folder: Path) -> dict[str, Any]:
    """Run the command over files and give what it says of itself."""
    command = [sys.executable, "-m", "recordbus", "resolve", *map(str, files)]
    told = ["--output", str(folder / "links.csv"), "--compare-with", str(truth), "--json"]
    done = subprocess.run([*command, *told], check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def of_county(people: int, folder: Path) -> dict[str, Any]:
    """Write a county of the bench's seed and resolve it."""
    out = folder / f"county-{people}"
    size = ["--people", str(people), "--seed", str(SEED), "--people-csv", "--json"]
    synth = [sys.executable, "-m", "recordbus", "synth", "--out", str(out), *size]
    subprocess.run(synth, check=True, stdout=subprocess.DEVNULL)
    return resolved([out / "people.csv"], out / "truth" / "people-truth.csv", folder)


def of_febrl(number: int, folder: Path) -> dict[str, Any]:
    """Resolve a FEBRL data set."""
    here = folder / f"febrl-{number}"
    here.mkdir()
    return resolved(*febrl(number, here), here)


def of_households(folder: Path) -> dict[str, Any]:
    """Resolve the simulated households: the sources that know enough, and all of them."""
    here = folder / "households"
    make = [str(train_python()), "-m", "bench.resolution.households", str(here)]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    files = [here / f"{source}.csv" for source in HOUSEHOLD_SOURCES]
    others = [here / f"{source}.csv" for source in OTHER_SOURCES]
    # The truth knows more records than the first run is given; it counts those that are there.
    first = resolved(files, here / "truth.csv", folder)
    return first | {"all_sources": resolved([*files, *others], here / "truth.csv", folder)}


def by_kind(people: int) -> dict[str, Any]:
    """Count wrong links and split people by kind of person on a county of its own."""
    told = resolved_county(people, SLICES_SEED, shipped("person"))
    shares = {"wrong": wrong_links(told), "split": split_people(told)}
    return {
        name: {group: _plain(share) for group, share in found.items()}
        for name, found in shares.items()
    }


def _plain(share: Share) -> list[float]:
    return [share.part, share.of, *(round(end, 6) for end in share.interval())]


def main() -> None:
    """Measure everything and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    people = parser.parse_args().people
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        small, large = of_county(people // _SMALL_PART, folder), of_county(people, folder)
        more = large["records"] - small["records"]
        grown = (large["peak_mebibytes"] - small["peak_mebibytes"]) / more * 1e6
        told = {
            "model": shipped("person").version,
            "county": large,
            "mebibytes_per_million_records": round(grown),
            "febrl_4": of_febrl(4, folder),
            "febrl_3": of_febrl(3, folder),
            "households": of_households(folder),
            "by_kind": by_kind(people // 2),
        }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
