"""The versions that the schemas of topics have had: `history/<n>/<type>.avsc`, self-contained.

A version that has been published is never changed; a reader of any version must be able to read
every other. The newest version equals what `avro/` says today, and a test holds the two together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from schemas.avro_types import NAMESPACE, avro_schema
from schemas.files import read_text


@cache
def versions(full_name: str) -> Mapping[int, dict[str, Any]]:
    """Give every version of a topic's value type as a parsed schema, by number, oldest first."""
    name = full_name.removeprefix(f"{NAMESPACE}.")
    found: dict[int, dict[str, Any]] = {}
    for number in _numbers():
        path = f"history/{number}/{name}.avsc"
        if resources.files("schemas").joinpath(path).is_file():
            found[number] = json.loads(read_text(path))
    return MappingProxyType(found)


@cache
def _numbers() -> tuple[int, ...]:
    folders = resources.files("schemas").joinpath("history").iterdir()
    return tuple(sorted(int(folder.name) for folder in folders if folder.name.isdigit()))


def frozen_text(full_name: str) -> str:
    """Give what a file of the history must hold for today's version of a type."""
    return json.dumps(avro_schema(full_name), ensure_ascii=False, indent=1) + "\n"
