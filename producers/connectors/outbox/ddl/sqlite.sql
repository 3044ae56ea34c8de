-- The outbox of a department in SQLite. A row is written in the same transaction as the change it
-- tells of, after it; the relay publishes it, erases its payload and marks it.
CREATE TABLE recordbus_outbox(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    record_kind TEXT NOT NULL,        -- such as arrest
    record_id TEXT NOT NULL,          -- the department's own number of the record
    verb TEXT NOT NULL DEFAULT 'publish'
        CHECK (verb IN ('publish', 'withdraw', 'seal', 'expunge')),
    source_seq INTEGER,               -- version of the record; null: the payload's, or else the id
    payload TEXT,                     -- publish: the record's complete present state, as JSON
    reason TEXT,                      -- other verbs: a code such as court_order
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    -- From here on the relay writes.
    state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'published', 'refused')),
    settled_at TEXT,
    refused_because TEXT,             -- a reason code
    refused_detail TEXT               -- which field, never what it holds
);
CREATE INDEX recordbus_outbox_waiting ON recordbus_outbox(id) WHERE state = 'waiting';
CREATE INDEX recordbus_outbox_refused ON recordbus_outbox(record_kind, record_id, id)
    WHERE state = 'refused';
CREATE INDEX recordbus_outbox_published ON recordbus_outbox(settled_at) WHERE state = 'published';
