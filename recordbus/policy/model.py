"""The words of an agreement file, typed (pure).

Invariant: no word has a default that shares more than leaving it out would; every list is closed
and spelt out, so that a new record kind or basis is in no agreement until somebody writes it there.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from recordbus.policy.decision import ACTIONS, BUS, LEVELS
from schemas.catalog import enum_symbols, purposes, record_kinds
from schemas.types import Basis as BasisName
from schemas.types import EvidenceKind, RecordKind

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_FIRST_YEAR, _LAST_YEAR = 2000, 2999


def _name(text: str) -> str:
    if not _NAME.fullmatch(text) or text == BUS:
        raise ValueError(f"small letters, digits and dashes, such as harbor-city-pd; never `{BUS}`")
    return text


def _number(value: Any) -> Any:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    raise ValueError("a whole number from 1, in plain digits")


def _flag(value: Any) -> Any:
    if value in ("true", "false"):
        return value == "true"
    raise ValueError("write `true` or `false`")


def _day(value: Any) -> Any:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise ValueError("a day, such as 2026-01-31")
    day = date.fromisoformat(value)
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"a day between {_FIRST_YEAR} and {_LAST_YEAR}")
    return day


def _once(words: tuple[str, ...]) -> tuple[str, ...]:
    twice = {word for word in words if words.count(word) > 1}
    if twice:
        raise ValueError(f"{', '.join(sorted(twice))} is listed twice")
    return words


def _purpose(word: str) -> str:
    if word not in purposes().of_agreements:
        raise ValueError("is not a purpose that an agreement may name")
    return word


def _stated(text: str) -> str:
    if not text.strip():
        raise ValueError("must say something")
    return text.strip()


Name = Annotated[str, Field(max_length=64), AfterValidator(_name)]
Sentence = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_stated)]
Number = Annotated[int, BeforeValidator(_number)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Day = Annotated[date, BeforeValidator(_day)]
Purpose = Annotated[str, AfterValidator(_purpose)]
Path = Annotated[str, Field(min_length=1, max_length=200)]
Mark = Literal["juvenile", "designation", "derived", "disputed", "sealed"]
_Word = TypeVar("_Word")
Words = Annotated[tuple[_Word, ...], Field(min_length=1), AfterValidator(_once)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RuleText(_Model):
    """One rule: what of the owners' records is given, pointed to or hidden, and for what."""

    level: Literal["full", "pointer", "hidden"]
    actions: Words[Literal["search", "feed"]] = ("search", "feed")
    purposes: Words[Purpose] | None = None
    record_kinds: Words[RecordKind] | None = None
    bases: Words[BasisName] | None = None
    evidence_kinds: Words[EvidenceKind] | None = None
    juveniles: Flag = False
    designations: Flag = False
    derived: Flag = False
    disputed: Flag = True
    sealed: Flag = False
    only: Words[Mark] | None = None
    masks: Words[Path] | None = None
    legal_authority: Sentence | None = None


class AgreementText(_Model):
    """An agreement file."""

    agreement: Name
    version: Number
    title: Sentence
    legal_authority: Sentence
    owners: Words[Name]
    recipient: Name
    asked_through: Words[Name] | None = None
    start: Day
    end: Day
    rules: Annotated[dict[Name, RuleText], Field(min_length=1)]


WORDS = tuple(
    dict.fromkeys(
        (
            *AgreementText.model_fields,
            *RuleText.model_fields,
            *record_kinds(),
            *enum_symbols("recordbus.v1.Basis"),
            *enum_symbols("recordbus.v1.EvidenceKind"),
            *sorted(purposes().of_agreements),
            *LEVELS,
            *ACTIONS,
            *get_args(Mark),
        )
    )
)
"""Every word of the language, to tell what a misspelt one may have meant."""
