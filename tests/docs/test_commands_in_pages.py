"""What pages tell people to type works as far as can be known without a bus, and names are real."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.pages.commands import tree
from producers.connectors.outbox import ddl
from recordbus.metrics import CATALOGUE
from recordbus.settings.origins import OTHER_VARIABLES, setting_fields
from schemas import catalog
from tests.docs.test_markdown import FENCE, PAGES, ROOT

BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
END_OF_COMMAND = re.compile(r"\s(?:\||&&|;|2?>>?)\s?.*$")
ASSIGNMENTS = re.compile(r"^(?:[A-Z_]+=\S+ )*")
VARIABLE = re.compile(r"\bRECORDBUS_[A-Z0-9_]*")
METRIC = re.compile(r"\brecordbus_[a-z0-9_]+")
COMMANDS = {words: (command, context) for words, command, context in tree()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_in_a_code_block_is_understood(page: Path) -> None:
    text = page.read_text(encoding="utf-8")

    wrong = {line: why for line in commands_in(text) if (why := misunderstood(line))}
    unknown = {line: why for line in inline_in(text) if (why := unknown_options(line))}

    assert (wrong, unknown) == ({}, {})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_variable_metric_and_reason_code_of_a_page_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    variables = {field.variable for field in setting_fields()} | set(OTHER_VARIABLES)
    metrics = {spec.name for spec in CATALOGUE}

    # A name that ends in _ stands for all that begin so.
    named = set(VARIABLE.findall(text))
    begun = {name for name in named if name.endswith("_")}
    gone = {b for b in begun if not any(v.startswith(b) for v in variables)}
    measured = {re.sub(r"_(bucket|count|sum)$", "", name) for name in METRIC.findall(text)}

    assert (named - begun - variables, gone) == (set(), set())
    tables = set(METRIC.findall(ddl("sqlite")))
    assert measured - metrics - tables - {"recordbus_plugin"} == set()


def test_reason_codes_that_are_called_so_exist() -> None:
    told = {
        (page.name, code)
        for page in PAGES
        for code in re.findall(r"refused\s+\d+: (\w+)", page.read_text(encoding="utf-8"))
    }

    assert told
    assert {code for _, code in told} <= set(catalog.reasons())


def test_a_command_that_cannot_be_is_found() -> None:
    text = (
        "```sh\n$ recordbus publish csv a.csv --mapping m --departement x  # typo\n"
        "RECORDBUS_CONFIG=x .venv/bin/recordbus topics \\\n    diff --json | head\n"
        "recordbus publish seal C-1 --kind no_such_kind --department x --reason y\n"
        "recordbus: no command\n```\n`recordbus up --detached` and `recordbus stage run NAME`\n"
    )

    found = list(commands_in(text))
    assert [bool(misunderstood(line)) for line in found] == [True, False, True]
    assert [line for line in inline_in(text) if unknown_options(line)] == [
        "recordbus up --detached"
    ]


def commands_in(text: str) -> Iterator[str]:
    """Give the recordbus commands of a page's code blocks, each on one line, from its name on."""
    for _, block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            yield from _command(line)


def inline_in(text: str) -> Iterator[str]:
    """Give the commands that stand in a sentence; they need not be complete."""
    for inline in re.findall(r"`([^`\n]+)`", FENCE.sub("", text)):
        yield from _command(inline)


def misunderstood(line: str) -> str:
    """Say why a complete command is not understood; empty when it is."""
    if "..." in line or "[OPTIONS]" in line:
        return unknown_options(line)
    words, arguments, root_arguments = _parted(line)
    command, context = COMMANDS[words]
    try:
        command.make_context(words, arguments, parent=context.parent)
        _root().make_context("recordbus", [*root_arguments, "version"])
    except Exception as error:  # noqa: BLE001 - whatever it is, the command is not understood
        name = type(error).__name__
        return f"{name}: {getattr(error, 'message', error)}"
    return ""


def unknown_options(line: str) -> str:
    """Give the options of a command that it does not have, as text; empty when there are none."""
    words, arguments, root_arguments = _parted(line)
    own = _options(COMMANDS[words][0])
    wrong = [a for a in arguments if a.startswith("--") and a.partition("=")[0] not in own]
    wrong += [a for a in root_arguments if a.startswith("--") and a not in _options(_root())]
    return " ".join(wrong)


def _command(line: str) -> Iterator[str]:
    bare = ASSIGNMENTS.sub("", line.strip().removeprefix("$ "))
    bare = END_OF_COMMAND.sub("", re.sub(r"^\S*/recordbus ", "recordbus ", bare))
    if bare.startswith("recordbus ") and bare != "recordbus ...":
        yield bare


def _parted(line: str) -> tuple[str, list[str], list[str]]:
    """Give the words that name a command, its arguments, and what came before its name."""
    words = shlex.split(line, comments=True)
    before = words[1:3] if words[1:2] == ["--config"] else []
    rest = words[1 + len(before) :]
    length = len(rest)
    while length and " ".join(["recordbus", *rest[:length]]) not in COMMANDS:
        length -= 1
    return " ".join(["recordbus", *rest[:length]]), rest[length:], before


def _root() -> Any:
    return COMMANDS["recordbus"][0]


def _options(command: Any) -> set[str]:
    return {name for p in command.params for name in (*p.opts, *p.secondary_opts)} | {"--help"}
