"""Reading the package's data files, from a checkout and from an installed wheel alike (pure).

The YAML read here has no surprises: `NO`, `ON`, `12:30` and `0777` stay text, a key may come
once, and anchors, aliases and tags are refused.
"""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import yaml

from schemas.errors import CatalogError

_PLAIN_SCALARS = (
    ("tag:yaml.org,2002:null", r"^(?:null)?$", ["n", ""]),
    ("tag:yaml.org,2002:bool", r"^(?:true|false)$", ["t", "f"]),
    ("tag:yaml.org,2002:int", r"^(?:0|-?[1-9][0-9]*)$", list("-0123456789")),
    ("tag:yaml.org,2002:float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", list("-0123456789")),
)


class _PlainLoader(yaml.SafeLoader):
    """A loader that knows null, true, false, decimal numbers and text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, Any]]] = {}  # noqa: RUF012 - yaml's own shape

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise CatalogError(f"anchors, aliases and tags are not allowed {event.start_mark}")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in mapping:
                raise CatalogError(f"key {key!r} comes twice {key_node.start_mark}")
            mapping[key] = self.construct_object(value_node, deep=deep)
        return mapping


def _add_plain_scalars() -> None:
    for tag, pattern, first in _PLAIN_SCALARS:
        _PlainLoader.add_implicit_resolver(tag, re.compile(pattern), first)


def _construct_map(loader: _PlainLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    return loader.construct_mapping(node, deep=True)


_add_plain_scalars()
_PlainLoader.add_constructor("tag:yaml.org,2002:map", _construct_map)


def read_text(path: str) -> str:
    """Give the text of a data file, by its path below `schemas/`; CatalogError when absent."""
    try:
        return resources.files("schemas").joinpath(path).read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise CatalogError(f"schemas/{path} does not exist") from error


def read_yaml(path: str) -> Any:
    """Give the content of a YAML data file; CatalogError names the file and the fault."""
    try:
        return yaml.load(read_text(path), Loader=_PlainLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, CatalogError) as error:
        raise CatalogError(f"schemas/{path}: {error}") from error


def names_in(folder: str, suffix: str) -> tuple[str, ...]:
    """Give the sorted names, without suffix, of the files with that suffix in a data folder."""
    found = resources.files("schemas").joinpath(folder).iterdir()
    return tuple(sorted(f.name.removesuffix(suffix) for f in found if f.name.endswith(suffix)))
