-- The life of keys: values that were replaced, values kept sealed, templates, and the indexes of the lists.

ALTER TABLE api_keys ADD COLUMN rotated_at BIGINT;

-- A replaced value stays for ever: after its grace it answers that the key was rotated.
CREATE TABLE previous_key_values (
    digest       TEXT PRIMARY KEY,
    key_id       TEXT NOT NULL REFERENCES api_keys (id),
    ends_at      BIGINT NOT NULL,
    last_used_at BIGINT,
    last_ip      TEXT,
    last_client  TEXT,
    created_at   BIGINT NOT NULL
);
CREATE INDEX previous_key_values_by_key ON previous_key_values (key_id, created_at);

CREATE TABLE sealed_key_values (
    key_id TEXT PRIMARY KEY REFERENCES api_keys (id),
    sealed TEXT NOT NULL
);

CREATE TABLE key_templates (
    owner_id   TEXT NOT NULL REFERENCES users (id),
    name       TEXT NOT NULL,
    body       TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    PRIMARY KEY (owner_id, name)
);

-- What never expires comes after everything that does.
CREATE INDEX api_keys_by_name ON api_keys (name, id);
CREATE INDEX api_keys_by_expiry ON api_keys (COALESCE(expires_at, 9223372036854775807), id);
CREATE INDEX api_keys_disabled ON api_keys (id) WHERE disabled <> 0;
CREATE INDEX api_keys_revoked ON api_keys (id) WHERE revoked_at IS NOT NULL;
CREATE INDEX api_keys_expiring ON api_keys (id, expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX counters_by_last_use ON counters (last_used_at, subject) WHERE period = 'total';
CREATE INDEX counters_by_charge ON counters (settled, subject) WHERE period = 'total';
