"""Finds a mention, and the version of its record, for those who are about to judge it."""

from __future__ import annotations

from consumers.assembly import engine_of
from consumers.search.inquiry.names import one_mention
from consumers.search.sight import everything
from consumers.search.statements import Graph
from recordbus.errors import Retryable
from recordbus.mentions import FoundMention
from recordbus.settings import Settings

_STATEMENTS = 10_000


def find_mention(settings: Settings, start: str) -> FoundMention:
    """Find the one mention meant by `beginning of the record's key.local id` in the index.

    Raises BadQuery when there is none or there are several, Retryable when the index is not ready.
    """
    engine = engine_of(settings)
    try:
        graph = engine.seen(everything(engine.classes())).graph
        mention_id = one_mention(graph, start)
        return FoundMention(mention_id, _version(graph, mention_id))
    finally:
        engine.close()


def _version(graph: Graph, mention_id: str) -> int:
    entity = graph.entities_of([mention_id]).get(mention_id)
    for statement in graph.statements(entity, _STATEMENTS) if entity is not None else ():
        if statement.mention_id == mention_id:
            return statement.record.version
    raise Retryable(
        f"the index does not have the record of {mention_id} yet",
        hint="ask again in a moment, or write the version that was judged: MENTION@VERSION",
    )
