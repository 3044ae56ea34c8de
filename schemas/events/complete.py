"""Says quickly that a plain dict is complete and right, and nothing about what is wrong.

Most of what a fast publisher hands over needs no completing and breaks no rule. The models are
turned into one straight-line function that checks exactly that, in place; whatever it does not
vouch for goes to the full validator, which completes it or names the fault.

Invariant: what is vouched for, the models accept and give back as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, StringConstraints

from schemas.avro_types import NAMESPACE
from schemas.events.base import KindDetails
from schemas.limits import LIST_ITEMS

Check = Callable[[Any], bool]


@cache
def completeness_check(model: type[BaseModel]) -> Check:
    """Compile a model to a function that says whether a value needs no further look."""
    source = _Source()
    source.check(model, (), "value", 2)
    space: dict[str, Any] = {"datetime": datetime, "UTC": UTC, "clean": _clean, **source.constants}
    text = "\n".join(
        [
            "def check(value):",
            "    try:",
            *source.lines,
            "    except (KeyError, TypeError):",
            "        return False",
            "    return True",
        ]
    )
    exec(compile(text, f"<completeness of {model.__name__}>", "exec"), space)  # noqa: S102 - our own text
    made: Check = space["check"]
    return made


def _clean(text: str) -> bool:
    """Say whether a text can be written as UTF-8: a lone surrogate cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Source:
    """The lines of the function and the constants that they name."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.constants: dict[str, Any] = {}
        self._names = 0

    def check(self, annotation: Any, metadata: tuple[Any, ...], name: str, depth: int) -> None:
        """Write the lines that return False unless `name` holds a right value."""
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            self.check(arguments[0], (*arguments[1:], *metadata), name, depth)
        elif origin in (Union, UnionType):
            self._union(arguments, name, depth)
        elif origin is list:
            self._list(arguments[0], name, depth)
        elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
            self._record(annotation, name, depth)
        else:
            self._refuse(self._wrong(annotation, arguments, metadata, name), depth)

    def _union(self, arguments: Iterable[Any], name: str, depth: int) -> None:
        choices = [choice for choice in arguments if choice is not NoneType]
        if len(choices) > 1:
            self._details(choices, name, depth)
            return
        self._line(f"if {name} is not None:", depth)
        self.check(choices[0], (), name, depth + 1)

    def _details(self, choices: Iterable[Any], name: str, depth: int) -> None:
        kind, fields = self._fresh(), self._fresh()
        self._refuse(f"{name}.__class__ is not tuple or len({name}) != 2", depth)
        self._line(f"{kind}, {fields} = {name}", depth)
        word = "if"
        for choice in choices:
            model: type[KindDetails] = get_args(choice)[0]
            self._line(f"{word} {kind} == {NAMESPACE + '.' + model.__name__!r}:", depth)
            self._record(model, fields, depth + 1)
            word = "elif"
        self._line("else:", depth)
        self._line("return False", depth + 1)

    def _list(self, item: Any, name: str, depth: int) -> None:
        self._refuse(f"{name}.__class__ is not list or len({name}) > {LIST_ITEMS}", depth)
        each = self._fresh()
        self._line(f"for {each} in {name}:", depth)
        self.check(item, (), each, depth + 1)

    def _record(self, model: type[BaseModel], name: str, depth: int) -> None:
        fields = model.model_fields
        self._refuse(f"{name}.__class__ is not dict or len({name}) != {len(fields)}", depth)
        for field, info in fields.items():
            held = self._fresh()
            self._line(f"{held} = {name}[{field!r}]", depth)
            self.check(info.annotation, tuple(info.metadata), held, depth)

    def _wrong(
        self, annotation: Any, arguments: tuple[Any, ...], metadata: tuple[Any, ...], name: str
    ) -> str:
        """Give an expression that is true when a leaf holds a wrong value."""
        if get_origin(annotation) is Literal:
            return f"{name} not in {self._constant(frozenset(arguments))}"
        if annotation is str:
            return self._wrong_text(metadata, name)
        if annotation is datetime or "AwareDatetime" in repr(annotation):
            return f"{name}.__class__ is not datetime or {name}.tzinfo is not UTC"
        bounds = _bounds(metadata)
        if not bounds:
            return f"{name}.__class__ is not {annotation.__name__}"
        low, high = bounds
        return f"{name}.__class__ is not {annotation.__name__} or not {low} <= {name} <= {high}"

    def _wrong_text(self, metadata: tuple[Any, ...], name: str) -> str:
        rule = next(m for m in metadata if isinstance(m, StringConstraints))
        wrong = [f"{name}.__class__ is not str"]
        if rule.max_length is not None:
            wrong.append(f"len({name}) > {rule.max_length}")
        if rule.min_length:
            wrong.append(f"not {name}")
        if rule.pattern is not None:
            # The models read `$` as the very end, Python also as before a last line feed.
            pattern = re.compile(str(rule.pattern).replace("$", r"\Z"))
            wrong.append(f"{self._constant(pattern.match)}({name}) is None")
        else:
            wrong.append(f"not ({name}.isascii() or clean({name}))")
        return " or ".join(wrong)

    def _refuse(self, wrong: str, depth: int) -> None:
        self._line(f"if {wrong}: return False", depth)

    def _line(self, text: str, depth: int) -> None:
        self.lines.append("    " * depth + text)

    def _fresh(self) -> str:
        self._names += 1
        return f"v{self._names}"

    def _constant(self, value: Any) -> str:
        name = f"K{len(self.constants)}"
        self.constants[name] = value
        return name


def _bounds(metadata: tuple[Any, ...]) -> tuple[Any, Any] | None:
    """Give the least and the greatest number allowed, where a field has both."""
    parts = [part for item in metadata for part in (item, *getattr(item, "metadata", ()))]
    low = next((part.ge for part in parts if hasattr(part, "ge")), None)
    high = next((part.le for part in parts if hasattr(part, "le")), None)
    return None if low is None or high is None else (low, high)
