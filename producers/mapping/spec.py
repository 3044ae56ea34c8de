"""The typed parts of a mapping file; the body's own shape is checked against our schemas.

Field names are the language's words. Text that stands for a rule stays untouched here
(`Any`): what it may be depends on the field it fills.
"""

from __future__ import annotations

import codecs
import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from producers.mapping.conversions import date_format

_ENCODINGS = {"utf-8": "utf-8", "latin-1": "latin-1", "windows-1252": "cp1252", "utf-16": "utf-16"}
_DELIMITERS = {"tab": "\t", "\\t": "\t"}


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _known_encoding(name: str) -> str:
    if name.lower() not in _ENCODINGS:
        raise ValueError(f"unknown encoding; write one of {', '.join(_ENCODINGS)}")
    return codecs.lookup(_ENCODINGS[name.lower()]).name


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError("not a time zone of the IANA list, such as America/New_York") from error
    return name


def _readable_pattern(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return pattern


def _with_group(pattern: str) -> str:
    if re.compile(_readable_pattern(pattern)).groups < 1:
        raise ValueError("needs a group in parentheses: what it finds there is the value")
    return pattern


def _one_character(text: str) -> str:
    delimiter = _DELIMITERS.get(text, text)
    if len(delimiter) != 1:
        raise ValueError("the delimiter must be one character, or `tab`")
    return delimiter


def _plain_text(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


Word = Annotated[str, BeforeValidator(_plain_text), Field(min_length=1)]
Cell = Annotated[str, BeforeValidator(_plain_text)]
Pattern = Annotated[Word, AfterValidator(_readable_pattern)]
PatternWithGroup = Annotated[Word, AfterValidator(_with_group)]
Delimiter = Annotated[Cell, AfterValidator(_one_character)]


class Source(_Model):
    """How the department writes its files."""

    encoding: Annotated[Word, AfterValidator(_known_encoding)] = "utf-8"
    delimiter: Delimiter = ","
    quote: Annotated[Cell, Field(min_length=1, max_length=1)] = '"'
    time_zone: Annotated[Word, AfterValidator(_known_zone)] = "UTC"
    pivot_year: Annotated[int, Field(ge=0, le=99)] | None = None
    dates: tuple[Word, ...] = ("%Y-%m-%d",)
    date_times: tuple[Word, ...] = ("%Y-%m-%d %H:%M:%S",)
    empty: tuple[Cell, ...] = ()
    trim: bool = True
    completeness: Literal["full", "changes"] = "full"
    sequence: PatternWithGroup | None = None
    ready: Literal["stable", "marker"] = "stable"
    withdraw_ratio: Annotated[float, Field(ge=0, le=1)] = 0.02
    withdraw_count: Annotated[int, Field(ge=0)] = 100
    maximum_cell: Annotated[int, Field(ge=1, le=131_072)] = 131_072

    @model_validator(mode="after")
    def _quote_is_no_delimiter(self) -> Source:
        if self.delimiter == self.quote:
            raise ValueError("the delimiter and the quote must differ")
        return self

    @field_validator("dates", "date_times")
    @classmethod
    def _readable_formats(cls, formats: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        for written in formats:
            date_format(written, info.data.get("pivot_year"))
        return formats


class CodeTable(_Model):
    """What the department's codes mean in ours, or in the words of a closed field."""

    list: Word | None = None
    unknown: Literal["keep", "refuse"] | None = None
    ignore_case: bool = False
    values: dict[Cell, Word] = {}
    drop: tuple[Cell, ...] = ()


class ChildFile(_Model):
    """A file beside the main one that has several rows for one record."""

    file: Word
    key: Annotated[tuple[Word, ...], Field(min_length=1)]
    order: tuple[Word, ...] = ()


class Condition(_Model):
    """When a part is there."""

    column: Word | None = None
    is_: Annotated[tuple[Cell, ...] | None, Field(alias="is")] = None
    is_not: tuple[Cell, ...] | None = None
    any_of: tuple[Word, ...] | None = None
    all_of: tuple[Word, ...] | None = None

    @model_validator(mode="after")
    def _one_question(self) -> Condition:
        if sum(part is not None for part in (self.column, self.any_of, self.all_of)) != 1:
            raise ValueError("a condition needs exactly one of column, any_of, all_of")
        if (self.is_ or self.is_not) and self.column is None:
            raise ValueError("`is` and `is_not` need `column`")
        return self


Transform = Literal[
    "upper",
    "lower",
    "title",
    "digits",
    "integer",
    "feet_inches",
    "centimetres",
    "kilograms",
    "cents",
]


class ValueRule(_Model):
    """The long form of a rule: where a value comes from and how it is read."""

    column: Word | None = None
    constant: Cell | None = None
    first_of: tuple[Word, ...] | None = None
    join: tuple[Word, ...] | None = None
    with_: Annotated[Cell, Field(alias="with")] = " "
    codes: Word | None = None
    dates: tuple[Word, ...] | None = None
    as_: Annotated[Transform | None, Field(alias="as")] = None
    split: Cell | None = None
    pattern: Pattern | None = None
    take: PatternWithGroup | None = None
    unreadable: Literal["refuse", "keep"] = "refuse"
    required: bool = False
    otherwise: Any = None
    when: Any = None

    @model_validator(mode="after")
    def _one_source(self) -> ValueRule:
        sources = (self.column, self.constant, self.first_of, self.join)
        if sum(source is not None for source in sources) != 1:
            raise ValueError("a rule needs exactly one of column, constant, first_of, join")
        return self


class PartOfCell(_Model):
    """A cell that holds several parts, one item each."""

    column: Word
    by: Annotated[Cell, Field(min_length=1)]


class SequenceRule(_Model):
    """Where the department's own version number of a record is."""

    column: Word
    as_: Annotated[Literal["integer", "date_time"], Field(alias="as")] = "integer"


class Export(_Model):
    """One kind of file and the kind of record that its rows are."""

    file: Word = "*"
    record_kind: Word
    key: Annotated[tuple[Word, ...], Field(min_length=1)]
    key_pattern: Pattern | None = None
    source_seq: Literal["snapshot"] | SequenceRule = "snapshot"
    recorded_at: Any
    occurred_at: Any = None
    dissemination_level: Any = "=law_enforcement"
    optional_columns: tuple[Word, ...] = ()
    ignored_columns: tuple[Word, ...] = ()
    children: dict[Word, ChildFile] = {}
    source: Any = None
    body: Any


class MappingFile(_Model):
    """A department's mapping file."""

    mapping: Annotated[Word, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Word
    source: Any = None
    codes: dict[Word, CodeTable] = {}
    exports: Annotated[dict[Word, Export], Field(min_length=1)]


_MODELS = (
    Source,
    CodeTable,
    ChildFile,
    Condition,
    ValueRule,
    PartOfCell,
    SequenceRule,
    Export,
    MappingFile,
)
WORDS = frozenset(
    info.alias or name for model in _MODELS for name, info in model.model_fields.items()
)
"""Every key of the language outside a body."""
