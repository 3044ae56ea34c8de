"""The page of the words of an agreement, from their models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from docs.pages.markdown import code, codes, page, table
from recordbus.policy.fields import MASKABLE_OF_ASSOCIATION, maskable
from recordbus.policy.model import AgreementText, RuleText
from recordbus.policy.signing import Reason, Signer

Meanings = Mapping[str, str]

INTRODUCTION = """\
An agreement is YAML of one document without anchors, tags and merge keys. Every scalar is text:
`no` and `12:30` stay what they are, a flag is `true` or `false`, a number plain digits, a day
`2026-01-31`. An unknown word is a mistake, with its line and column.
[How to write one](../how-to/write-an-agreement.md),
[what follows from it](../explanation/agreements.md)."""

_AGREEMENT: Meanings = {
    "agreement": "Its name for good, and that of its file: small letters, digits, dashes.",
    "version": "Its number, from 1; each change has a higher one.",
    "title": "What it is, for people.",
    "legal_authority": "The law or resolution that it rests on.",
    "owners": "The departments whose records it is about.",
    "recipient": "The agency that has them in the end.",
    "asked_through": "Agencies that may ask on behalf of the recipient, for these owners' records "
    "(R-30); nobody when left out.",
    "start": "The first day, in UTC.",
    "end": "The last day, in UTC; it stops by itself when that is over (R-32).",
    "rules": "The rules by name.",
}
_RULE: Meanings = {
    "level": "`full`; `pointer`: whom to ask, nothing else; `hidden`: wins over every other rule.",
    "actions": "`search`, `feed`.",
    "purposes": "What for, of the [list](code-lists.md#purpose). Every rule that gives says it.",
    "record_kinds": "Kinds of record. Every rule that gives says it.",
    "bases": "Bases of associations; a record itself has none. Every rule that gives says it.",
    "evidence_kinds": "`fact`, `assessment`. Every rule that gives says it.",
    "juveniles": "Whether it gives what is about somebody who may have been under age.",
    "designations": "Whether it points to designations; nobody has more of them (R-13).",
    "derived": "Whether it gives associations that were derived from others (R-08).",
    "disputed": "Whether it gives what is in dispute, with its mark (R-19).",
    "sealed": "Whether it points to what is sealed (R-25).",
    "only": "For a rule that hides: only items with all of these marks: `juvenile`, `designation`, "
    "`derived`, `disputed`, `sealed`.",
    "masks": "Paths of fields that are left out; with `full` only.",
    "legal_authority": "Its own legal authority; a purpose that is shut needs one (R-29).",
}
_SIGNER: Meanings = {
    "name": "The signer's name, as in signature files.",
    "role": "`author` or `approver`; one approver must be among those who sign.",
    "public_key": "What `recordbus policy keys make` printed.",
    "owners": "The departments that the signer speaks for; all when left out.",
}
_REASONS: Meanings = {
    "unreadable": "It, or the keyring, cannot be read.",
    "invalid": "`recordbus policy check` names what is wrong.",
    "other_name": "Its file is not named as the agreement.",
    "unknown_party": "An owner or the recipient is not known to the bus.",
    "unsigned": "There is no signature file beside it.",
    "unknown_signer": "Somebody signed who is not in the keyring.",
    "bad_signature": "A signature is not one of these bytes.",
    "not_for_owner": "Somebody signed who does not speak for its owners.",
    "too_few_signers": "Fewer people signed than must.",
    "no_approver": "No approver is among those who signed.",
    "older_version": "A newer version was accepted before.",
    "changed_without_version": "The same version was accepted with other bytes.",
    "missing": "Its file is gone; end it by a newer version instead.",
    "not_kept": "It could not be kept, so an older version could have come back.",
}

_MASKS = """\
A mask may name any of these, or a part of a record above them. Each names one field: who masks a
date of birth has `body.people.age_years` and `body.people.age_range` to think of."""


def agreements() -> str:
    """Give the page."""
    if {*Reason} != _REASONS.keys():
        raise AssertionError(f"reasons: {sorted({*Reason} ^ _REASONS.keys())}")
    return page(
        "Words of an agreement",
        "recordbus/policy/model.py and docs/pages/agreements.py",
        INTRODUCTION,
        _section("The file", "", AgreementText, _AGREEMENT),
        _section("rules", "A list that a rule which hides leaves out means everything.",
                 RuleText, _RULE),
        f"## masks\n\n{_MASKS}",
        table(("of an association",), ((code(path),) for path in sorted(MASKABLE_OF_ASSOCIATION))),
        table(("of a record",), ((code(path),) for path in _of_records())),
        _section("signers", "Each entry of the keyring.", Signer, _SIGNER),
        "## Why a file is refused\n\nWhat was accepted before stays in force.",
        table(("reason", "meaning"), ((code(r), _REASONS[r]) for r in Reason)),
    )  # fmt: skip


def _of_records() -> list[str]:
    """Give the paths that lead to a value and to no further field."""
    every = maskable()
    above = {path.rpartition(".")[0] for path in every}
    return sorted(path for path in every - MASKABLE_OF_ASSOCIATION if path not in above)


def _section(title: str, says: str, model: type[BaseModel], meanings: Meanings) -> str:
    if model.model_fields.keys() != meanings.keys():
        missing = sorted(model.model_fields.keys() ^ meanings.keys())
        raise AssertionError(f"{model.__name__}: {missing}")
    rows = (
        (code(word), _default(info), meanings[word]) for word, info in model.model_fields.items()
    )
    shown = table(("word", "default", "meaning"), rows)
    return "\n\n".join(part for part in (f"## {title}", says, shown) if part)


def _default(info: Any) -> str:
    if info.is_required():
        return "required"
    if isinstance(info.default, tuple):
        return codes(info.default)
    return code(str(info.default).lower()) if isinstance(info.default, bool) else ""
