"""Which mentions the estimation looks at: those that say enough, and one for each person (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from streams.resolution.mentions import PersonMention


def thinned(mentions: Iterable[PersonMention]) -> Iterator[PersonMention]:
    """Give mentions no two of which share a hard number, or full name and date of birth.

    Two of them are two persons, nearly always. Random pairs of all mentions would hold as many
    true pairs as coincidences of rare values, and so make a rare coincidence look common.
    """
    seen: set[object] = set()
    for mention in mentions:
        marks = set(_marks(mention))
        if marks and seen.isdisjoint(marks):
            yield mention
        seen |= marks


def _marks(mention: PersonMention) -> Iterator[object]:
    for identifier in mention.identifiers:
        yield identifier.digest
    if mention.names and mention.date_of_birth:
        name = mention.names[0]
        yield name.given_canonical, name.surname, mention.date_of_birth


def blocking_values(mention: PersonMention) -> dict[str, str | None]:
    """Give what pairs are blocked on, and the names whose frequency counts; None is not known."""
    name = mention.names[0] if mention.names else None
    return {
        "unique_id": mention.mention_id,
        "given_name": name.given or None if name else None,
        "surname": name.surname or None if name else None,
        "date_of_birth": mention.date_of_birth or None,
        "identifier": mention.identifiers[0].digest if mention.identifiers else None,
    }
