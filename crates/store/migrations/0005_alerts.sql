-- Something that its owner should know. An occasion (what happened to what, in which window) is
-- told once, whoever notices it first.
CREATE TABLE alerts (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL,
    severity        TEXT NOT NULL,
    rule_id         TEXT,
    subject         TEXT NOT NULL,
    owner_id        TEXT,
    occasion        TEXT NOT NULL UNIQUE,
    numbers         TEXT NOT NULL,
    text            TEXT NOT NULL,
    raised_at       BIGINT NOT NULL,
    resolved_at     BIGINT,
    acknowledged_at BIGINT
);
CREATE INDEX alerts_by_owner ON alerts (owner_id, id);
CREATE INDEX alerts_open ON alerts (resolved_at, kind);

CREATE TABLE alert_rules (
    id           TEXT PRIMARY KEY,
    owner_id     TEXT NOT NULL REFERENCES users (id),
    kind         TEXT NOT NULL,
    threshold    BIGINT NOT NULL,
    scope        TEXT NOT NULL,
    destinations TEXT NOT NULL,
    disabled     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    version      BIGINT NOT NULL
);
CREATE INDEX alert_rules_by_owner ON alert_rules (owner_id, id);

CREATE TABLE alert_destinations (
    id         TEXT PRIMARY KEY,
    owner_id   TEXT NOT NULL REFERENCES users (id),
    name       TEXT NOT NULL,
    kind       TEXT NOT NULL,
    address    TEXT NOT NULL,
    secret     TEXT,
    disabled   BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);
CREATE INDEX alert_destinations_by_owner ON alert_destinations (owner_id, id);

-- One message to one destination; whoever moves its next_at on tries it.
CREATE TABLE alert_deliveries (
    id             TEXT PRIMARY KEY,
    destination_id TEXT NOT NULL,
    alert_id       TEXT,
    event          TEXT NOT NULL,
    body           TEXT NOT NULL,
    state          TEXT NOT NULL,
    attempts       BIGINT NOT NULL,
    next_at        BIGINT NOT NULL,
    status         BIGINT,
    error          TEXT,
    created_at     BIGINT NOT NULL,
    done_at        BIGINT
);
CREATE INDEX alert_deliveries_due ON alert_deliveries (state, next_at);
CREATE INDEX alert_deliveries_by_destination ON alert_deliveries (destination_id, id);

-- Keys that expire soon are looked for from time to time.
CREATE INDEX api_keys_by_end ON api_keys (expires_at);
