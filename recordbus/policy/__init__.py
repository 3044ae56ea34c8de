"""Who may have what, and on whose authority: agreements, decisions, and what they leave.

Agreements are signed files of a closed language; a request for an item is decided against them by
default deny, with the rules it follows from. The names below are what others use; importing one
brings in only what it needs, since Cedar is not needed by most commands.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recordbus.policy.agreement import Agreement, Rule
    from recordbus.policy.decision import Decision, Item, Level, Request
    from recordbus.policy.items import item_of_association, items_of_record
    from recordbus.policy.payload import apply_to_association, apply_to_record, usable_fields
    from recordbus.policy.policies import Decider, Policies
    from recordbus.policy.problems import AgreementInvalid, Problem
    from recordbus.policy.read import read_agreement
    from recordbus.policy.store import PolicyStore

_WHERE = {
    "Agreement": "agreement", "AgreementInvalid": "problems", "Decider": "policies",
    "Decision": "decision", "Item": "decision", "Level": "decision", "Policies": "policies",
    "PolicyStore": "store", "Problem": "problems", "Request": "decision", "Rule": "agreement",
    "apply_to_association": "payload", "apply_to_record": "payload",
    "item_of_association": "items", "items_of_record": "items", "read_agreement": "read",
    "usable_fields": "payload",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what is asked for, when it is asked for."""
    if name not in _WHERE:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)


__all__ = [
    "Agreement",
    "AgreementInvalid",
    "Decider",
    "Decision",
    "Item",
    "Level",
    "Policies",
    "PolicyStore",
    "Problem",
    "Request",
    "Rule",
    "apply_to_association",
    "apply_to_record",
    "item_of_association",
    "items_of_record",
    "read_agreement",
    "usable_fields",
]
