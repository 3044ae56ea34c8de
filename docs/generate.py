"""Write `docs/reference/` from the code, so that it cannot say anything else.

`python -m docs.generate` writes the pages; `--check` only says which ones differ.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.pages.agreements import agreements
from docs.pages.alerts import alerts_page
from docs.pages.code_lists import code_lists
from docs.pages.commands import commands
from docs.pages.errors import errors, reasons
from docs.pages.feeds import message_avro, message_json_schema, niem_context
from docs.pages.flags import flags
from docs.pages.log_lines import log_lines
from docs.pages.mapping import mapping
from docs.pages.markdown import page
from docs.pages.metrics import metrics
from docs.pages.problems import gateway_document, portal_document, problems
from docs.pages.rules import rules
from docs.pages.schemas import schemas
from docs.pages.settings import settings
from docs.pages.topics import topics

REFERENCE = Path(__file__).parent / "reference"

PAGES: Mapping[str, tuple[str, Callable[[], str]]] = {
    "commands.md": ("every command, argument and option", commands),
    "settings.md": ("every setting, its variable, default and an example", settings),
    "topics.md": ("what each topic says, who writes and reads it, how long it is kept", topics),
    "schemas.md": ("every Avro type and field", schemas),
    "rules.md": ("bases, relations, and the roles of each record kind", rules),
    "code-lists.md": ("the codes of every list, with their source", code_lists),
    "agreements.md": (
        "every word of an agreement, and every field that a mask may name",
        agreements,
    ),
    "mapping.md": ("every word of a mapping of a department's export", mapping),
    "reasons.md": ("why an input is not accepted, and what to do then", reasons),
    "flags.md": ("what intake notices on a record that it accepts, and what to do then", flags),
    "problems.md": ("what the doors over HTTP say no with", problems),
    "errors.md": ("kinds of error and exit codes", errors),
    "metrics.md": ("what every process counts and measures", metrics),
    "alerts.md": ("what wakes an operator, and when", alerts_page),
    "log-lines.md": ("what a log line may hold", log_lines),
}

DOCUMENTS: Mapping[str, Callable[[], str]] = {
    "openapi/gateway.json": gateway_document,
    "openapi/portal.json": portal_document,
    "feeds/message.avsc": message_avro,
    "feeds/message.schema.json": message_json_schema,
    "feeds/niem-context.jsonld": niem_context,
}
"""What is for machines, beside the pages."""


def pages() -> dict[str, str]:
    """Give the content of every reference page and document by its file name."""
    made = {name: make() for name, (_, make) in PAGES.items()}
    rows = "\n".join(
        f"- [{made[name].partition('# ')[2].partition(chr(10))[0]}]({name}): {says}"
        for name, (says, _) in PAGES.items()
    )
    return {"index.md": page("Reference", "the code", rows), **made} | {
        name: make() for name, make in DOCUMENTS.items()
    }


def stale(folder: Path = REFERENCE) -> list[str]:
    """Give the names of the pages in `folder` that differ from the code, or should not be there."""
    made = pages()
    extra = {path.name for path in folder.glob("*.md")} - made.keys()
    return sorted(extra | {name for name, text in made.items() if _read(folder / name) != text})


def write(folder: Path = REFERENCE) -> None:
    """Write every page into `folder`, and remove pages that are no longer made."""
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for path in folder.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def main(arguments: list[str]) -> int:
    """Write the reference, or with `--check` say what differs; give the exit code."""
    if arguments == ["--check"]:
        differing = stale()
        for name in differing:
            sys.stderr.write(f"docs/reference/{name} differs from the code: run make docs\n")
        return 1 if differing else 0
    write()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
