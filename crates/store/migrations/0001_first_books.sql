-- House dialect: TEXT, BIGINT; times are milliseconds since 1970 (UTC), flags 0 or 1, money nano-USD.
-- Where a table says so, its rows live in the index of its primary key on SQLite, instead of beside it.
-- That is for narrow rows: the wide ones of calls would be moved about whenever a page is full.

CREATE TABLE deployment (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE nodes (
    id           TEXT PRIMARY KEY,
    epoch        BIGINT NOT NULL,
    shipped      BIGINT NOT NULL,
    active       BIGINT NOT NULL,
    started_at   BIGINT NOT NULL
);

CREATE TABLE users (
    id            TEXT PRIMARY KEY,
    number        BIGINT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    email         TEXT UNIQUE,
    role          TEXT NOT NULL,
    tier          TEXT NOT NULL,
    groups        TEXT NOT NULL,
    credit        TEXT NOT NULL,
    credited      BIGINT NOT NULL,
    disabled      BIGINT NOT NULL,
    password_hash TEXT,
    created_at    BIGINT NOT NULL,
    version       BIGINT NOT NULL
);

CREATE TABLE user_links (
    digest     TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id),
    purpose    TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);

CREATE TABLE management_keys (
    id         TEXT PRIMARY KEY,
    owner_id   TEXT NOT NULL REFERENCES users (id),
    name       TEXT NOT NULL,
    digest     TEXT NOT NULL UNIQUE,
    masked     TEXT NOT NULL,
    scopes     TEXT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id                     TEXT PRIMARY KEY,
    number                 BIGINT NOT NULL UNIQUE,
    owner_id               TEXT NOT NULL REFERENCES users (id),
    name                   TEXT NOT NULL,
    digest                 TEXT NOT NULL UNIQUE,
    masked                 TEXT NOT NULL,
    billing_method         TEXT NOT NULL,
    permissions            TEXT NOT NULL,
    expires_at             BIGINT,
    quota                  BIGINT,
    daily_requests         BIGINT,
    daily_amount           BIGINT,
    monthly_requests       BIGINT,
    monthly_amount         BIGINT,
    soft_limit             TEXT,
    requests_per_minute    BIGINT,
    tokens_per_minute      BIGINT,
    parallel               BIGINT,
    max_tokens_per_request BIGINT,
    when_short             TEXT NOT NULL,
    allowed_models         TEXT NOT NULL,
    ip_allowlist           TEXT NOT NULL,
    groups                 TEXT NOT NULL,
    tags                   TEXT NOT NULL,
    metadata               TEXT NOT NULL,
    disabled               BIGINT NOT NULL,
    revoked_at             BIGINT,
    deleted_at             BIGINT,
    created_at             BIGINT NOT NULL,
    version                BIGINT NOT NULL
);
CREATE INDEX api_keys_by_owner ON api_keys (owner_id, id);

CREATE TABLE groups (
    name       TEXT PRIMARY KEY,
    multiplier BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);

CREATE TABLE channels (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    provider   TEXT NOT NULL,
    base_url   TEXT NOT NULL,
    secrets    TEXT NOT NULL,
    models     TEXT NOT NULL,
    groups     TEXT NOT NULL,
    priority   BIGINT NOT NULL,
    weight     BIGINT NOT NULL,
    settings   TEXT NOT NULL,
    disabled   BIGINT NOT NULL,
    deleted_at BIGINT,
    created_at BIGINT NOT NULL,
    version    BIGINT NOT NULL
);

