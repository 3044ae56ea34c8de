"""Rules of one agreement that get in each other's way: allowed, but somebody should look (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from recordbus.policy.agreement import Rule


def overlaps(rules: Sequence[Rule]) -> Iterator[tuple[Rule, str]]:
    """Find rules that give what another one hides, and fields that one masks and another shows."""
    for one, other in combinations(rules, 2):
        if not _meet(one, other):
            continue
        if one.gives != other.gives:
            gives, hides = (one, other) if one.gives else (other, one)
            yield (
                gives,
                f"rule `{gives.name}` gives what rule `{hides.name}` hides: it stays hidden",
            )
        elif one.level == other.level == "full":
            for shows, masks in ((one, other), (other, one)):
                shown = sorted(masks.masks - shows.masks)
                if shown:
                    yield masks, _says_of_masks(masks, shows, shown)


def _says_of_masks(masks: Rule, shows: Rule, paths: list[str]) -> str:
    return (
        f"rule `{masks.name}` masks {', '.join(paths)}, which rule `{shows.name}` shows of the "
        "same: what both give is shown"
    )


def _meet(one: Rule, other: Rule) -> bool:
    """Say whether some item is covered by both."""
    lists = ((one.purposes, other.purposes), (one.record_kinds, other.record_kinds),
             (one.evidence_kinds, other.evidence_kinds))  # fmt: skip
    if any(a is not None and b is not None and not a & b for a, b in lists):
        return False
    if not one.actions & other.actions or not _share_a_basis(one, other):
        return False
    return all(hides.only <= gives.marks for gives, hides in _pairs(one, other))


def _share_a_basis(one: Rule, other: Rule) -> bool:
    """Two rules that give both cover records without a basis, whatever bases they list."""
    if one.gives and other.gives:
        return True
    return one.bases is None or other.bases is None or bool(one.bases & other.bases)


def _pairs(one: Rule, other: Rule) -> Iterator[tuple[Rule, Rule]]:
    if one.gives and not other.gives:
        yield one, other
    if other.gives and not one.gives:
        yield other, one
