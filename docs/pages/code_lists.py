"""The page of code lists, from the list files."""

from __future__ import annotations

from docs.pages.markdown import anchor, code, codes, page, table
from schemas import catalog
from schemas.catalog import CodeList

INTRODUCTION = """\
Codes that departments already have, with the list each comes from. What a department wrote stays
beside the code, so a value that is in no list is kept: its code is then absent."""


def code_lists() -> str:
    """Give the page."""
    lists = [catalog.code_list(name) for name in catalog.code_list_names()]
    return page(
        "Code lists",
        "schemas/codes/*.yaml",
        INTRODUCTION,
        table(
            ("list", "codes", "source"),
            ((f"[{x.name}](#{anchor(x.name)})", len(x.codes), x.source) for x in lists),
        ),
        *(_section(found) for found in lists),
    )


def _section(found: CodeList) -> str:
    rows = ((code(name), label) for name, label in found.codes.items())
    head = f"## {found.name}\n\n{found.title}. Source: {found.source}\n\n"
    return head + _parts(found) + table(("code", "meaning"), rows)


def _parts(found: CodeList) -> str:
    """Say of the purposes which are shut; of every other list there is nothing to say."""
    if found.name != "purpose":
        return ""
    parts = catalog.purposes()
    return (
        "Denied unless an agreement names them with a legal authority of their own: "
        f"{codes(sorted(parts.side_doors))}. No agreement may name "
        f"{codes(sorted(parts.never))}.\n\n"
    )
