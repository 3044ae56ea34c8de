"""How many receipts are late, by agency: read from a ledger that nobody needs to stop for it."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Final

import apsw

from consumers.feeds.ledger.tables import BUSY_MS, SCHEMA_VERSION, rows
from recordbus.errors import Misconfigured, Retryable

_OVERDUE: Final = """
SELECT s.content ->> '$.agency', count(*) FROM receipt r JOIN subscription s USING (subscription_id)
WHERE r.due_us <= ? GROUP BY 1
"""


def overdue_receipts(path: Path, now_us: int) -> Counter[str]:
    """Count receipts that are late, by agency, changing nothing.

    Raises Retryable when there is no ledger, Misconfigured when the file is none.
    """
    if not path.exists():
        raise Retryable(f"there is no ledger of feeds at {path}", hint="recordbus feeds run")
    try:
        with closing(apsw.Connection(str(path), apsw.SQLITE_OPEN_READWRITE)) as connection:
            connection.set_busy_timeout(BUSY_MS)
            connection.pragma("query_only", 1)
            if connection.pragma("user_version") != SCHEMA_VERSION:
                raise Misconfigured(
                    f"{path} is no ledger of this version", hint="run the version that wrote it"
                )
            return Counter(dict(rows(connection, _OVERDUE, (now_us,))))
    except (apsw.CantOpenError, apsw.NotADBError) as error:
        raise Misconfigured(f"{path} is no ledger of feeds: {error}") from error
