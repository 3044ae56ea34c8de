"""What agencies need to read their feeds by machine: made from the code that writes them."""

from __future__ import annotations

import json

from consumers.feeds.formats.avro_schema import message_schema_text
from consumers.feeds.formats.json_ld import context
from consumers.feeds.formats.json_schema import json_schema


def message_avro() -> str:
    """Give the Avro schema of the messages on an agency's topic."""
    return message_schema_text()


def message_json_schema() -> str:
    """Give the JSON Schema of a message in its envelope."""
    return _document(json_schema())


def niem_context() -> str:
    """Give the JSON-LD context that names NIEM's properties."""
    return _document(context())


def _document(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
