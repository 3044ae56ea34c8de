"""The page of flags."""

from __future__ import annotations

from itertools import groupby

from docs.pages.markdown import code, page, table
from schemas import catalog

INTRODUCTION = """\
What intake notices on a live record that it accepts all the same. The codes stand in `flags` of
[`records.v1`](schemas.md#record) and of a search answer's JSON. What is *not* accepted has a
[reason code](reasons.md) instead.

A flag after `placeholder:` names the part of a person in which the department wrote a word or a
number that stands for "not known". It is kept as it was written, but it is empty in the normalised
part, so it joins nobody with anybody."""


def flags() -> str:
    """Give the page."""
    found = groupby(catalog.flags().values(), key=lambda flag: flag.about)
    return page(
        "Flags",
        "schemas/flags.yaml",
        INTRODUCTION,
        *(
            f"## {about}\n\n"
            + table(
                ("flag", "meaning", "what to do next"),
                ((code(flag.code), flag.meaning, flag.what_to_do) for flag in group),
            )
            for about, group in found
        ),
    )
