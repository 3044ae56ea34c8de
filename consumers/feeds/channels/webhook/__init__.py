"""Webhooks: each message in a signed request of its own, to an endpoint that may be reached."""

from consumers.feeds.channels.webhook.channel import Options, Webhook, make

__all__ = ["Options", "Webhook", "make"]
