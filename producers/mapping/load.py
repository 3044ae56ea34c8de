"""From the text of a mapping file to a mapping that is known to be usable (pure).

The invariant: what `load` gives has no mistake that can be seen without a row.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from producers.mapping.codes import Codes, table_problems
from producers.mapping.context import Context, Vocabulary, read_model, suggestion
from producers.mapping.converters import Target
from producers.mapping.document import Block, Text, read, text_at
from producers.mapping.export import Columns, ExportMapping, Parts, wanted_place
from producers.mapping.pieces import Piece, Place, constant
from producers.mapping.problems import MappingInvalid, Problem
from producers.mapping.roles import check_roles
from producers.mapping.shape import RecordOf, Scalar, empty_value, read_shape
from producers.mapping.spec import Export, MappingFile, SequenceRule, Source
from producers.mapping.template import compile_record, details_name
from producers.mapping.values import compile_value
from producers.mapping.vocabulary import SchemaVocabulary
from recordbus.canonical import canonical_json

_INSTANT = Scalar("instant")


@dataclass(frozen=True, slots=True)
class DepartmentMapping:
    """A department's mapping file, checked; `warnings` do not keep it from being used."""

    name: str
    title: str
    exports: Mapping[str, ExportMapping]
    warnings: tuple[Problem, ...] = ()

    def export_for(self, file_name: str) -> ExportMapping | None:
        """Give the export that a file is, by its name; the only export takes any name."""
        if len(self.exports) == 1:
            return next(iter(self.exports.values()))
        for export in self.exports.values():
            if fnmatch.fnmatch(file_name, export.spec.file):
                return export
        return None


def load(
    text: str, *, name: str = "mapping", vocabulary: Vocabulary | None = None
) -> DepartmentMapping:
    """Read and check a mapping file; MappingInvalid names every mistake with its line."""
    root = read(text, name=name)
    problems: list[Problem] = []
    file = read_model(MappingFile, root, problems, root)
    if file is None:
        raise MappingInvalid(name, problems)
    loader = _Loader(root, file, vocabulary or SchemaVocabulary(), problems)
    exports = loader.exports()
    if problems:
        raise MappingInvalid(name, list(dict.fromkeys(problems)))
    return DepartmentMapping(file.mapping, file.title, exports, tuple(loader.unused_tables()))


