"""FEBRL 3 and 4, end to end, under weights that were trained elsewhere: a gate against regression.

FEBRL replaces first names and dates of birth by others at random. What then agrees is what also
agrees of twins, or of somebody who gives a brother's number, so the guards refuse it. The F1 that
can be reached with them is lower than what a score alone reaches; a wrong link is never allowed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.resolution.febrl import febrl
from streams.resolution.batch import resolve
from streams.resolve.agreement import Agreement, agreement
from streams.resolve.cli import read_people
from streams.resolve.truth import beside_truth
from streams.shipped_models import shipped


def agreed(number: int, folder: Path) -> Agreement:
    files, truth = febrl(number, folder)
    people = read_people(files, None)
    entities = resolve(people.mentions, shipped("person")).entities
    return agreement(beside_truth(truth, people.names, entities))


@pytest.mark.parametrize(("number", "pairs", "least_f1"), [(4, 5000, 0.970), (3, 6538, 0.948)])
def test_febrl_links_nobody_wrongly_and_no_fewer_than_before(
    tmp_path: Path, number: int, pairs: int, least_f1: float
) -> None:
    found = agreed(number, tmp_path)

    assert found.true == pairs
    assert found.precision.value >= 0.999, found
    assert found.f1 >= least_f1, found
