"""What a whole entity may not have two of: the vetoes between clusters of firms (pure)."""

from __future__ import annotations

from streams.resolution.identifiers import are_one_each, identifier_level, is_hard
from streams.resolution.levels import Ids
from streams.resolution.mentions import Identifier, OrganisationMention

OrganisationFacts = tuple[Identifier, ...]


def facts_of(organisation: OrganisationMention) -> OrganisationFacts:
    """Give the facts of one mention: its numbers."""
    return tuple(i for i in organisation.identifiers if is_hard(i))


def merge(a: OrganisationFacts, b: OrganisationFacts) -> OrganisationFacts:
    """Give the facts of two clusters together."""
    return a if a == b else tuple(dict.fromkeys(a + b))


def conflict(a: OrganisationFacts, b: OrganisationFacts) -> str:
    """Give the veto between two clusters by its name, or empty."""
    level = identifier_level(a, b)
    return "numbers_differ" if level in (Ids.DIFFERENT, Ids.MIXED) else ""


def is_at_peace(facts: OrganisationFacts) -> bool:
    """Tell whether nothing in a cluster's facts would keep any two of its mentions apart."""
    return are_one_each(facts)
