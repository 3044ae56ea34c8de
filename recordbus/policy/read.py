"""From the bytes of an agreement file to an agreement that is known to be sound (pure).

Invariant: what `read_agreement` gives has no mistake that can be seen without other agreements;
every mistake is told with its line and column, and none is mended by guessing.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pydantic import ValidationError

from recordbus.policy.agreement import Agreement, Rule
from recordbus.policy.fields import mistake
from recordbus.policy.model import WORDS, AgreementText, RuleText
from recordbus.policy.overlaps import overlaps
from recordbus.policy.problems import AgreementInvalid, Problem
from recordbus.strict_yaml import Block, StrictYamlError, place_of, plain, read_strictly
from schemas.catalog import purposes

MAXIMUM_BYTES = 512 * 1024
_LISTS_THAT_GIVE = ("purposes", "record_kinds", "bases", "evidence_kinds")
_ONLY_WHERE_GIVEN = ("juveniles", "designations", "derived", "disputed", "sealed", "masks")


@dataclass(frozen=True, slots=True)
class ReadAgreement:
    """An agreement, and what somebody should look at although it can be used."""

    agreement: Agreement
    warnings: tuple[Problem, ...] = ()


def read_agreement(content: bytes, *, name: str = "agreement") -> ReadAgreement:
    """Read and check a file; AgreementInvalid names every mistake with line and column."""
    root = _document(content, name)
    text = _typed(root, name)
    problems = sorted(_problems(root, text))
    if problems:
        raise AgreementInvalid(name, problems)
    rules = tuple(
        _rule(key, rule, root.get("rules").lines[key])  # type: ignore[union-attr]
        for key, rule in text.rules.items()
    )
    agreement = Agreement(
        id=text.agreement,
        version=text.version,
        title=text.title,
        legal_authority=text.legal_authority,
        owners=text.owners,
        recipient=text.recipient,
        start=_midnight(text.start),
        end=_midnight(text.end + timedelta(days=1)),
        rules=rules,
        asked_through=frozenset(text.asked_through or ()),
        digest=hashlib.sha256(content).hexdigest(),
        name=name,
    )
    warnings = (Problem(rule.line, 3, says) for rule, says in overlaps(rules))
    return ReadAgreement(agreement, tuple(sorted(warnings)))


def _document(content: bytes, name: str) -> Block:
    if len(content) > MAXIMUM_BYTES:
        raise AgreementInvalid(name, [Problem(1, 1, f"is longer than {MAXIMUM_BYTES} bytes")])
    try:
        return read_strictly(content.decode("utf-8"), starts_with="agreement")
    except StrictYamlError as error:
        raise AgreementInvalid(name, [Problem(error.line, error.column, error.message)]) from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise AgreementInvalid(name, [Problem(line, 1, "is not UTF-8")]) from None


def _typed(root: Block, name: str) -> AgreementText:
    try:
        return AgreementText.model_validate(plain(root))
    except ValidationError as error:
        problems = {
            _problem(root, tuple(found["loc"]), found["type"], found["msg"], found.get("input"))
            for found in error.errors(include_url=False)
            if found["type"] != "too_short" or not found.get("input")
        }
        raise AgreementInvalid(name, list(problems)) from None


def _problem(root: Block, path: tuple[Any, ...], kind: str, message: str, given: Any) -> Problem:
    steps = tuple(step for step in path if step != "[key]")
    line, column = place_of(root, steps)
    where = ".".join(str(step) for step in steps)
    if kind == "extra_forbidden":
        says = f"`{path[-1]}` is no word of an agreement here{_meant(str(path[-1]))}"
    elif kind == "missing":
        says = f"`{where}` is missing"
    elif kind in ("tuple_type", "dict_type", "string_type", "model_type"):
        shape = {"tuple_type": "a list", "string_type": "one text"}.get(kind, "words with values")
        says = f"`{where}` must be {shape}"
    else:
        said = message.removeprefix("Value error, ")
        is_word = isinstance(given, str) and (
            kind == "literal_error" or steps[-2:-1] == ("purposes",)
        )
        meant = _meant(given) if is_word else ""
        says = f"`{where}`: {_shown(given)}{said}{meant}"
    return Problem(line, column, says)


def _shown(given: Any) -> str:
    return f"`{given[:60]}`: " if isinstance(given, str) else ""


def _meant(word: str) -> str:
    close = difflib.get_close_matches(word, WORDS, n=1)
    return f"; did you mean `{close[0]}`?" if close and close[0] != word else ""


def _problems(root: Block, text: AgreementText) -> Iterator[Problem]:
    """Find what only several words together show to be wrong."""
    if text.end < text.start:
        yield Problem(*place_of(root, ("end",)), "`end` is before `start`")
    if text.recipient in text.owners:
        place = place_of(root, ("recipient",))
        yield Problem(*place, "`recipient` is an owner, who needs no agreement for its own records")
    if text.recipient in (text.asked_through or ()):
        place = place_of(root, ("asked_through",))
        yield Problem(*place, "`asked_through` names the recipient, who asks for itself anyway")
    for name, rule in text.rules.items():
        for word, says in _rule_mistakes(rule):
            at = ("rules", name) if word is None else ("rules", name, *word)
            yield Problem(*place_of(root, at), f"rule `{name}`: {says}")


def _rule_mistakes(rule: RuleText) -> Iterator[tuple[tuple[str | int, ...] | None, str]]:
    written = rule.model_fields_set
    if rule.level == "hidden":
        for word in _ONLY_WHERE_GIVEN:
            if word in written:
                yield (word,), f"`{word}` is for rules that give something; use `only`"
    else:
        for word in _LISTS_THAT_GIVE:
            if word not in written:
                yield None, f"`{word}` is missing"
        if "only" in written:
            yield ("only",), "`only` is for rules that hide"
    shut = sorted(set(rule.purposes or ()) & purposes().side_doors)
    if shut and rule.level != "hidden" and rule.legal_authority is None:
        says = f"{', '.join(shut)}: needs a `legal_authority` of its own in this rule (R-29)"
        yield ("purposes",), says
    yield from _mask_mistakes(rule)


def _mask_mistakes(rule: RuleText) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if rule.level == "pointer" and rule.masks:
        yield ("masks",), "a pointer has no fields to mask"
    for at, path in enumerate(rule.masks or ()):
        says = mistake(path)
        if says is not None:
            yield ("masks", at), says


def _rule(name: str, text: RuleText, line: int) -> Rule:
    words = {"juvenile": text.juveniles, "designation": text.designations,
             "derived": text.derived, "disputed": text.disputed, "sealed": text.sealed}  # fmt: skip
    return Rule(
        name=name,
        level=text.level,
        actions=frozenset(text.actions),
        purposes=_set(text.purposes),
        record_kinds=_set(text.record_kinds),
        bases=_set(text.bases),
        evidence_kinds=_set(text.evidence_kinds),
        marks=frozenset(mark for mark, covered in words.items() if covered),
        only=frozenset(text.only or ()),
        masks=frozenset(text.masks or ()),
        legal_authority=text.legal_authority,
        line=line,
    )


def _set(words: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if words is None else frozenset(words)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
