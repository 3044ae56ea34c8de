"""Our scorer gives the bits that Splink gives, without Splink.

`splink_vectors.json` holds pairs of synthetic people as Splink scored them: levels, frequencies of
agreed names, bits, and the model they were scored under. `recordbus resolution train --vectors`
writes it, with Splink itself; training refuses to write a model that differs on any pair.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streams.resolution.fields import FIELDS
from streams.resolution.model import Model
from streams.training.model_file import uncapped

VECTORS = Path(__file__).with_name("splink_vectors.json")


@pytest.fixture(scope="module")
def vectors() -> Any:
    return json.loads(VECTORS.read_text(encoding="utf-8"))


def test_every_pair_weighs_what_splink_says(vectors: Any) -> None:
    model = uncapped(Model(vectors["model"]))

    assert len(vectors["pairs"]) >= 300
    for levels, frequencies, bits in vectors["pairs"]:
        assert model.bits(levels, frequencies) == pytest.approx(bits, abs=1e-9)


def test_the_pairs_reach_the_levels_that_occur(vectors: Any) -> None:
    fields = FIELDS["person"]
    seen = {
        (field.name, level)
        for levels, _, _ in vectors["pairs"]
        for field, level in zip(fields, levels, strict=True)
        if field.weighed
    }

    assert len(seen) >= 35
    assert sum(any(frequencies) for _, frequencies, _ in vectors["pairs"]) > 50
    assert min(bits for _, _, bits in vectors["pairs"]) < 0


def test_another_weight_is_noticed(vectors: Any) -> None:
    given = json.loads(json.dumps(vectors["model"]))
    given["fields"]["surname"]["exact"]["m"] *= 1.001
    model = uncapped(Model(given))

    assert any(
        abs(model.bits(levels, frequencies) - bits) > 1e-9
        for levels, frequencies, bits in vectors["pairs"]
    )
