"""Short narratives from templates of our own, so that text search has something to find."""

from __future__ import annotations

from producers.synthetic.draws import Uniform

_INCIDENT = {
    "person": (
        "{victim} reported that {suspect} approached near {street} and an argument followed. "
        "{victim} had a bruised forearm and declined transport.",
        "Officers met {victim} on {street}. {victim} said {suspect} had made threats earlier that "
        "day and came back after dark.",
        "{victim} called from {street}. {suspect} took a wallet and a telephone and left on foot "
        "towards the ferry landing.",
    ),
    "place": (
        "Rear door at {street} found pried open, pry marks at lock height. {suspect} was seen "
        "leaving with a duffel bag.",
        "Staff at {street} reported goods taken from a shelf and not paid for. {suspect} was shown "
        "on camera.",
        "A window at {street} was broken with a brick. A neighbour described {suspect} running "
        "through the yard.",
    ),
    "state": (
        "During a stop on {street} the officer smelled alcohol. {suspect} did not complete the "
        "balance test.",
        "{suspect} was loud in front of {street} and would not leave after two warnings.",
        "A plain view check on {street} found a glass pipe beside {suspect}. Item tagged and held.",
    ),
}
_CONTACT = (
    "Spoke with {name} on {street}, asked about recent car breaks. Free to leave throughout.",
    "{name} stood beside a parked car on {street} and gave a first name only at first.",
    "Walk and talk with {name} on {street}. Said to be waiting for a friend.",
    "{name} matched a broadcast description at {street}; identity checked, no further action.",
)
_CALL = (
    "Caller near {street}. Area checked, nothing found.",
    "Units spoke with the caller on {street}; advised of the civil process.",
    "Party on {street} agreed to keep it down. No report taken.",
    "One person taken to hospital from {street} by the fire department.",
)
_MISSING = (
    "Last seen leaving {street} on foot with a backpack. Telephone goes to voice mail.",
    "Did not come home to {street} after school. Friends have been called.",
    "Walked away from {street}; may be confused and in need of medication.",
)
_SUPPLEMENT = (
    " Supplement: video was collected and entered as evidence.",
    " Supplement: a second witness was interviewed by telephone.",
    " Supplement: property owner provided a list of serial numbers.",
)
CLOTHING = (
    "grey hooded sweatshirt, blue jeans",
    "red rain jacket, black boots",
    "school uniform, green backpack",
    "dark coat, knitted cap",
    "white T-shirt, khaki trousers",
)


def _pick(templates: tuple[str, ...], uniform: Uniform) -> str:
    return templates[int(uniform() * len(templates))]


def incident(against: str, victim: str, suspect: str, street: str, uniform: Uniform) -> str:
    """Return the narrative of an incident against a person, a place or the state."""
    template = _pick(_INCIDENT[against], uniform)
    return template.format(victim=victim, suspect=suspect, street=street)


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
    """Return a sentence that a later version of a narrative adds."""
    return _pick(_SUPPLEMENT, uniform)
