"""How many associations and disputes stand in an index file: numbers and nothing else."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from consumers.search.engines.sqlite.tables import ORDINAL_BITS, open_to_read, rows

_TIES: Final = """
SELECT told ->> '$.basis', told ->> '$.source.department', told ->> '$.frozen',
    EXISTS (SELECT 1 FROM json_each(told, '$.disputes') WHERE value ->> '$.resolved_at' IS NULL),
    count(*)
FROM (SELECT CAST(told AS TEXT) AS told FROM tie WHERE told IS NOT NULL) GROUP BY 1, 2, 3, 4
"""
_DISPUTED_RECORDS: Final = f"""
SELECT r.department, count(*) FROM record r JOIN mention m ON m.id = r.id << {ORDINAL_BITS}
WHERE CAST(m.shown AS TEXT) ->> '$.disputed' GROUP BY 1
"""  # noqa: S608 - our number


class Tallies(NamedTuple):
    """Associations that stand by basis; what is disputed by department, and which of the two.

    What a dispute froze does not stand, and is disputed.
    """

    by_basis: Counter[str]
    disputed_records: Counter[str]
    disputed_associations: Counter[str]


def tallies_of(path: Path) -> Tallies:
    """Count what stands in an index file, at one moment; raises Retryable when there is none."""
    with closing(open_to_read(path)) as connection, connection:
        found = Tallies(Counter(), Counter(dict(rows(connection, _DISPUTED_RECORDS))), Counter())
        for basis, department, is_frozen, has_dispute, count in rows(connection, _TIES):
            if not is_frozen:
                found.by_basis[basis] += count
            if is_frozen or has_dispute:
                found.disputed_associations[department] += count
    return found
