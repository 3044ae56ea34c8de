"""The questions and changes that both databases understand, with `?` for each value (pure)."""

from __future__ import annotations

from typing import Final

READ: Final = """
SELECT id, record_kind, record_id, verb, source_seq,
       CASE WHEN size <= ? THEN {text} END, size, reason, created_at
FROM (
    SELECT *, sum(size) OVER (ORDER BY id) AS so_far
    FROM (
        SELECT o.*, {size} AS size FROM recordbus_outbox o
        WHERE o.state = 'waiting' AND NOT (o.verb = 'publish' AND EXISTS (
            SELECT 1 FROM recordbus_outbox r
            WHERE r.state = 'refused' AND r.verb <> 'publish' AND r.id < o.id
              AND r.record_kind = o.record_kind AND r.record_id = o.record_id))
        ORDER BY o.id LIMIT ?
    ) AS waiting
) AS batch
WHERE so_far <= ? OR so_far = size
ORDER BY id
"""
"""Rows by id, few enough; the sizes add up only over those, not over all that wait."""

PUBLISHED: Final = """
UPDATE recordbus_outbox SET state = 'published', settled_at = ?, payload = NULL
WHERE id {among} AND state = 'waiting'
"""
REFUSED: Final = """
UPDATE recordbus_outbox
SET state = 'refused', settled_at = ?, refused_because = ?, refused_detail = ?
WHERE id = ? AND state = 'waiting'
"""
EXPUNGED: Final = """
UPDATE recordbus_outbox SET payload = NULL
WHERE state = 'refused' AND record_kind = ? AND record_id = ?
"""
BACKLOG: Final = """
SELECT count(*), min(created_at),
       (SELECT count(*) FROM recordbus_outbox WHERE state = 'refused')
FROM recordbus_outbox WHERE state = 'waiting'
"""
TRIM: Final = """
DELETE FROM recordbus_outbox WHERE id IN (
    SELECT id FROM recordbus_outbox WHERE state = 'published' AND settled_at < ?
    ORDER BY settled_at LIMIT ?)
"""
REFUSALS: Final = """
SELECT id, record_kind, verb, refused_because, refused_detail
FROM recordbus_outbox WHERE state = 'refused' ORDER BY id LIMIT ?
"""
RETRY: Final = """
UPDATE recordbus_outbox
SET state = 'waiting', settled_at = NULL, refused_because = NULL, refused_detail = NULL
WHERE state = 'refused'
"""
RETRY_SOME: Final = RETRY + " AND id {among}"
