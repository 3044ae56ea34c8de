"""The schema of an agency's topic: registered by the operator, looked up by the channel."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from consumers.feeds.formats.avro_schema import message_schema, message_schema_text
from recordbus.avro.tree import Node, build
from recordbus.errors import Misconfigured, Rejected
from recordbus.kafka.catalogue import COMPATIBILITY
from recordbus.kafka.codec import Encoder
from recordbus.kafka.registry import SchemaRegistry
from schemas.compatibility import check_registration

_HINT: Final = "the operator registers it: recordbus feeds topic AGENCY"


def subject_of(topic: str) -> str:
    """Give the registry subject of a topic's values."""
    return f"{topic}-value"


def register(registry: SchemaRegistry, topic: str) -> bool:
    """Register today's schema for a topic; True when it was new.

    Raises Misconfigured when it would break readers or writers of an earlier version.
    """
    subject = subject_of(topic)
    earlier = [each.parsed for each in registry.texts_of(subject)]
    if any(map(_is_todays, earlier)):
        return False
    problems = check_registration(message_schema(), earlier)
    if problems:
        raise Misconfigured(
            "; ".join(map(str, problems)), hint="a change of this sort needs a topic of its own"
        )
    registry.register(subject, message_schema_text())
    registry.set_compatibility(COMPATIBILITY, subject)
    return True


def encoder_of(registry: SchemaRegistry, topic: str) -> Encoder:
    """Give what writes values of a topic with today's schema; raises Misconfigured without it."""
    for known in registry.texts_of(subject_of(topic)):
        if _is_todays(known.parsed):
            return Encoder(registry, subject_of(topic), schema_id=known.id)
    raise Misconfigured(f"{subject_of(topic)} is not registered as it is written", hint=_HINT)


def _is_todays(parsed: Any) -> bool:
    """Tell whether a schema is today's, however the registry writes it.

    Some leave out what may be left out of a schema's text, such as a namespace that is the same
    as the one around it.
    """
    try:
        return build(parsed) == _todays()
    except Rejected:
        return False


@cache
def _todays() -> Node:
    return build(message_schema())
