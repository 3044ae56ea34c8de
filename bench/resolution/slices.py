"""Wrong links by kind of person: does resolution err more often about some people than others?

A share is of the linked pairs with at least one record about a person of the group. Pure.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from producers.synthetic.calendar import LAST_DAY
from producers.synthetic.people import Person
from streams.resolve.agreement import Share

_AGES = ((18, "under 18"), (30, "18 to 29"), (45, "30 to 44"), (65, "45 to 64"))
_COMMON, _RARE = 40, 3


class Told(NamedTuple):
    """One record: the entity it was given, the true person, and the groups of that person."""

    entity: str
    true: int
    groups: tuple[str, ...]


def groups_of(person: Person, bearers: Mapping[str, int]) -> tuple[str, ...]:
    """Give a person's groups; `bearers` says how many people of the world have each surname."""
    return (
        f"sex {person.sex}",
        f"age {_age_band(person)}",
        f"name origin {person.origin}",
        f"surname {_frequency(bearers[person.surname])}",
    )


def _age_band(person: Person) -> str:
    years = (LAST_DAY - (person.birth or 0)) // 365
    return next((name for until, name in _AGES if years < until), "65 and over")


def _frequency(bearers: int) -> str:
    if bearers >= _COMMON:
        return f"of {_COMMON} or more people"
    return f"of {_RARE} people or fewer" if bearers <= _RARE else "between"


def wrong_links(records: Iterable[Told]) -> dict[str, Share]:
    """Give, for `everybody` and each group, the share of linked pairs that are two people."""
    entities: dict[str, list[Told]] = defaultdict(list)
    for record in records:
        entities[record.entity].append(record)
    wrong, linked = Counter[str](), Counter[str]()
    for members in entities.values():
        for a, b in combinations(members, 2):
            touched = {"everybody", *a.groups, *b.groups}
            linked.update(touched)
            if a.true != b.true:
                wrong.update(touched)
    return {group: Share(wrong[group], linked[group]) for group in sorted(linked)}


def split_people(records: Iterable[Told]) -> dict[str, Share]:
    """Give, for `everybody` and each group, the share of people whose records lie apart.

    Of those with two records or more. A person counts once: one who is known by 80 records has
    more pairs than a hundred others together.
    """
    people: dict[int, list[Told]] = defaultdict(list)
    for record in records:
        people[record.true].append(record)
    split, known = Counter[str](), Counter[str]()
    for mentions in people.values():
        if len(mentions) > 1:
            touched = ("everybody", *mentions[0].groups)
            known.update(touched)
            if len({mention.entity for mention in mentions}) > 1:
                split.update(touched)
    return {group: Share(split[group], known[group]) for group in sorted(known)}
