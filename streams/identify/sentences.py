"""An explanation in sentences for people, the decision first and then what speaks for it (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

Said = Mapping[str, Any]

NEVER: Final = {
    "only_described": "One of them is a person who is only described: nobody is compared with them"
    " before somebody names them.",
    "not_resolved": "One of them follows from a number or an address as it is written, and not from"
    " a comparison.",
    "two_kinds": "They are of two kinds, and those are never compared.",
    "one_record": "One record names both, and tells them apart itself: its mentions are not"
    " compared with each other.",
}
VETOES: Final = {
    "numbers_differ": "both have an issued number of which each has one only, and the numbers"
    " differ",
    "dates_of_birth_differ": "their dates of birth are too far apart for a slip",
    "given_names_differ": "they have different given names",
    "suffixes_differ": "they have different name suffixes, as a father and a son have",
    "two_generations_at_one_address": "they have one name and one address, and so many years lie"
    " between them that one may be the other's child",
    "sexes_differ": "they are of different sex, and their given names may be two people's",
    "names_differ": "their names have nothing in common",
    "vins_differ": "their identification numbers differ",
    "makes_differ": "they are of different makes",
    "model_years_differ": "they are of different model years",
}
HOLDS: Final = {
    "name_missing": "a given name, a surname or a firm's name is missing",
    "too_little_agrees": "fewer than two things that are independent of each other agree",
    "no_birth_and_no_number": "neither a date of birth nor a number agrees",
    "given_names_only_alike": "their given names are only alike, as those of siblings may be",
    "middle_names_differ": "their middle names differ, as those of twins do who share the first",
    "name_alone": "the name alone agrees",
    "number_alone": "a number alone agrees",
    "plate_alone": "the plate alone agrees",
    "no_plate_with_its_state": "no plate with its state agrees",
    "misread_plate_needs_two_more": "the plate agrees only if one was misread, and too little else"
    " does",
}
OUTCOMES: Final = {
    "same": "the two are one",
    "possible": "the two may be one: a lead for people, which joins nothing",
    "no": "the two are not one, as far as is known",
}


def sentences(said: Said) -> Iterator[str]:
    """Give the sentences of an explanation, in the order in which they should be read."""
    if "never_compared" in said:
        yield NEVER[said["never_compared"]]
    else:
        yield from _decision(said)
        yield from _meeting(said)
        yield from _weights(said)
    yield from _standing(said)


def _decision(said: Said) -> Iterator[str]:
    possible, same = said["thresholds"]
    if "judgement" in said:
        outcome, author, _ = said["judgement"]
        yield f"{author} judged that {OUTCOMES[outcome]}; that overrides the evidence."
    if "judgement_ended" in said:
        yield f"An earlier judgement on them is {said['judgement_ended']} and counts no more."
    yield (
        f"The evidence says: {OUTCOMES[said['evidence_outcome']]}. It weighs {said['bits']:.1f}"
        f" bits; {same:g} make a link, {possible:g} a lead."
    )
    for veto in said.get("vetoes", ()):
        yield f"No weight can join them: {VETOES[veto]}."
    for hold in said.get("holds", ()):
        yield f"Only a person may join them: {HOLDS[hold]}."


def _meeting(said: Said) -> Iterator[str]:
    keys = ", ".join(said.get("keys", ()))
    if not keys:
        yield "They share no meeting key, so the bus never compares them; this says what it would."
    elif not said["is_compared"]:
        yield f"They meet by {keys}, and are told apart before anything is weighed."
    else:
        yield (
            f"They meet by {keys}. Where too many others meet by the same key as well,"
            " it is suspended, and then they may not have been compared."
        )
    if "defaults" in said:
        named = ", ".join(said["defaults"])
        yield f"They share what so many names hold that it tells nothing: {named}."


def _weights(said: Said) -> Iterator[str]:
    for (field, level, bits, *term), (_, _, m, u) in zip(
        said["parts"], said["levels"], strict=True
    ):
        often = f"so in {100 * m:.3g} % of pairs that are one, {100 * u:.3g} % of others"
        rarity = f", and {term[0]:+.1f} for how frequent the value is" if term else ""
        yield f"{_plain(field)}: {_plain(level)}, {bits:+.1f} bits{rarity} ({often})."
    if "excused" in said:
        named = ", ".join(_plain(field) for field in said["excused"])
        yield f"{named}: different, and counted as nothing, for number and birthday agree."
    for fields, over in said.get("caps", ()):
        named = ", ".join(_plain(field) for field in fields)
        yield f"{named} say partly the same: {over:.1f} bits are taken off."


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _standing(said: Said) -> Iterator[str]:
    if "is_one" not in said:
        return
    if said["is_one"] and said["holds_it"]:
        yield "They are one entity, and this decision is one of those that hold it together."
    elif said["is_one"]:
        yield "They are one entity by way of other decisions, which hold it together already."
    elif said["outcome"] == "same":
        yield (
            "They are two entities all the same: something keeps others of these entities apart,"
            " one of them fits both, or there are too many to be one."
        )
