"""Short narratives from templates of our own, so that text search has something to find."""

from __future__ import annotations

from producers.synthetic.draws import Uniform, data_lines


def _groups() -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for line in data_lines("narratives.txt"):
        name, _, template = line.partition(": ")
        groups[name] = (*groups.get(name, ()), template)
    return groups


_GROUPS = _groups()
_INCIDENT = {against: _GROUPS[f"incident-{against}"] for against in ("person", "place", "state")}
_CONTACT = _GROUPS["contact"]
_CALL = _GROUPS["call"]
_MISSING = _GROUPS["missing"]
_SUPPLEMENT = _GROUPS["supplement"]
CLOTHING = _GROUPS["clothing"]


def _pick(templates: tuple[str, ...], uniform: Uniform) -> str:
    return templates[int(uniform() * len(templates))]


def incident(against: str, victim: str, suspect: str, street: str, uniform: Uniform) -> str:
    """Return the narrative of an incident against a person, a place or the state."""
    template = _pick(_INCIDENT[against], uniform)
    text = template.format(victim=victim, suspect=suspect, street=street)
    return text if suspect[0].isupper() else _capitals(text)


def _capitals(text: str) -> str:
    return ". ".join(sentence[:1].upper() + sentence[1:] for sentence in text.split(". "))


def contact(name: str, street: str, uniform: Uniform) -> str:
    """Return the narrative of a field contact."""
    return _pick(_CONTACT, uniform).format(name=name, street=street)


def call(street: str, uniform: Uniform) -> str:
    """Return the remarks of a service call."""
    return _pick(_CALL, uniform).format(street=street)


def missing(street: str, uniform: Uniform) -> str:
    """Return the circumstances of a missing person."""
    return _pick(_MISSING, uniform).format(street=street)


def supplement(uniform: Uniform) -> str:
    """Return a sentence that a later version adds to a narrative, a blank before it."""
    return " " + _pick(_SUPPLEMENT, uniform)
