"""The two Avro libraries behind one face, so that each checks the other."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import fastavro
from avro.io import BinaryDecoder, BinaryEncoder, DatumReader, DatumWriter
from avro.schema import make_avsc_object

from schemas.catalog import READ_OPTIONS
from tests.contract.schemas.values import without_names

Encode = Callable[[Any, Any], bytes]


def fast_encode(schema: Any, value: Any) -> bytes:
    """Encode with fastavro."""
    buffer = BytesIO()
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(schema), value, strict=True)
    return buffer.getvalue()


def fast_decode(payload: bytes, writer: Any, reader: Any = None) -> Any:
    """Decode with fastavro; AssertionError when bytes are left over."""
    buffer = BytesIO(payload)
    parsed = None if reader is None else fastavro.parse_schema(reader)
    value = fastavro.schemaless_reader(
        buffer, fastavro.parse_schema(writer), parsed, **READ_OPTIONS
    )
    assert not buffer.read(1), "bytes are left over"
    return value


def apache_encode(schema: Any, value: Any) -> bytes:
    """Encode with Apache Avro, which takes no names of union branches."""
    buffer = BytesIO()
    writer = DatumWriter(_apache(schema))
    writer.write(without_names(value), BinaryEncoder(buffer))
    return buffer.getvalue()


def apache_decode(payload: bytes, writer: Any, reader: Any = None) -> Any:
    """Decode with Apache Avro, which gives no names of union branches."""
    datum_reader = DatumReader(_apache(writer), _apache(reader or writer))
    return datum_reader.read(BinaryDecoder(BytesIO(payload)))


def _apache(schema: Any) -> Any:
    return make_avsc_object(json.loads(json.dumps(schema)))
