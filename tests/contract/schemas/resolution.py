"""What a reader should see of a writer's value, said in thirty lines of our own.

An oracle for the decode matrix: it follows the names in the two schemas and shares no code with
either Avro library. It knows only the changes that the bus allows.
"""

from __future__ import annotations

from typing import Any

from tests.contract.schemas.values import definitions, full_name


def as_read(value: Any, writer: Any, reader: Any) -> Any:
    """Give `value`, decoded with the writer's schema, as the reader's schema sees it."""
    return _Oracle(definitions(writer), definitions(reader)).see(value, writer, reader)


def needs_enum_default(value: Any, writer: Any, reader: Any) -> bool:
    """Say whether the reader does not know a symbol of the value and takes its default."""
    oracle = _Oracle(definitions(writer), definitions(reader))
    oracle.see(value, writer, reader)
    return oracle.defaulted


class _Oracle:
    def __init__(self, written: dict[str, Any], read: dict[str, Any]) -> None:
        self.defaulted = False
        self._written = written
        self._read = read

    def see(self, value: Any, writer: Any, reader: Any) -> Any:
        writer = self._written.get(writer, writer) if isinstance(writer, str) else writer
        reader = self._read.get(reader, reader) if isinstance(reader, str) else reader
        if isinstance(writer, list):
            return self._union(value, writer, reader)
        if isinstance(writer, str) or "logicalType" in writer:
            return value
        if writer["type"] == "array":
            return [self.see(item, writer["items"], reader["items"]) for item in value]
        if writer["type"] == "enum":
            known = value in reader["symbols"]
            self.defaulted = self.defaulted or not known
            return value if known else reader["default"]
        return self._record(value, writer, reader)

    def _union(self, value: Any, writer: Any, reader: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, tuple):
            name, fields = value
            return name, self.see(fields, self._branch(writer, name), self._branch(reader, name))
        return self.see(value, writer[1], reader[1])

    def _branch(self, union: Any, name: str) -> Any:
        return next(b for b in union if (b if isinstance(b, str) else full_name(b)) == name)

    def _record(self, value: Any, writer: Any, reader: Any) -> Any:
        types = {field["name"]: field["type"] for field in writer["fields"]}
        return {
            field["name"]: self.see(value[field["name"]], types[field["name"]], field["type"])
            if field["name"] in types
            else field["default"]
            for field in reader["fields"]
        }
