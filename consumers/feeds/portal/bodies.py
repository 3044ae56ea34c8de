"""What a subscriber may send: bodies and queries, read strictly (pure).

Invariant: what is not known here is refused and named, never left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from consumers.feeds.digest import BUCKET, SALT
from recordbus.web.problems import Fault, Problem
from recordbus.web.strict_json import parse

MOST_RECEIPTS: Final = 1000
MOST_SUBJECTS: Final = 1000
MOST_LEAVES: Final = 10_000
MOST_MESSAGES: Final = 500
MOST_ATTEMPTS: Final = 1000
CURSOR: Final = r"^[A-Za-z0-9-]{1,64}$"
_LIMIT: Final = r"^[1-9][0-9]{0,3}$"
_HEX: Final = r"^[0-9a-f]{64}$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Hex = Annotated[str, StringConstraints(pattern=_HEX)]
T = TypeVar("T")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Receipts(_Body):
    """The ids of messages whose corrections and retractions were carried out."""

    delivery_ids: Annotated[list[Name], Field(min_length=1, max_length=MOST_RECEIPTS)]


class Held(_Body):
    """What the subscriber makes of what it holds, under the salt.

    `digest` is of everything, or of one `bucket`; with `leaves`, by subject, it is told where the
    two sides differ.
    """

    salt: Annotated[str, StringConstraints(pattern=SALT)]
    digest: Hex
    bucket: Annotated[str, StringConstraints(pattern=BUCKET)] | None = None
    leaves: Annotated[dict[Name, Hex], Field(max_length=MOST_LEAVES)] | None = None


class Everything(_Body):
    """All that it was told."""

    what: Literal["everything"]


class Since(_Body):
    """What it was told from an instant on."""

    what: Literal["since"]
    since: AwareDatetime


class Subjects(_Body):
    """What it was told of some subjects."""

    what: Literal["subjects"]
    subjects: Annotated[list[Name], Field(min_length=1, max_length=MOST_SUBJECTS)]


Resend = Annotated[Everything | Since | Subjects, Field(discriminator="what")]
RECEIPTS: Final[TypeAdapter[Receipts]] = TypeAdapter(Receipts)
HELD: Final[TypeAdapter[Held]] = TypeAdapter(Held)
RESEND: Final[TypeAdapter[Everything | Since | Subjects]] = TypeAdapter(Resend)


class Parameter(NamedTuple):
    """A parameter of a query: its name, the form it has, and the largest number it may be."""

    name: str
    pattern: str
    most: int | None = None


AFTER: Final = Parameter("after", CURSOR)
LIMIT_MESSAGES: Final = Parameter("limit", _LIMIT, MOST_MESSAGES)
LIMIT_ATTEMPTS: Final = Parameter("limit", _LIMIT, MOST_ATTEMPTS)
SALTED: Final = Parameter("salt", SALT)


def read_body(adapter: TypeAdapter[T], body: bytes) -> T:
    """Read a body; raises Problem naming where it is not JSON, or which fields are wrong."""
    parse(body)
    try:
        return adapter.validate_json(body, strict=True)
    except ValidationError as error:
        faults = tuple(
            Fault(_pointer(each["loc"]), each["type"], "it is not as the reference shows")
            for each in error.errors(include_input=False, include_url=False, include_context=False)
        )
        raise Problem("invalid_body", faults=faults) from None


def read_query(given: Sequence[tuple[str, str]], parameters: Sequence[Parameter]) -> dict[str, str]:
    """Read a query; raises Problem for one that is not known, comes twice or is malformed."""
    known = {each.name: each for each in parameters}
    found: dict[str, str] = {}
    for name, value in given:
        parameter = known.get(name)
        if parameter is None or name in found:
            names = ", ".join(known) or "no parameters"
            raise Problem("bad_parameter", f"taken, once each: {names}")
        if not re.fullmatch(parameter.pattern.strip("^$"), value) or _exceeds(parameter, value):
            raise Problem("bad_parameter", f"{name} is not as the reference shows")
        found[name] = value
    return found


def _exceeds(parameter: Parameter, value: str) -> bool:
    return parameter.most is not None and int(value) > parameter.most


def _pointer(location: Sequence[int | str]) -> str:
    """Give the JSON pointer of a fault; the branch of a choice is no part of the body."""
    steps = location[1:] if location and location[0] in _BRANCHES else location
    return "".join(f"/{str(each).replace('~', '~0').replace('/', '~1')}" for each in steps)


_BRANCHES: Final = frozenset({"everything", "since", "subjects"})


def schema_of(adapter: TypeAdapter[Any]) -> dict[str, Any]:
    """Give the JSON Schema of a body, complete in itself."""
    schema = adapter.json_schema()
    definitions = schema.pop("$defs", {})
    schema.pop("discriminator", None)
    if "oneOf" in schema:
        schema["oneOf"] = [definitions[each["$ref"].rpartition("/")[2]] for each in schema["oneOf"]]
    return schema
