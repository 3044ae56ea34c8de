"""What a department imports to publish on the bus.

The invariant: a receipt is given only for what the broker holds durably, every message is a
record's complete present state, and memory does not grow with what is published.
"""

from producers.publisher.publisher import Publisher
from producers.publisher.receipt import Receipt
from producers.publisher.stamp import Owner
from producers.publisher.window import Limits
from schemas.events import Dispute, RecordInput, Review

__all__ = ["Dispute", "Limits", "Owner", "Publisher", "Receipt", "RecordInput", "Review"]
