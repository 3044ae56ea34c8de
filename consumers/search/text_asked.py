"""What is typed into the one box: each word may be a name, a plate, a phone or a word (pure)."""

from __future__ import annotations

from consumers.search import tokens as t
from consumers.search.people_asked import names_matching
from consumers.search.plan import Atom, Level, TextAtom, TextClause
from consumers.search.terms import Term, parse
from consumers.search.things_asked import plate_pattern
from consumers.search.wants import Digest, Vocabulary, Want, Wanted

_PLATE_LENGTHS = range(4, 9)
_PHONE_LENGTHS = (10, 7)


def all_wanted(text: str, vocabulary: Vocabulary) -> list[Want]:
    """Give a want for each term of a text; all of them must be found in the record."""
    return [
        Want("text", _written(term), TextClause(tuple(_atoms(term, vocabulary))))
        for term in parse(text).terms
    ]


def any_wanted(text: str, vocabulary: Vocabulary) -> list[Want]:
    """Give one want that any term of a text answers."""
    terms = parse(text).terms
    atoms = [atom for term in terms for atom in _atoms(term, vocabulary)]
    return [Want("text_any", " or ".join(map(_written, terms)), TextClause(tuple(atoms)))]


def none_wanted(text: str) -> list[TextAtom]:
    """Give what must not be in the record: exactly these words, phrases and beginnings."""
    atoms: list[TextAtom] = []
    for term in parse(text).terms:
        is_prefix = term.pattern is not None
        start = (term.pattern or "").replace("?", "*").partition("*")[0]
        atoms.append(TextAtom((start,), is_prefix=True) if is_prefix and start
                     else TextAtom(term.words))  # fmt: skip
    return atoms


def identifiers_wanted(text: str, digest: Digest) -> list[Wanted]:
    """Give a group for each social security number in a text: it is looked up by its digest."""
    found: list[Wanted] = []
    for number in parse(text).social_security:
        known = digest("ssn", number, None)
        wanted = Wanted()
        wanted.add("identifier", "ssn", [Atom(t.IDENTIFIER + known)] if known else [])
        found.append(wanted)
    return found


def _atoms(term: Term, vocabulary: Vocabulary) -> list[TextAtom]:
    if term.pattern is not None:
        return _pattern_atoms(term.pattern, vocabulary)
    if term.phone_digits is not None:
        length = next((n for n in _PHONE_LENGTHS if len(term.phone_digits) >= n), 0)
        digits = term.phone_digits[-length:] if length else term.phone_digits
        return [TextAtom((digits,)), TextAtom(term.words)]
    if len(term.words) > 1 or term.is_phrase:
        joined = [] if term.is_phrase else [TextAtom(("".join(term.words),))]
        return [TextAtom(term.words), *joined]
    return _word_atoms(term.words[0], vocabulary)


def _word_atoms(word: str, vocabulary: Vocabulary) -> list[TextAtom]:
    similar = vocabulary.similar_names(word) if len(word) > 1 else ()
    found = {
        each.word: TextAtom((each.word,), level=each.level, means=(t.NAME,)) for each in similar
    }
    found[word] = TextAtom((word,))
    if _may_be_plate(word):
        for plate in vocabulary.plates_like(f"*{plate_pattern(word)}*"):
            found.setdefault(plate, TextAtom((plate,), level=Level.PART))
    return list(found.values())


def _pattern_atoms(pattern: str, vocabulary: Vocabulary) -> list[TextAtom]:
    """Give the words a pattern stands for; one that only ends in `*` is any word's beginning."""
    if pattern.endswith("*") and "*" not in pattern[:-1] and "?" not in pattern:
        return [TextAtom((pattern[:-1],), is_prefix=True)]
    found = names_matching(pattern, vocabulary)
    plates = vocabulary.plates_like(plate_pattern(pattern)) if _may_be_plate(pattern) else ()
    return [TextAtom((each,)) for each in dict.fromkeys([*found, *plates])]


def _may_be_plate(word: str) -> bool:
    known = word.replace("*", "").replace("?", "")
    return len(word) in _PLATE_LENGTHS and any(c.isdigit() for c in known)


def _written(term: Term) -> str:
    return term.pattern or " ".join(term.words)
