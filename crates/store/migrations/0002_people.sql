-- People: how they log in, what keeps guessers away, tiers, redemption codes, and the audit log.

-- A browser that somebody is logged in with; only a keyed hash of the cookie is kept.
CREATE TABLE sessions (
    id           TEXT PRIMARY KEY,
    user_id      TEXT NOT NULL REFERENCES users (id),
    digest       TEXT NOT NULL UNIQUE,
    client_ip    TEXT NOT NULL,
    user_agent   TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    proved_at    BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_id, id);

-- What a user chose, and the second factor: its secret is sealed, and each of its steps counts once.
CREATE TABLE user_profiles (
    user_id      TEXT PRIMARY KEY REFERENCES users (id),
    language     TEXT,
    theme        TEXT,
    totp_secret  TEXT,
    totp_pending TEXT,
    totp_step    BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id),
    digest  TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, digest)
);

-- Failures per account and per address, and until when further ones are refused.
CREATE TABLE attempts (
    subject       TEXT PRIMARY KEY,
    failures      BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL
);
CREATE INDEX attempts_by_time ON attempts (last_at);

CREATE TABLE tiers (
    name      TEXT PRIMARY KEY,
    key_limit BIGINT,
    version   BIGINT NOT NULL
);
INSERT INTO tiers (name, key_limit, version) VALUES ('standard', 10, 1), ('professional', 50, 1), ('enterprise', NULL, 1);

CREATE TABLE redemption_codes (
    id             TEXT PRIMARY KEY,
    digest         TEXT NOT NULL UNIQUE,
    masked         TEXT NOT NULL,
    amount         BIGINT NOT NULL,
    note           TEXT NOT NULL,
    expires_at     BIGINT,
    created_by     TEXT NOT NULL REFERENCES users (id),
    created_at     BIGINT NOT NULL,
    revoked_at     BIGINT,
    redeemed_by    TEXT REFERENCES users (id),
    redeemed_at    BIGINT,
    transaction_id TEXT
);

-- Never updated, never deleted. Each row's hash is made over the hash of the row before and the row.
CREATE TABLE audit_log (
    number    BIGINT PRIMARY KEY,
    at        BIGINT NOT NULL,
    actor     TEXT NOT NULL,
    via       TEXT NOT NULL,
    client_ip TEXT NOT NULL,
    action    TEXT NOT NULL,
    object    TEXT NOT NULL,
    summary   TEXT NOT NULL,
    hash      TEXT NOT NULL
);

-- The last row: whoever appends one changes this first, so that rows follow each other one by one.
CREATE TABLE audit_head (
    id     BIGINT PRIMARY KEY,
    number BIGINT NOT NULL,
    hash   TEXT NOT NULL
);
INSERT INTO audit_head (id, number, hash) VALUES (1, 0, '');

-- Changed first by whoever takes an owner's rights away, so that it happens one by one.
INSERT INTO deployment (name, value) VALUES ('owners', '');
