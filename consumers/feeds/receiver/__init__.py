"""A subscriber's side of a webhook: checks, keeps and shows what a bus tells it.

Invariant: nothing here knows the bus from inside; it works from a key and the messages alone.
"""
