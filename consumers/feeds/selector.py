"""What of all that an agreement allows a subscription asks for (pure).

Invariant: a condition on a field that the agreement masks holds for nothing, so whether a record
arrives never tells what stands in the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from consumers.feeds.presence import Presence
from schemas.types import Association, Record, RecordBody
from schemas.types.vocabulary import Basis, RecordKind

Name = Annotated[str, Field(min_length=1, max_length=200)]
Usable = Callable[[str], bool]
"""Tells whether a filter may use a field, by its path in the value of its topic."""
_Asked = tuple[frozenset[str], str, Callable[[RecordBody], Iterator[str]]]

ENDS: Final[tuple[Literal["from_entity_id", "to_entity_id"], ...]] = (
    "from_entity_id", "to_entity_id",
)  # fmt: skip
MENTIONS: Final[
    tuple[Literal["people", "vehicles", "organisations", "locations", "phones"], ...]
] = ("people", "vehicles", "organisations", "locations", "phones")
OFFENCES: Final = "body.offences.code"
CITY: Final = "body.locations.location.address.city"
POSTAL_CODE: Final = "body.locations.location.address.postal_code"


class Selector(BaseModel):
    """Conditions that must all hold; one that is left out holds for everything.

    `watched` are ids of mentions: whatever names the entity that one of them belongs to at the
    time is selected, so a watch list stays right when entities merge and split (R-09).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    departments: tuple[Name, ...] = ()
    record_kinds: tuple[RecordKind, ...] = ()
    bases: tuple[Basis, ...] = ()
    entities: tuple[Name, ...] = ()
    watched: tuple[Name, ...] = ()
    offences: tuple[Name, ...] = ()
    cities: tuple[Name, ...] = ()
    postal_codes: tuple[Name, ...] = ()

    @property
    def asks_for_entities(self) -> bool:
        """Whether only records that name certain entities are asked for."""
        return bool(self.entities or self.watched)

    def takes(self, record: Record, usable: Usable) -> bool:
        """Tell whether a live record is about what is asked for, whomever it names."""
        body = record["body"]
        if body is None or not self.may_take(record["department"], record["record_kind"]):
            return False
        return self._takes_content(body, usable)

    def takes_record(self, presence: Presence, wanted: frozenset[str], usable: Usable) -> bool:
        """Tell whether a live record is asked for, its bases apart, which its associations have.

        `wanted` are the entities that `entities` and `watched` come to at this moment.
        """
        record = presence.record
        if record is None or record["body"] is None or not self.takes(record, usable):
            return False
        return not self.asks_for_entities or any(
            not wanted.isdisjoint(named)
            for named in _named(record["body"], presence.entities, usable)
        )

    def takes_association(self, said: Association, wanted: frozenset[str], usable: Usable) -> bool:
        """Tell whether an association is asked for that rests on a record which `takes`."""
        if not _within(said["basis"], self.bases):
            return False
        if not self.asks_for_entities:
            return True
        ends = {said[end] for end in ENDS if usable(f"association.{end}")}
        return not wanted.isdisjoint(ends)

    def may_take(self, department: str, record_kind: str) -> bool:
        """Tell by department and kind alone whether a record could ever be asked for."""
        return _within(department, self.departments) and _within(record_kind, self.record_kinds)

    def _takes_content(self, body: RecordBody, usable: Usable) -> bool:
        return all(
            usable(path) and not asked.isdisjoint(found(body)) for asked, path, found in self._asked
        )

    @cached_property
    def _asked(self) -> tuple[_Asked, ...]:
        every: tuple[_Asked, ...] = (
            (frozenset(self.offences), OFFENCES, _offences),
            (frozenset(map(_folded, self.cities)), CITY, _cities),
            (frozenset(map(_folded, self.postal_codes)), POSTAL_CODE, _postal_codes),
        )
        return tuple(each for each in every if each[0])


def _within(value: str, asked: tuple[str, ...]) -> bool:
    return not asked or value in asked


def _named(body: RecordBody, entities: Mapping[str, str], usable: Usable) -> Iterator[set[str]]:
    """Give the entities that each kind of mention names, where the agreement lets it be seen."""
    for part in MENTIONS:
        if usable(f"body.{part}.local_id"):
            roles: list[Any] = body[part]
            local_ids = (role["local_id"] for role in roles)
            yield {entities[local_id] for local_id in local_ids if local_id in entities}


def _offences(body: RecordBody) -> Iterator[str]:
    for offence in body["offences"]:
        code = offence["code"]
        yield from filter(None, (code["code"], code["source"]))


def _cities(body: RecordBody) -> Iterator[str]:
    return _of_addresses(body, "city")


def _postal_codes(body: RecordBody) -> Iterator[str]:
    return _of_addresses(body, "postal_code")


def _of_addresses(body: RecordBody, name: Literal["city", "postal_code"]) -> Iterator[str]:
    for role in body["locations"]:
        said = role["location"]["address"][name]
        if said:
            yield _folded(said)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
