"""What was typed into a search box, as terms: phrases, wildcards and plain words (pure).

Invariant: nothing typed is syntax but `*`, `?` and a pair of double quotes; every other sign
separates words. Each term stands for at least one word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from consumers.search.refusals import BadQuery, Fault, Refusal, refused
from consumers.search.words import fold, words

MOST_TERMS = 32
LONGEST_TEXT = 1000
SHORTEST_PREFIX = 3
_SHORTEST_ALONE = 2
_QUOTED = re.compile(r'"([^"]*)"')
_WILDCARDS = re.compile(r"([*?]+)")
_SEPARATORS = re.compile(r"[()\[\]{}:;,!^~|\\<>=&%$\"]+")
"""Signs that part words; others may stand inside words, numbers and addresses."""
_SOCIAL_SECURITY = re.compile(r"(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:\+?1[ .-]?)?(?:\(?\d{3}\)?[ .-]?)?\d{3}[ .-]\d{4}(?!\d)")


@dataclass(frozen=True, slots=True)
class Term:
    """`words` in a row; or, when `pattern` is set, one word with `*` and `?` in it."""

    words: tuple[str, ...]
    pattern: str | None = None
    is_phrase: bool = False
    phone_digits: str | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """The terms of a text, and the social security numbers that stood in it."""

    terms: tuple[Term, ...]
    social_security: tuple[str, ...] = ()


def parse(text: str) -> Typed:
    """Read a text. Raises BadQuery for a text beyond the caps or without a word, and Refused
    `too_broad` for wildcards or single letters alone.
    """
    if len(text) > LONGEST_TEXT:
        raise BadQuery(Fault.TEXT_TOO_LONG, f"the text is longer than {LONGEST_TEXT} characters")
    numbers = tuple(_SOCIAL_SECURITY.findall(text))
    text = _SOCIAL_SECURITY.sub(" ", text)
    terms: list[Term] = []
    for match in _QUOTED.finditer(text):
        phrase = tuple(words(match[1]))
        if phrase:
            terms.append(Term(phrase, is_phrase=True))
    loose = _QUOTED.sub(" ", text)
    for match in _PHONE.finditer(loose):
        digits = "".join(c for c in match[0] if c.isdigit())
        terms.append(Term(tuple(words(match[0])), phone_digits=digits))
    for piece in _SEPARATORS.sub(" ", _PHONE.sub(" ", loose)).split():
        term = _term(piece)
        if term is not None:
            terms.append(term)
    return _checked(terms, numbers)


def _term(piece: str) -> Term | None:
    if "*" in piece or "?" in piece:
        return _wildcard(piece)
    found = tuple(words(piece))
    return Term(found) if found else None


def _wildcard(piece: str) -> Term | None:
    parts = _WILDCARDS.split(piece)
    folded = [part if part[:1] in ("*", "?") else fold(part).replace(" ", "") for part in parts]
    pattern = re.sub(r"\*+", "*", "".join(folded))
    letters = pattern.replace("*", "").replace("?", "")
    if not letters:
        return Term((), pattern=pattern)
    start = pattern.partition("*")[0]
    if "*" in pattern and len(start.replace("?", "")) < SHORTEST_PREFIX:
        raise BadQuery(
            Fault.PREFIX_TOO_SHORT,
            f"at least {SHORTEST_PREFIX} letters must stand before a *",
        )
    if len(letters) < SHORTEST_PREFIX:
        raise BadQuery(
            Fault.PREFIX_TOO_SHORT, f"a word with ? needs at least {SHORTEST_PREFIX} letters"
        )
    return Term((letters,), pattern=pattern)


def _checked(terms: list[Term], numbers: tuple[str, ...]) -> Typed:
    if not terms and not numbers:
        raise BadQuery(Fault.EMPTY, "the text has no word to search for")
    if len(terms) > MOST_TERMS:
        raise BadQuery(Fault.TOO_MANY_TERMS, f"a search has at most {MOST_TERMS} words")
    telling = [
        term for term in terms if term.words and max(map(len, term.words)) >= _SHORTEST_ALONE
    ]
    if not telling and not numbers:
        raise refused(
            Refusal.TOO_BROAD,
            "the search is too broad: single letters or wildcards alone",
            "add a whole word",
        )
    return Typed(tuple(term for term in terms if term.words), numbers)
