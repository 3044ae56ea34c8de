"""The same three numbers give the same bytes; memory holds one block and a few travellers."""

from __future__ import annotations

import gc
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from producers.synthetic.departments import DEPARTMENTS
from producers.synthetic.people import Person
from producers.synthetic.population import BLOCK
from producers.synthetic.world import World, world
from producers.synthetic.writer import write_world

_WRITE = (
    "import sys, pathlib; from producers.synthetic.world import World; "
    "from producers.synthetic.writer import write_world; "
    "write_world(World(600, 5, 2), pathlib.Path(sys.argv[1]))"
)


def digest(root: Path) -> str:
    """Give one hash over the names and bytes of all files below a folder."""
    whole = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        if path.is_file():
            whole.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


def test_same_numbers_give_the_same_bytes_whatever_the_hash_seed(tmp_path: Path) -> None:
    digests = set()
    for hash_seed in ("0", "1", "4242"):
        out = tmp_path / hash_seed
        environment = os.environ | {"PYTHONHASHSEED": hash_seed}
        subprocess.run([sys.executable, "-c", _WRITE, str(out)], check=True, env=environment)
        digests.add(digest(out))
    assert len(digests) == 1


def test_another_seed_gives_another_county(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_world(World(300, seed), tmp_path / str(seed))
    assert digest(tmp_path / "1") != digest(tmp_path / "2")


def test_iterating_twice_gives_the_same_rows() -> None:
    county = world(400, 3, 2)
    for department in DEPARTMENTS:
        assert list(county.rows(department.name)) == list(county.rows(department.name))


@pytest.mark.parametrize("people", [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 1000])
def test_a_county_has_exactly_the_people_asked_for(people: int) -> None:
    ids = [p.id for block, _ in World(people, 1).chronicle() for p in block.people]
    assert ids == list(range(people))


@pytest.mark.parametrize(("people", "snapshots"), [(0, 1), (1, 0), (-3, 1)])
def test_a_county_of_nobody_is_refused(people: int, snapshots: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        World(people, 1, snapshots)


def test_only_a_block_and_the_travellers_are_held() -> None:
    most = 0
    for _ in World(BLOCK * 12, 1).chronicle():
        most = max(most, sum(type(each) is Person for each in gc.get_objects()))
    # two blocks of people with their rewritten copies, the travellers, and other tests' people
    before = sum(type(each) is Person for each in gc.get_objects())
    assert most - before < BLOCK * 8
