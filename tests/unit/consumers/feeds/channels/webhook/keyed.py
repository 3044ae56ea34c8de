"""Keys for tests of webhooks: a subscription's own, and what its subscriber checks with."""

from __future__ import annotations

from consumers.feeds.channels.webhook.keys import Keys
from consumers.feeds.channels.webhook.signing import Kind
from recordbus.settings import Settings

SUBSCRIPTION = "metro-1"


def keys_in(settings: Settings, subscription_id: str = SUBSCRIPTION) -> Keys:
    """Give the keys of a subscription under these settings."""
    return Keys(settings.webhook_keys_path() / subscription_id)


def give_key(settings: Settings, kind: Kind = "hmac", subscription_id: str = SUBSCRIPTION) -> str:
    """Make a key, and give what the subscriber gets of it."""
    return keys_in(settings, subscription_id).make(kind).key.shown()
