"""One small county, made once: tests read it and change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from producers.synthetic.people import Person
from producers.synthetic.population import Population
from producers.synthetic.world import Told, World
from producers.synthetic.writer import write_world

PEOPLE = 2000
SEED = 7
SNAPSHOTS = 3


class County(NamedTuple):
    """A county as written: its world, its folder and its manifest."""

    world: World
    root: Path
    manifest: dict[str, Any]


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> County:
    root = tmp_path_factory.mktemp("county") / "out"
    world = World(PEOPLE, SEED, SNAPSHOTS)
    return County(world, root, write_world(world, root))


@pytest.fixture(scope="session")
def six_days() -> Sequence[Told]:
    """Give the records of a larger county over six snapshots, for what happens seldom."""
    return [each for _, records in World(7000, 1, 6).chronicle() for each in records]


@pytest.fixture(scope="session")
def people() -> Sequence[Person]:
    return [person for block in Population(SEED, PEOPLE).blocks() for person in block.people]


@pytest.fixture(scope="session")
def told(county: County) -> Sequence[Told]:
    return [each for _, records in county.world.chronicle() for each in records]
