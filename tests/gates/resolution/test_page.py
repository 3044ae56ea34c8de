"""The page that explains resolution shows what was measured last, and no older figures."""

from __future__ import annotations

import json

from bench.resolution.tables import BEGIN, END, PAGE, RESULT, with_tables


def test_the_page_shows_what_was_measured_last() -> None:
    page = PAGE.read_text(encoding="utf-8")
    measured = json.loads(RESULT.read_text(encoding="utf-8"))["measured"]

    assert page.count(BEGIN) == page.count(END) == 1
    assert with_tables(page, measured) == page, "run: python -m bench.resolution.tables"