-- One row per change: a charge names the version that it was priced with. A row without a body
-- says that the model's price was taken away.
CREATE TABLE prices (
    version    BIGINT PRIMARY KEY,
    model      TEXT NOT NULL,
    body       TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX prices_by_model ON prices (model, version);

-- What is settled and held per subject (a key or a user) and window. A subject's counters are the
-- sums over its calls and its open doubts: `tollkeeper verify` recomputes them.
CREATE TABLE counters (
    subject       TEXT NOT NULL,
    period        TEXT NOT NULL,
    starts_at     BIGINT NOT NULL,
    settled       BIGINT NOT NULL,
    held          BIGINT NOT NULL,
    requests      BIGINT NOT NULL,
    requests_held BIGINT NOT NULL,
    tokens        BIGINT NOT NULL,
    last_used_at  BIGINT NOT NULL,
    PRIMARY KEY (subject, period, starts_at)
) /* SQLite: WITHOUT ROWID */;

CREATE TABLE usage_hours (
    key_id       TEXT NOT NULL,
    hour         BIGINT NOT NULL,
    model        TEXT NOT NULL,
    user_id      TEXT NOT NULL,
    day          BIGINT NOT NULL,
    month        BIGINT NOT NULL,
    requests     BIGINT NOT NULL,
    input        BIGINT NOT NULL,
    cached_input BIGINT NOT NULL,
    cache_write  BIGINT NOT NULL,
    output       BIGINT NOT NULL,
    reasoning    BIGINT NOT NULL,
    charged      BIGINT NOT NULL,
    PRIMARY KEY (key_id, hour, model)
) /* SQLite: WITHOUT ROWID */;
CREATE INDEX usage_hours_by_user ON usage_hours (user_id, hour);

-- One row per call that was forwarded; never deleted, and never changed but for what is personal.
CREATE TABLE calls (
    id             TEXT PRIMARY KEY,
    key_id         TEXT NOT NULL,
    user_id        TEXT NOT NULL,
    model          TEXT NOT NULL,
    upstream_model TEXT NOT NULL,
    channel_id     TEXT NOT NULL,
    group_name     TEXT NOT NULL,
    dialect        TEXT NOT NULL,
    upstream_dialect TEXT NOT NULL,
    billing_method TEXT NOT NULL,
    price_version  BIGINT NOT NULL,
    multiplier     BIGINT NOT NULL,
    counted        BIGINT NOT NULL,
    input          BIGINT NOT NULL,
    cached_input   BIGINT NOT NULL,
    cache_write    BIGINT NOT NULL,
    cache_write_1h BIGINT NOT NULL,
    output         BIGINT NOT NULL,
    reasoning      BIGINT NOT NULL,
    cost           BIGINT NOT NULL,
    charged        BIGINT NOT NULL,
    usage_source   TEXT NOT NULL,
    suspect        BIGINT NOT NULL,
    outcome        TEXT NOT NULL,
    status         BIGINT NOT NULL,
    started_at     BIGINT NOT NULL,
    first_byte_ms  BIGINT,
    duration_ms    BIGINT NOT NULL,
    day            BIGINT NOT NULL,
    month          BIGINT NOT NULL,
    attempts       TEXT NOT NULL,
    transaction_id TEXT,
    -- What is personal: it may be forgotten, and is null then.
    client_ip      TEXT,
    user_agent     TEXT
);
CREATE INDEX calls_by_key ON calls (key_id, id);
CREATE INDEX calls_by_user ON calls (user_id, id);

-- Double entry: the amounts of one transaction sum to zero. Never updated, never deleted.
CREATE TABLE ledger_entries (
    transaction_id TEXT NOT NULL,
    line           BIGINT NOT NULL,
    account        TEXT NOT NULL,
    amount         BIGINT NOT NULL,
    kind           TEXT NOT NULL,
    reference      TEXT NOT NULL,
    note           TEXT NOT NULL,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (transaction_id, line)
) /* SQLite: WITHOUT ROWID */;
CREATE INDEX ledger_entries_by_account ON ledger_entries (account, transaction_id);

-- Calls that a crash cut off between the intent and the settlement.
CREATE TABLE doubts (
    call_id     TEXT PRIMARY KEY,
    key_id      TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    bound       BIGINT NOT NULL,
    day         BIGINT NOT NULL,
    month       BIGINT NOT NULL,
    intent      TEXT NOT NULL,
    since       BIGINT NOT NULL,
    resolved_at BIGINT,
    resolution  TEXT
);
CREATE INDEX doubts_open ON doubts (resolved_at, since);

CREATE TABLE idempotency (
    owner_id     TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status       BIGINT NOT NULL,
    response     TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (owner_id, idempotency_key)
);

-- What lies in an upstream's account: it is its maker's alone.
CREATE TABLE stored_objects (
    id         TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    secret     TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
