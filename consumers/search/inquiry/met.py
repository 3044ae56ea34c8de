"""The entities that a search came upon: those of the mentions that answered it (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from consumers.search.engines.interface import Hit, HitMention
from consumers.search.inquiry.entity import Entity, entity
from consumers.search.plan import TextClause
from consumers.search.statements import Graph
from consumers.search.wants import Want

MOST_ENTITIES: Final = 25


def entities_met(graph: Graph, hits: Iterable[Hit], wants: Sequence[Want]) -> Iterator[Entity]:
    """Give the entities whose mentions answered a search, in the order of the records."""
    words = _words(wants)
    mentions = [
        f"{hit.record_key}.{mention.local_id}"
        for hit in hits
        for mention in hit.mentions
        if mention.local_id and (mention.is_match or _says(mention, words))
    ]
    known = graph.entities_of(mentions)
    met = dict.fromkeys(known[each] for each in mentions if each in known)
    for entity_id in list(met)[:MOST_ENTITIES]:
        found = entity(graph, entity_id)
        if found is not None:
            yield found


def _words(wants: Sequence[Want]) -> frozenset[str]:
    """Give the words that were asked for anywhere in a record."""
    atoms = (atom for want in wants if isinstance(want.clause, TextClause)
             for atom in want.clause.atoms)  # fmt: skip
    return frozenset(atom.words[0] for atom in atoms if len(atom.words) == 1)


def _says(mention: HitMention, words: frozenset[str]) -> bool:
    """Tell whether a mention itself is found by one of the words."""
    return any(token.partition(":")[2] in words for token in mention.tokens)
