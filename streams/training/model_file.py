"""The model file that training writes: weights, where they come from, what they passed (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from streams.resolution.fields import FIELDS
from streams.resolution.mentions import PersonMention
from streams.resolution.model import Model
from streams.training.blend import Estimate, blended

_TOLERANCE_BITS: Final = 1e-9
Estimates = Mapping[str, Mapping[str, Estimate]]


def trained_model(
    base: Model, estimates: Estimates, share: float, version: str, said: Mapping[str, Any]
) -> Model:
    """Give a model like the base with new weights; `said` describes data and method."""
    fields = {
        field.name: blended(field, estimates[field.name], base.raw["fields"][field.name], share)
        for field in FIELDS["person"]
        if field.weighed
    }
    kept = {
        kind: sorted(
            f"{name}.{level}"
            for name, levels in estimates.items()
            for level, estimate in levels.items()
            if getattr(estimate, kind) is None
        )
        for kind in ("m", "u")
    }
    described = {**said, "base": base.version, "share_of_m_estimated": share, "from_base": kept}
    return Model(
        {**base.raw, "version": version, "fields": fields, "trained_on": described, "gates": {}}
    )


def with_gates(model: Model, parity_bits: float, parity_pairs: int) -> Model:
    """Give the model with what it passed written into it; raises ValueError beyond the tolerance.

    `parity_bits` is the largest difference to Splink's own score over `parity_pairs` pairs.
    """
    if not parity_pairs or parity_bits > _TOLERANCE_BITS:
        raise ValueError(f"scores differ by {parity_bits:g} bits over {parity_pairs} pairs")
    passed = {
        "levels_trained_and_in_order": True,
        "u_at_or_above_floors": True,
        "parity": {"pairs": parity_pairs, "within_bits": _TOLERANCE_BITS},
    }
    return Model({**model.raw, "gates": passed})


def uncapped(model: Model) -> Model:
    """Give the model without caps on correlated evidence, which Splink does not know."""
    return Model({**model.raw, "caps": []})


def described(mentions: Sequence[PersonMention], files: Mapping[str, bytes]) -> dict[str, Any]:
    """Describe training data: sizes, how often each field is known, and hashes of the files."""
    return {
        "records": len(mentions),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "known": {
            name: round(sum(bool(getattr(each, name)) for each in mentions) / len(mentions), 3)
            for name in ("names", "date_of_birth", "sex", "identifiers", "phones", "emails",
                         "addresses")
        },
    }  # fmt: skip


def text_of(model: Model) -> str:
    """Give the file's text: indented, in the order in which it was built."""
    return orjson.dumps(model.raw, option=orjson.OPT_INDENT_2).decode() + "\n"
