"""A small town where everybody is somebody's trap: few names, few homes, many versions.

From a seed it gives mentions that differ by what clerks get wrong, so that links, vetoes, default
values, ambiguity and large blocks come and go as its records do.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from streams.resolution.mentions import PersonMention
from tests.unit.streams.resolution.made import MAPLE, OAK, person

_GIVEN = ("Walter", "Walt", "William", "Bill", "Maria", "Mario", "Jayden", "Kayden", "J", "")
_SURNAMES = ("Boyd", "Boyde", "Rivera", "Rivera Lopez", "Okoro", "")
_SUFFIXES = ("", "", "", "Sr", "Jr")
_BORN = ("1983-03-04", "1983-04-03", "1983-03-05", "1961-03-04", "1990", "1955-12-24", "")
_NUMBERS = ("", "", "S11111112", "S22222223")
_PHONES = ("", "617-555-0142", "617-555-0143", "617-555-0199")
_HOMES = ("", MAPLE, OAK, "12 Maple Street Apt 4, Boston, MA 02118")
_EMAILS = ("", "", "boyd@mail.example")


class Town(NamedTuple):
    """A source of versions of mentions `m0` to `m<size - 1>`."""

    random: Random
    size: int

    def mention(self) -> PersonMention:
        """Give a version of some mention; a mention keeps most of what it is over its versions."""
        place = self.random.randrange(self.size)
        steady = Random(place % (self.size // 4))  # four mentions to a person
        draw = steady if self.random.random() < 0.8 else self.random
        made = person(
            f"m{place}",
            draw.choice(_GIVEN),
            draw.choice(_SURNAMES),
            suffix=draw.choice(_SUFFIXES),
            born=draw.choice(_BORN),
            licence=self.random.choice((draw.choice(_NUMBERS), "")),
            phone=draw.choice(_PHONES),
            email=draw.choice(_EMAILS),
            home=draw.choice(_HOMES),
        )
        return made._replace(
            recorded_at=place * 7 % 11,
            version=self.random.randrange(1000),
            age_years=self.random.choice((None, None, 8, 33)),
        )

    def name(self) -> str:
        """Give the id of some mention, which may be there or not."""
        return f"m{self.random.randrange(self.size)}"
