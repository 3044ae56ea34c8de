"""Publishes the exports that a department drops into a folder, here or on its SFTP server.

The invariant: a drop is touched only when it is complete, is taken by one rename, and ends in
exactly one place with a report beside it; whatever is wrong with one holds up no other.
"""

from producers.connectors.file_watch.layout import Layout
from producers.connectors.file_watch.watcher import STEPS, Watcher

__all__ = ["STEPS", "Layout", "Watcher"]
