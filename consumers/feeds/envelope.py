"""A message as a subscriber gets it: a CloudEvents 1.0 envelope in JSON (pure).

Invariant: the same message always has the same id and the same bytes, so that a subscriber that
gets it twice can tell, and its signature is of what was decided and not of when it was sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from consumers.feeds.difference import REASONS, Message
from consumers.feeds.subscription import Subscription
from recordbus.canonical import canonical_json
from recordbus.verification import UNVERIFIED

CONTENT_TYPE: Final = "application/cloudevents+json"


class Delivery(NamedTuple):
    """One message on its way: `body` is the envelope, of which `delivery_id` is the id."""

    delivery_id: str
    message: Message
    body: bytes


def delivery_id(subscription_id: str, subject: str, sequence: int) -> str:
    """Give the id of a message, the same at every attempt."""
    text = f"{subscription_id}|{subject}|{sequence}".encode()
    return f"dlv_{hashlib.sha256(text).hexdigest()[:40]}"


def delivery(subscription: Subscription, source: str, message: Message) -> Delivery:
    """Put a message into its envelope; `source` is the URI of this bus."""
    number = delivery_id(subscription.subscription_id, message.subject, message.sequence)
    envelope = enveloped(number, source, message.subject, _data(subscription, message))
    return Delivery(number, message, canonical_json(envelope))


def enveloped(number: str, source: str, subject: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Put the data of a message of this id into its envelope."""
    return {
        "specversion": "1.0",
        "id": number,
        "source": source,
        "type": f"recordbus.{subject.partition('/')[0]}.{data['status']}.v1",
        "subject": subject,
        "datacontenttype": "application/json",
        "data": data,
    }


def _data(subscription: Subscription, message: Message) -> dict[str, Any]:
    view = message.view
    answered = UNVERIFIED if view is None else view.verification
    return {
        "subscription_id": subscription.subscription_id,
        "agency": subscription.agency,
        "on_behalf_of": subscription.on_behalf_of,
        "purpose": subscription.purpose,
        "case_number": subscription.case_number,
        "sequence": message.sequence,
        "status": message.status,
        "reason": message.reason,
        "because": None if message.reason is None else REASONS[message.reason],
        "receipt_within_hours": subscription.receipt_hours if message.needs_receipt else None,
        "verification": answered.state,
        "verification_at": answered.at,
        "level": None if view is None else view.level,
        "content": None if view is None else view.payload,
    }
