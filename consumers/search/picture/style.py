"""How a tie and an entity look: basis by dashes and letters, assessment by a double line (pure).

Invariant: no meaning by colour alone. A fact is one line, an assessment two thin ones; each basis
has dashes and letters of its own; what is frozen, disputed or about somebody under age has a word
at the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Stroke(NamedTuple):
    """How a basis is drawn: letters at the line, dashes in pixels (empty for none), colour."""

    letters: str
    dashes: str
    colour: str


STROKES: Final[Mapping[str, Stroke]] = {
    "conviction": Stroke("CONV", "", "#1b1b1b"),
    "charge": Stroke("CHRG", "14 4", "#7a1f1f"),
    "arrest": Stroke("ARR", "9 4", "#a33c00"),
    "citation": Stroke("CIT", "5 4", "#6b5200"),
    "warrant": Stroke("WARR", "16 4 3 4", "#8a0f5a"),
    "custody": Stroke("CUST", "10 4 3 4 3 4", "#5b2a86"),
    "registration": Stroke("REG", "2 4", "#1f5f3b"),
    "victim_or_witness_report": Stroke("VWR", "12 3 2 3", "#005b6e"),
    "field_contact": Stroke("FC", "1 6", "#4a4a4a"),
    "self_statement": Stroke("SELF", "7 3 2 3", "#26547c"),
    "officer_assessment": Stroke("OFF", "4 2", "#3b3b8f"),
    "informant": Stroke("INF", "2 2 8 2", "#5a3d1e"),
}
SHAPES: Final[Mapping[str, str]] = {
    "person": "circle", "vehicle": "box", "organisation": "diamond", "location": "triangle",
    "phone": "small box", "matter": "page",
}  # fmt: skip
"""The shape of each kind of entity; the letter in it says the kind too."""
LETTERS: Final[Mapping[str, str]] = {
    "person": "P", "vehicle": "V", "organisation": "O", "location": "L", "phone": "T",
    "matter": "M",
}  # fmt: skip
SINGLE, DOUBLE = 2.2, 5.0
INSIDE: Final = 2.0
