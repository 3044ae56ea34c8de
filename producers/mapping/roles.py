"""Roles are closed per record kind: a mapping that gives another one is wrong (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from producers.mapping.context import Context, suggestion
from producers.mapping.document import Block, Items, Text

_MENTION_KINDS = {
    "people": "person",
    "vehicles": "vehicle",
    "organisations": "organisation",
    "locations": "location",
    "phones": "phone",
}


def check_roles(body: Any, context: Context) -> None:
    """Note each role, and each category of a role, that the record kind does not have."""
    if not isinstance(body, Block):
        return
    for name, mention_kind in _MENTION_KINDS.items():
        allowed = context.vocabulary.roles(context.record_kind, mention_kind)
        items = body.get(name)
        for item in items if isinstance(items, Items) else ():
            if isinstance(item, Block) and "role" in item:
                _check_item(item, allowed, context)


def _check_item(item: Block, allowed: Mapping[str, Collection[str]], context: Context) -> None:
    node = item["role"]
    for role in _words(node, context):
        if role not in allowed:
            kind = context.record_kind
            context.problem(node, f"{kind} has no role {role!r}{suggestion(role, list(allowed))}")
            continue
        _check_category(item.get("subject_category"), role, allowed[role], context)


def _check_category(node: Any, role: str, known: Collection[str], context: Context) -> None:
    if not known or not isinstance(node, Text) or not node.startswith("="):
        return
    if node[1:] not in known:
        hint = suggestion(node[1:], known)
        context.problem(node, f"role {role!r} does not allow this category{hint}")


def _words(node: Any, context: Context) -> list[str]:
    """Give the roles that a rule can come to, as far as they stand in the mapping."""
    if isinstance(node, Text):
        return [str(node[1:])] if node.startswith("=") else []
    if isinstance(node, Block):
        if "constant" in node:
            return [str(node["constant"])]
        codes = context.codes.get(str(node.get("codes", "")))
        return sorted(codes.targets) if codes else []
    return []
