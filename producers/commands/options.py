"""Arguments and options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from recordbus.errors import Misconfigured
from schemas import catalog


def _known_kind(kind: str) -> str:
    if kind not in catalog.record_kinds():
        raise Misconfigured(
            f"{kind!r} is no record kind", hint=f"use one of {', '.join(catalog.record_kinds())}"
        )
    return kind


Department = Annotated[str, typer.Option("--department", help="The department's name on the bus.")]
MappingName = Annotated[
    str, typer.Option("--mapping", help="A shipped mapping's name, or the path of a mapping file.")
]
Snapshot = Annotated[
    Path, typer.Option("--from", help="The export that has the record: a file or its folder.")
]
Kind = Annotated[
    str, typer.Option("--kind", help="The kind of record, such as arrest.", callback=_known_kind)
]
Reason = Annotated[str, typer.Option("--reason", help="Code of the reason, such as court_order.")]
RecordId = Annotated[str, typer.Argument(help="The department's own number of the record.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
