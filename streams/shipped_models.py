"""The models that come with the software, one for each kind of mention."""

from __future__ import annotations

from functools import cache
from importlib import resources

from streams.resolution.model import Model


@cache
def shipped(kind: str) -> Model:
    """Give the shipped model of `person`, `vehicle` or `organisation`."""
    files = resources.files("streams.resolution")
    return Model.load(files.joinpath("models", f"{kind}.json").read_text(encoding="utf-8"))
