"""Writes a network into a file of the sort its name ends with, readable by nobody else."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from rich.console import Console

from consumers.search.inquiry.lines import by_basis
from consumers.search.inquiry.service import NetworkAnswer
from consumers.search.inquiry.show import closing, tie_sentence
from consumers.search.picture.exports import csv_text, graphml
from consumers.search.picture.layout import layout
from consumers.search.picture.notes import limits
from consumers.search.picture.page import page
from consumers.search.picture.svg import svg
from consumers.search.printing import say
from consumers.search.refusals import BadQuery, Fault
from recordbus.errors import Misconfigured

Write = Callable[[NetworkAnswer], str]
WRITERS: Final[Mapping[str, Write]] = {
    ".html": lambda answer: page(answer, layout(answer.network)),
    ".svg": lambda answer: svg(answer, layout(answer.network)),
    ".graphml": graphml,
    ".csv": csv_text,
}


def writer_of(output: Path) -> Write:
    """Give what writes a file of this name; raises BadQuery for a name of another sort."""
    found = WRITERS.get(output.suffix.lower())
    if found is None:
        endings = ", ".join(WRITERS)
        raise BadQuery(Fault.FILE, f"{output.name} ends with none of {endings}")
    return found


def drawn(output: Path, text: str) -> None:
    """Put a picture into its file; raises Misconfigured when that cannot be written."""
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            os.fchmod(descriptor, 0o600)  # also of a file that was there
            file.write(text)
    except OSError as error:
        raise Misconfigured(
            f"{output} cannot be written: {error.strerror or error}", hint="name another file"
        ) from error


def show_drawn(answer: NetworkAnswer, output: Path, console: Console) -> None:
    """Say what was drawn, and every tie of it in a sentence."""
    found = answer.network
    say(console, f"{len(found.nodes)} entities and {len(answer.lines)} ties are in {output}")
    for kind in ("fact", "assessment"):
        for lines in by_basis(answer.lines.values(), kind).values():
            for line in lines:
                say(console, f"- {tie_sentence(line)}")
    for told in limits(answer):
        say(console, told)
    closing(answer.heading.freshness, console)
