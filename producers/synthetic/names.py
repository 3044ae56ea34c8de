"""Names by origin with skewed frequencies, and what clerks make of them.

The first ranks follow a Zipf curve; composed surnames make the long tail that lists cannot hold.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from producers.synthetic.draws import Uniform, data_lines, weighted_table, zipf_table

_TABLE = 2048
_MOST_CAPITALS = 16_384


@dataclass(frozen=True, slots=True)
class Origin:
    """Name tables of one origin, to be indexed with a uniform draw."""

    name: str
    female: tuple[str, ...]
    male: tuple[str, ...]
    surnames: tuple[str, ...]


def _lists() -> dict[tuple[str, str], list[str]]:
    lists: dict[tuple[str, str], list[str]] = {}
    for line in data_lines("names.txt"):
        head, _, names = line.partition(":")
        origin, kind = head.split()
        lists[origin, kind] = names.split()
    return lists


_LISTS = _lists()
_STARTS = tuple(_LISTS["anglo", "start"])
_ENDS = tuple(_LISTS["anglo", "end"])
ORIGINS: dict[str, Origin] = {
    origin: Origin(
        origin,
        zipf_table(_LISTS[origin, "female"], _TABLE),
        zipf_table(_LISTS[origin, "male"], _TABLE),
        zipf_table(_LISTS[origin, "surname"], _TABLE, 0.8),
    )
    for origin, kind in _LISTS
    if kind == "surname"
}
ORIGIN_TABLE = weighted_table(
    [
        (ORIGINS[name], weight)
        for name, weight in (
            ("anglo", 58.0),
            ("hispanic", 15.0),
            ("eastasian", 5.0),
            ("vietnamese", 2.5),
            ("southasian", 4.0),
            ("arabic", 4.0),
            ("westafrican", 3.5),
            ("slavic", 4.0),
            ("portuguese", 4.0),
        )
    ],
    400,
)
NICKNAMES: dict[str, tuple[str, ...]] = {
    formal.strip(): tuple(forms.split())
    for formal, _, forms in (line.partition(":") for line in data_lines("nicknames.txt"))
}
_TAIL_SHARE = {"anglo": 0.42, "hispanic": 0.2, "portuguese": 0.2}
_SOUNDS_ALIKE = (
    ("ck", "k"),
    ("ph", "f"),
    ("ee", "ea"),
    ("ie", "y"),
    ("sch", "sh"),
    ("ez", "es"),
    ("th", "t"),
    ("mc", "mac"),
    ("ai", "ay"),
    ("ll", "l"),
    ("ss", "s"),
    ("tt", "t"),
    ("nn", "n"),
    ("ou", "u"),
    ("oo", "u"),
    ("x", "ks"),
    ("z", "s"),
    ("c", "k"),
    ("v", "w"),
    ("y", "i"),
    ("er", "or"),
    ("on", "en"),
    ("an", "en"),
    ("a", "e"),
    ("i", "e"),
    ("o", "u"),
    ("e", "i"),
    ("u", "o"),
)


def surname(origin: Origin, uniform: Uniform) -> str:
    """Draw a surname: from the list by rank, or composed (a compound, or a double surname)."""
    table = origin.surnames
    drawn = table[int(uniform() * _TABLE)]
    if uniform() >= _TAIL_SHARE.get(origin.name, 0.0):
        return drawn
    if origin.name != "anglo":
        other = table[int(uniform() * _TABLE)]
        return drawn if other == drawn else f"{drawn} {other}"
    start = _STARTS[int(uniform() * len(_STARTS))]
    return start + _ENDS[int(uniform() * len(_ENDS))]


def sounds_alike(name: str, uniform: Uniform) -> str:
    """Return a spelling that sounds like the name; the same name when no rule applies."""
    lowered = name.lower()
    rules = [rule for rule in _SOUNDS_ALIKE if rule[0] in lowered[1:]]
    if not rules:
        return name
    old, new = rules[int(uniform() * min(4, len(rules)))]
    at = lowered.index(old, 1)
    return name[:at] + new + name[at + len(old) :]


def mistyped(text: str, uniform: Uniform) -> str:
    """Return the text with one slip of the keyboard: dropped, doubled, swapped or wrong letter."""
    if len(text) < 3:
        return text
    at = 1 + int(uniform() * (len(text) - 2))
    slip = int(uniform() * 4)
    if slip == 0:
        return text[:at] + text[at + 1 :]
    if slip == 1:
        return text[:at] + text[at] + text[at:]
    if slip == 2 and text[at] != text[at + 1]:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    near = "qwertyuiopasdfghjklzxcvbnm"
    letter = near[(near.find(text[at].lower()) + 1) % 26]
    return text[:at] + letter + text[at + 1 :]


class Capitals(dict[str, str]):
    """Text -> its ASCII capitals, made once; emptied when it has grown, so that it stays small."""

    def __missing__(self, text: str) -> str:
        if len(self) > _MOST_CAPITALS:
            self.clear()
        self[text] = capitals = ascii_only(text).upper()
        return capitals


def ascii_only(text: str) -> str:
    """Return the text without diacritics, as systems that know only ASCII hold it."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


CAPITALS = Capitals()
