"""Why two mentions are one entity, or are not: what is asked, and who answers.

The kit imports no service: explainers are entry points, found by name. An explainer needs no
running stage. It answers from two records as `records.v1` holds them and from what is in force, and
equal questions have equal answers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from importlib.metadata import entry_points
from typing import Any, Final, NamedTuple, Protocol, cast

from recordbus.errors import ExitCode, Misconfigured, RecordbusError

GROUP: Final = "recordbus.explainers"
IDENTITY: Final = "identity"


class UnknownMention(RecordbusError):
    """A record that is asked about does not have the mention, or is not live."""

    exit_code = ExitCode.REJECTED


class Standing(NamedTuple):
    """What `identities.v1` says of a mention: its entity, and what holds that together.

    `verdicts` are those of all mentions of the entity: what joins two may be that of a third.
    """

    entity_id: str | None
    verdicts: Collection[str] = ()


class Question(NamedTuple):
    """Two mentions, in any order, and what is in force between them.

    Records are decoded values of `records.v1`, `judgement` one of the pair's in `verdicts.v1`.
    `defaults` are the texts of values that are default values now. `at` is the time by which a
    judgement may have expired; without it none has. What stands is told where it is known.
    """

    a: str
    b: str
    record_of_a: Mapping[str, Any]
    record_of_b: Mapping[str, Any]
    identifier_key: bytes
    defaults: Collection[str] = ()
    judgement: Mapping[str, Any] | None = None
    at: datetime | None = None
    standing_of_a: Standing | None = None
    standing_of_b: Standing | None = None


class Explanation(NamedTuple):
    """`text` is JSON with sorted keys and without any value of the records.

    `sentences` say the same for people, in the order in which they should be read.
    """

    text: str
    sentences: tuple[str, ...]


class Explainer(Protocol):
    """Answers one kind of question."""

    def __call__(self, question: Question) -> Explanation:
        """Explain; raises UnknownMention when a record does not have the mention."""


def find(name: str = IDENTITY) -> Explainer:
    """Give the explainer of this name; raises Misconfigured when none is installed."""
    for point in entry_points(group=GROUP, name=name):
        return cast(Explainer, point.load())
    raise Misconfigured(
        f"no explainer of the name {name} is installed",
        hint="install recordbus again, with its streams",
    )
