"""Messages of every sort for tests of forms: full, masked, pointed to, retracted (pure)."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from consumers.feeds.difference import Message
from consumers.feeds.envelope import Delivery, delivery
from consumers.feeds.view import View, view_of
from recordbus.policy import Decision, apply_to_association, apply_to_record
from recordbus.policy.decision import Level
from recordbus.policy.fields import ASSOCIATION, maskable
from recordbus.testing import records
from recordbus.testing.clock import EPOCH
from recordbus.testing.records import tree
from recordbus.testing.values import values_of
from recordbus.verification import UNVERIFIED, Standing
from schemas import catalog
from tests.unit.consumers.feeds import bus as made

SOURCE = "urn:recordbus:test"
RECORDS = values_of(tree("recordbus.v1.Record"), max_items=1)
UPDATES = values_of(tree("recordbus.v1.AssociationUpdate"), max_items=2)
MASKS = st.frozensets(st.sampled_from(sorted(maskable())), max_size=12)
STANDINGS = st.sampled_from([UNVERIFIED, Standing("verified", EPOCH), Standing("refused", EPOCH)])
LEVELS: st.SearchStrategy[Level] = st.sampled_from(["full", "full", "full", "pointer"])


def told(view: View) -> Delivery:
    """Give the message that tells a view."""
    message = Message(view.subject, 1, "asserted", None, False, view)
    return delivery(made.subscription(), SOURCE, message)


def taken_back(subject: str) -> Delivery:
    """Give the message that takes a subject back."""
    message = Message(subject, 2, "retracted", "expunged", True, None)
    return delivery(made.subscription(), SOURCE, message)


def record_view(
    record: dict[str, Any], masked: frozenset[str], level: Level = "full",
    standing: Standing = UNVERIFIED,
) -> View:  # fmt: skip
    """Give what an agreement leaves of a record."""
    content = apply_to_record(Decision(level, masked), record)
    assert content is not None
    return view_of(f"record/{record['record_key']}", level, masked, content, standing)


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    """Draw any message whatever."""
    level, masked = draw(LEVELS), draw(MASKS)
    if draw(st.booleans()):
        record = draw(RECORDS) | {"record_key": made.record_key(1)}
        if record["body"] is not None or level == "pointer":
            return told(record_view(record, masked, level, draw(STANDINGS)))
        return taken_back(f"record/{record['record_key']}")
    update = draw(UPDATES) | {"association_id": made.record_key(2)}
    subject = f"association/{update['association_id']}"
    content = apply_to_association(Decision(level, masked), update)
    if content is None or update[ASSOCIATION] is None:
        return taken_back(subject)
    return told(view_of(subject, level, masked, content))


def every_kind() -> list[Delivery]:
    """Give a message of a record of every kind, filled in, and of an association."""
    found = [told(record_view(filled(kind), frozenset())) for kind in catalog.record_kinds()]
    update = made.association(1, 1)
    content = apply_to_association(Decision("full"), update)
    assert content is not None
    return [*found, told(view_of(f"association/{update['association_id']}", "full", (), content))]


def filled(kind: str) -> dict[str, Any]:
    """Give a live record of a kind with people, vehicles, places and details."""
    return made.record(1, 1) | {"record_kind": kind, "body": records.body(kind)}
