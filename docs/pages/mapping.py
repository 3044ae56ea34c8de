"""The page of the mapping language, from the models that read it.

What a word means stands here, since the models say only what it may be; a word without a meaning,
or a meaning without a word, is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from docs.pages.markdown import code, codes, page, table
from producers.mapping.conversions import TRANSFORMS
from producers.mapping.spec import (
    ChildFile,
    CodeTable,
    Condition,
    Export,
    MappingFile,
    PartOfCell,
    SequenceRule,
    Source,
    ValueRule,
)

INTRODUCTION = """\
A mapping says how the columns and codes of one department become a record's fields. How to write
one is told in [Write a mapping](../how-to/write-a-mapping.md); these are all its words. The fields
of a `body` are not among them: they are those of [`RecordBody`](schemas.md#recordbody), and what
the schema has not is a mistake that `recordbus mapping check` names with its line."""

Meanings = Mapping[str, str]

_FILE: Meanings = {
    "mapping": "Name of the mapping: small letters, digits and dashes.",
    "title": "Whose export this is, for people.",
    "source": "How the department writes its files.",
    "codes": "Code tables by name.",
    "exports": "The kinds of file by name, at least one.",
}
_SOURCE: Meanings = {
    "encoding": "`utf-8`, `latin-1`, `windows-1252` or `utf-16`; a file in another one is refused.",
    "delimiter": "What separates cells: one character, or `tab`.",
    "quote": "What a cell is quoted with.",
    "time_zone": "Zone of all times that name none, as in the IANA list.",
    "pivot_year": "With two-digit years: years below it are 20yy, others 19yy. No default.",
    "dates": "How dates are written. With several, a text that two read differently is refused.",
    "date_times": "How instants are written; the formats of `dates` that name a day count too.",
    "empty": "Texts that mean that there is no value.",
    "trim": "Whether spaces around cells are cut off.",
    "completeness": "`full`: a row that is gone is withdrawn. `changes`: nothing follows from it.",
    "sequence": "Pattern whose group is the snapshot's number in its path; older ones are refused.",
    "ready": "`stable`: unchanged for two seconds. `marker`: a file FILE.done is beside it.",
    "withdraw_ratio": "The share of records that may vanish before the snapshot is held.",
    "withdraw_count": "How many records may vanish before the snapshot is held.",
    "maximum_cell": "Longest cell, in characters; a row with a longer one is refused.",
}
_EXPORT: Meanings = {
    "file": "Which files of a folder are this export, with `*` and `?`.",
    "record_kind": "The kind of record that a row is.",
    "key": "The columns that number the record; several are joined by `/`.",
    "key_pattern": "The form of a sound key; another one refuses the row.",
    "source_seq": "`snapshot`: the connector counts. Else where the row's own version number is.",
    "recorded_at": "Rule for when the department recorded this.",
    "occurred_at": "Rule for when it happened.",
    "dissemination_level": "Rule: `unrestricted`, `law_enforcement` or `restricted`.",
    "optional_columns": "Columns that a file may lack.",
    "ignored_columns": "Columns that are known and not used, so that nobody is warned of them.",
    "children": "Files with several rows for one record, by name.",
    "source": "What this export writes differently from the rest.",
    "body": "The record, drawn as it shall be.",
}
_CHILD: Meanings = {
    "file": "Which file beside the main one it is, with `*` and `?`; exactly one must fit.",
    "key": "The columns that name the record, in the order of the export's `key`.",
    "order": "Columns to sort the rows of one record by, so that their order means nothing.",
}
_CODES: Meanings = {
    "list": "The code list of the results; its own codes then mean themselves.",
    "unknown": "`keep`: the source value without a code. `refuse`: the row is refused.",
    "ignore_case": "Whether capitals make no difference.",
    "values": "What the department writes, and what it means in our codes.",
    "drop": "Source values that are left out as if the cell were empty.",
}
_RULE: Meanings = {
    "column": "The cell. A bare name instead of a block is short for this.",
    "constant": "Always this text. `=text` instead of a block is short for this.",
    "first_of": "The first of these columns that is not empty.",
    "join": "These columns, the empty ones left out.",
    "with": "What stands between joined columns.",
    "codes": "The code table to translate with.",
    "dates": "Date formats of this field alone.",
    "as": "A conversion; see below.",
    "split": "Where to cut the cell into several values, for a field that is a list.",
    "pattern": "The form that the whole text must have.",
    "take": "A pattern; the text in its group is the value.",
    "unreadable": "`refuse` the row, or `keep` it without the value; a date keeps its source text.",
    "required": "Whether an empty cell refuses the row.",
    "otherwise": "The rule when the cells are empty; a basis may have none.",
    "when": "The condition under which there is a value.",
}
_CONDITION: Meanings = {
    "column": "The column looked at; alone, it must not be empty.",
    "is": "It has one of these texts.",
    "is_not": "It has none of these texts.",
    "any_of": "At least one of these columns is not empty.",
    "all_of": "None of these columns is empty.",
}
_SEQUENCE: Meanings = {
    "column": "The column with the row's own version number.",
    "as": "What stands there: `integer`, or `date_time`, which counts in milliseconds.",
}
_PART: Meanings = {
    "column": "The cell that holds several parts.",
    "by": "What separates the parts.",
}
_ITEM: Meanings = {
    "repeat": "A list such as `[1, 2, 3]`: the item is written once for each, with it for `{n}`.",
    "for_each": "A child file: one item for each of its rows. `^name` is the record's column.",
    "matching": "With `for_each`: only rows where these child columns equal those of the record.",
    "for_each_part": "A cell with several parts, each of which is the column `part`.",
    "when": "The condition under which the item is there.",
}

_SECTIONS: tuple[tuple[str, str, type[BaseModel], Meanings], ...] = (
    ("The file", "", MappingFile, _FILE),
    ("source", "", Source, _SOURCE),
    ("exports", "One entry for each kind of file.", Export, _EXPORT),
    ("source_seq", "The long form, for a department that numbers its versions.", SequenceRule,
     _SEQUENCE),
    ("children", "", ChildFile, _CHILD),
    ("codes", "", CodeTable, _CODES),
    ("Rules", "What fills one field. Exactly one of `column`, `constant`, `first_of` and `join`.",
     ValueRule, _RULE),
    ("Conditions", "A bare column name is short for `{column: name}`.", Condition, _CONDITION),
    ("for_each_part", "", PartOfCell, _PART),
)  # fmt: skip


def mapping() -> str:
    """Give the page."""
    return page(
        "Words of a mapping",
        "producers/mapping/spec.py and docs/pages/mapping.py",
        INTRODUCTION,
        *(_section(title, says, model, meanings) for title, says, model, meanings in _SECTIONS),
        "## Items of a list\n\nAn item is left out when every column that it reads is empty.",
        table(("word", "meaning"), ((code(word), says) for word, says in _ITEM.items())),
        "## Conversions\n\nWhat `as` may name.",
        table(("conversion", "meaning"), ((code(n), _says(n)) for n in sorted(TRANSFORMS))),
    )


def _section(title: str, says: str, model: type[BaseModel], meanings: Meanings) -> str:
    fields = {info.alias or name: info for name, info in model.model_fields.items()}
    if fields.keys() != meanings.keys():
        raise AssertionError(f"{model.__name__}: {sorted(fields.keys() ^ meanings.keys())}")
    rows = ((code(word), _default(info), meanings[word]) for word, info in fields.items())
    shown = table(("word", "default", "meaning"), rows)
    return "\n\n".join(part for part in (f"## {title}", says, shown) if part)


def _default(info: Any) -> str:
    if info.is_required():
        return "required"
    value = info.default
    if isinstance(value, tuple):
        return codes(value)
    if isinstance(value, bool):
        return code(str(value).lower())
    return "" if value is None or value == {} else code(value)


def _says(name: str) -> str:
    own = {"upper": "Capitals.", "lower": "Small letters.", "title": "A Capital For Each Word."}
    return own.get(name) or str(TRANSFORMS[name].__doc__)