class _Loader:
    """Goes through a file once; what it finds wrong ends up in `problems`."""

    def __init__(
        self, root: Block, file: MappingFile, vocabulary: Vocabulary, problems: list[Problem]
    ) -> None:
        self._root = root
        self._file = file
        self._vocabulary = vocabulary
        self._problems = problems
        self._used_codes: set[str] = set()
        self._shape = read_shape(vocabulary.body_schema())
        self._codes = {name: self._table(name) for name in file.codes}

    def exports(self) -> dict[str, ExportMapping]:
        """Compile every export once against a header that has whatever it asks for."""
        found = {}
        for name, spec in self._file.exports.items():
            export = self._export(name, spec, self._root["exports"][name])
            if export is not None:
                found[name] = export
        return found

    def unused_tables(self) -> list[Problem]:
        """Give a warning for each code table that no rule uses."""
        block = self._root.get("codes", {})
        return [
            Problem(block.lines[name], f"the table `{name}` is never used")
            for name in self._codes
            if name not in self._used_codes
        ]

    def _table(self, name: str) -> Codes:
        table = self._file.codes[name]
        known = self._vocabulary.code_list(table.list) if table.list else None
        block = self._root["codes"][name]
        lines = {"list": block.lines.get("list", block.line)}
        if "values" in block:
            lines |= block["values"].lines
        for where, message in table_problems(name, table, known).items():
            self._problems.append(Problem(lines.get(where, block.line), message))
        return Codes(name, table, frozenset(known or ()))

    def _export(self, name: str, spec: Export, block: Block) -> ExportMapping | None:
        source = self._source(block)
        kinds = self._vocabulary.record_kinds()
        if spec.record_kind not in kinds:
            hint = suggestion(spec.record_kind, kinds)
            self._problem(block, "record_kind", f"no such record kind{hint}")
            return None
        if source is None:
            return None
        context = self._context(source, spec)
        context.problems = self._problems
        place, main, children = wanted_place(list(spec.children))
        self._compile(spec, block, place, context)
        self._used_codes |= context.used_codes
        check_roles(block["body"], context)
        self._check_columns(spec, block, main.names)
        return ExportMapping(
            name=name,
            spec=spec,
            source=source,
            columns=Columns(
                frozenset(main.names) | set(spec.key),
                {
                    child: self._child_columns(spec, child, seen.names)
                    for child, seen in children.items()
                },
            ),
            meaning=canonical_json(
                [block, self._root.get("codes"), source.model_dump(mode="json")]
            ),
            context=lambda: self._context(source, spec),
            compile=lambda at, into: self._compile(spec, block, at, into),
        )

    def _child_columns(self, spec: Export, child: str, used: Collection[str]) -> frozenset[str]:
        return frozenset(used) | set(spec.children[child].key) | set(spec.children[child].order)

    def _context(self, source: Source, spec: Export) -> Context:
        return Context(self._vocabulary, source, self._codes, spec.record_kind)

    def _source(self, block: Block) -> Source | None:
        merged = Block()
        merged.line, merged.lines = block.line, {}
        for part in (self._root.get("source"), block.get("source")):
            if part is None:
                continue
            if not isinstance(part, Block):
                self._problems.append(Problem(part.line, "`source` needs keys below it"))
                return None
            merged.update(part)
            merged.lines |= part.lines
        return read_model(Source, merged, self._problems, merged)

    def _check_columns(self, spec: Export, block: Block, used: Collection[str]) -> None:
        for name in spec.optional_columns:
            if name not in used:
                self._problem(block, "optional_columns", f"`{name}` is not used by the mapping")
            if name in spec.key:
                self._problem(block, "optional_columns", f"`{name}` is the key and must be there")
        for name in set(spec.ignored_columns) & set(used):
            self._problem(block, "ignored_columns", f"`{name}` is used by the mapping")
        for name, child in spec.children.items():
            if len(child.key) != len(spec.key):
                self._problem(
                    block, "children", f"`{name}`: key needs as many columns as the record's"
                )

    def _problem(self, block: Block, key: str, message: str) -> None:
        self._problems.append(Problem(block.lines.get(key, block.line), f"`{key}`: {message}"))

    def _compile(self, spec: Export, block: Block, place: Place, context: Context) -> Parts:
        for name in spec.key:
            place.find(name)
        if isinstance(spec.source_seq, SequenceRule):
            place.find(spec.source_seq.column)
        levels = Scalar("enum", tuple(self._vocabulary.dissemination_levels()))
        level = block.get("dissemination_level", text_at("=law_enforcement", block.line))
        return Parts(
            self._scalar(block["recorded_at"], _INSTANT, "recorded_at", place, context),
            self._optional(block.get("occurred_at"), _INSTANT, "occurred_at", place, context),
            self._sequence(spec, block, place, context),
            self._scalar(level, levels, "dissemination_level", place, context),
            self._body(block["body"], place.below("body"), context),
        )

    def _scalar(self, node: Any, shape: Scalar, name: str, place: Place, context: Context) -> Piece:
        return compile_value(node, Target(shape, name, None), place.below(name), context)

    def _optional(
        self, node: Any, shape: Scalar, name: str, place: Place, context: Context
    ) -> Piece:
        if node is None:
            return constant(None)
        return compile_value(node, Target(shape, name, lambda: None), place.below(name), context)

    def _sequence(self, spec: Export, block: Block, place: Place, context: Context) -> Piece:
        if not isinstance(spec.source_seq, SequenceRule):
            return constant(None)
        shape = Scalar("long") if spec.source_seq.as_ == "integer" else _INSTANT
        column: Text = text_at(spec.source_seq.column, block.lines["source_seq"])
        return self._scalar(column, shape, "source_seq", place, context)

    def _body(self, node: Any, place: Place, context: Context) -> Piece:
        branch = self._shape.fields["details"].shape.branches[details_name(context.record_kind)]  # type: ignore[union-attr]
        given = {"record_id": constant("")}
        if isinstance(node, Block) and "details" not in node:
            self._needs_details(node, branch, context)
            given["details"] = constant((branch.name, _empty(branch)))
        return compile_record(node, self._shape, place, context, given=given)

    def _needs_details(self, node: Block, branch: RecordOf, context: Context) -> None:
        needed = [name for name, field in branch.fields.items() if not field.may_be_left_out]
        if needed:
            context.problem(node, f"`body` needs `details` with {', '.join(needed)}")


def _empty(branch: RecordOf) -> Any:
    if all(field.may_be_left_out for field in branch.fields.values()):
        return empty_value(branch)
    return None
