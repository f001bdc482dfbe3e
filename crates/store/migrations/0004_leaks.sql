-- Leaked keys, frozen balances, refunds, and findings that were put aside.

-- When the balance was frozen; null: it is not.
ALTER TABLE users ADD COLUMN frozen_at BIGINT;

-- What was reported of a key that came into others' hands; a second report adds to it.
CREATE TABLE key_leaks (
    key_id      TEXT PRIMARY KEY,
    owner_id    TEXT NOT NULL,
    reported_by TEXT NOT NULL,
    since       BIGINT NOT NULL,
    note        TEXT NOT NULL,
    replaced_by TEXT,
    reported_at BIGINT NOT NULL
);

-- What was given back for which call; the money moves in the ledger. Never updated, never deleted.
CREATE TABLE refunds (
    transaction_id TEXT NOT NULL,
    call_id        TEXT NOT NULL,
    key_id         TEXT NOT NULL,
    user_id        TEXT NOT NULL,
    amount         BIGINT NOT NULL,
    reason         TEXT NOT NULL,
    refunded_by    TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (call_id, transaction_id)
) /* SQLite: WITHOUT ROWID */;

-- Findings that somebody does not want to see: until a time, or for good.
CREATE TABLE finding_dismissals (
    key_id       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    until        BIGINT,
    dismissed_by TEXT NOT NULL,
    dismissed_at BIGINT NOT NULL,
    PRIMARY KEY (key_id, kind)
);
