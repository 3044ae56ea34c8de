"""Scars, marks and tattoos: an NCIC SMT code as category, side and place (pure)."""

from __future__ import annotations

from schemas.code_lists import MarkParts, mark_parts

NO_MARK = MarkParts("", None, None)


def parts(code: str) -> MarkParts:
    """Give what a mark's code is composed of; an unknown code is composed of nothing."""
    return mark_parts().get(code, NO_MARK)
