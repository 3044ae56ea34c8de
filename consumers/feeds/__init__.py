"""Feeds: what each subscribing agency may have, kept right wherever it went."""
