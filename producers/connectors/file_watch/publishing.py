"""Publishes the exports of one complete drop, and tells its faults from those of this place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from producers.connectors.csv_snapshot import Account, Options
from producers.mapping import DepartmentMapping
from producers.session import Session
from recordbus.errors import Misconfigured, Rejected


def publish_drop(
    session: Session, mapping: DepartmentMapping, path: Path, *, approved: bool
) -> Sequence[Account]:
    """Publish what a drop holds and give the account of each export.

    Raises Rejected for what is wrong with the drop, Misconfigured only for what is wrong here:
    that is found out first, by connecting.
    """
    session.sleep = lambda _seconds: None  # a drop that was taken is complete
    assert session.publisher is not None, "connecting comes before reading"
    try:
        return list(session.publish_path(mapping, path, Options(approve=approved)))
    except Misconfigured as error:
        raise Rejected("not_an_export", error.message) from error
