"""The page of commands, from the command tree itself."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from typer.main import get_command

from docs.pages.markdown import page, table
from recordbus.cli import root

# Every command has these; they are about the shell, and say the same on every page.
_OF_THE_SHELL = ("install_completion", "show_completion")


def commands() -> str:
    """Give the page."""
    return page(
        "Commands",
        "the commands themselves",
        "Every command explains itself with `--help`. What a command's end means is told by its "
        "[exit code](errors.md#exit-codes).",
        *(_section(path, command, context) for path, command, context in tree()),
    )


def tree() -> Iterator[tuple[str, Any, Any]]:
    """Give every command with the words that call it and its context, groups before members."""
    yield from _below("recordbus", get_command(root), None)


def _below(words: str, command: Any, parent: Any) -> Iterator[tuple[str, Any, Any]]:
    name = words.rpartition(" ")[2]
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    yield words, command, context
    if hasattr(command, "list_commands"):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None and not found.hidden:
                yield from _below(f"{words} {inner}", found, context)


def _section(words: str, command: Any, context: Any) -> str:
    usage = " ".join([words, *command.collect_usage_pieces(context)])
    about_it = [p for p in command.params if p.name not in _OF_THE_SHELL]
    records = [record for p in about_it if (record := p.get_help_record(context))]
    parts = [
        f"## {words}",
        _help(command),
        f"```text\n{usage}\n```",
        table(
            ("argument or option", "meaning"),
            ((f"`{_shown(name)}`", says) for name, says in records),
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def _shown(option: str) -> str:
    """Say of an option that may be given several times what it takes each time."""
    return re.sub(r"<list\[(\w+)\]>", r"<\1> (several times)", option)


def _help(command: Any) -> str:
    return inspect.cleandoc(command.help or "").replace("\f", "").strip()
