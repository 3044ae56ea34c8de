"""Levels of names: the same name, another form of it, or another name (pure).

The harm to avoid is taking a brother for a brother: two given names that only look or sound alike
are no agreement, and masculine and feminine forms of one name are different names.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA, JaroWinkler

from recordbus.normalize import given_names, phonetic
from streams.resolution.person.fields import Given, Middle, Surname

CACHE_SIZE: Final = 1 << 17
_CLOSE: Final = 0.92
_VARIANT: Final = 0.80
_LONG_ENOUGH: Final = 5
_VOWELS: Final = str.maketrans("", "", "AEIOUY ")
_FEMININE: Final = ("A", "E", "LE", "LLE", "INE", "INA", "ETTE", "IA", "NA")


@lru_cache(maxsize=CACHE_SIZE)
def given_level(a: str, b: str) -> int:
    """Compare two folded given names."""
    if not a or not b:
        return Given.MISSING
    if a == b:
        return Given.EXACT
    if len(a) == 1 or len(b) == 1:
        return Given.INITIAL if a[0] == b[0] else Given.DIFFERENT
    if given_names.canonical(a) == given_names.canonical(b) or _is_first_part(a, b):
        return Given.SHORT_FORM
    return Given.DIFFERENT if is_other_gender(a, b) else _alike_level(a, b)


def _alike_level(a: str, b: str) -> int:
    closeness = JaroWinkler.similarity(a, b)
    sounds_alike = _sound_alike(a, b)
    if sounds_alike and _are_spellings(a, b, closeness):
        return Given.VARIANT
    if closeness >= _CLOSE or _one_edit(a, b):
        return Given.NEAR
    return Given.SOUND if sounds_alike else Given.DIFFERENT


def _are_spellings(a: str, b: str, closeness: float) -> bool:
    """Tell whether two names that sound alike are spellings of one: MUHAMMAD and MOHAMMED."""
    if min(len(a), len(b)) < _LONG_ENOUGH:
        return False
    return closeness >= _CLOSE or (closeness >= _VARIANT and _skeleton(a) == _skeleton(b))


def _skeleton(name: str) -> str:
    """Give a name's consonants, each run once."""
    bare = name.translate(_VOWELS)
    return "".join(c for place, c in enumerate(bare) if place == 0 or bare[place - 1] != c)


def _sound_alike(a: str, b: str) -> bool:
    return not set(phonetic.codes(a)).isdisjoint(phonetic.codes(b))


def _one_edit(a: str, b: str) -> bool:
    return min(len(a), len(b)) >= _LONG_ENOUGH and OSA.distance(a, b, score_cutoff=1) <= 1


def _is_first_part(a: str, b: str) -> bool:
    """Tell whether one is the first word of the other: MARY and MARY ANN."""
    return a.startswith(f"{b} ") or b.startswith(f"{a} ")


def is_other_gender(a: str, b: str) -> bool:
    """Tell whether two names are a masculine and a feminine form: MARIO and MARIA, PAUL, PAULA."""
    short, long = sorted((a, b), key=len)
    if len(short) == len(long):
        return short[:-1] == long[:-1] and {short[-1], long[-1]} == {"A", "O"}
    return len(short) > 2 and long.startswith(short) and long[len(short) :] in _FEMININE


@lru_cache(maxsize=CACHE_SIZE)
def surname_level(a: str, b: str) -> int:
    """Compare two folded surnames."""
    if not a or not b:
        return Surname.MISSING
    if a == b:
        return Surname.EXACT
    first, second = set(a.split()), set(b.split())
    if first < second or second < first:
        return Surname.PART
    if JaroWinkler.similarity(a, b) >= _CLOSE or _one_edit(a, b):
        return Surname.NEAR
    return Surname.SOUND if _sound_alike(a, b) else Surname.DIFFERENT


def are_exchanged(given: str, surname: str, other_given: str, other_surname: str) -> bool:
    """Tell whether one has the given name where the other has the surname, and the reverse.

    One of the two may be misspelt.
    """
    if not (given and surname and other_given and other_surname):
        return False
    if given[0] != other_surname[0] and surname[0] != other_given[0]:
        return False
    levels = {given_level(given, other_surname), given_level(surname, other_given)}
    return Given.EXACT in levels and max(levels) <= Given.NEAR


@lru_cache(maxsize=CACHE_SIZE)
def middle_level(a: str, b: str) -> int:
    """Compare two folded middle names."""
    if not a or not b:
        return Middle.MISSING
    if a == b:
        return Middle.EXACT if len(a) > 1 else Middle.ALIKE
    if (len(a) == 1 or len(b) == 1) and a[0] == b[0]:
        return Middle.ALIKE
    alike = JaroWinkler.similarity(a, b) >= _CLOSE and not is_other_gender(a, b)
    return Middle.ALIKE if alike else Middle.DIFFERENT
