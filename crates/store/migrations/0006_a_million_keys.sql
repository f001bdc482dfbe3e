-- One owner's keys in the orders of the lists, the keys that can be used up, what keys are
-- searched by, and usage summed over keys.

CREATE INDEX api_keys_of_owner_by_name ON api_keys (owner_id, name, id);
CREATE INDEX api_keys_of_owner_by_expiry ON api_keys (owner_id, COALESCE(expires_at, 9223372036854775807), id);
CREATE INDEX api_keys_with_quota ON api_keys (id) WHERE quota IS NOT NULL;

-- Small rows, so that looking at all of them is quick.
CREATE TABLE api_key_texts (
    number BIGINT PRIMARY KEY,
    text   TEXT NOT NULL
) /* SQLite: WITHOUT ROWID */;
INSERT INTO api_key_texts (number, text)
SELECT number, LOWER(name || ' ' || masked || ' ' || tags || ' ' || groups || ' ' || allowed_models) FROM api_keys;

-- The hours of usage_hours summed over a user's keys, and over everybody's (an empty subject).
CREATE TABLE usage_sums (
    subject      TEXT NOT NULL,
    hour         BIGINT NOT NULL,
    model        TEXT NOT NULL,
    day          BIGINT NOT NULL,
    month        BIGINT NOT NULL,
    requests     BIGINT NOT NULL,
    input        BIGINT NOT NULL,
    cached_input BIGINT NOT NULL,
    cache_write  BIGINT NOT NULL,
    output       BIGINT NOT NULL,
    reasoning    BIGINT NOT NULL,
    charged      BIGINT NOT NULL,
    PRIMARY KEY (subject, hour, model)
) /* SQLite: WITHOUT ROWID */;
INSERT INTO usage_sums
SELECT user_id, hour, model, day, month, SUM(requests), SUM(input), SUM(cached_input), SUM(cache_write), SUM(output), SUM(reasoning), SUM(charged) FROM usage_hours GROUP BY user_id, hour, model, day, month;
INSERT INTO usage_sums
SELECT '', hour, model, day, month, SUM(requests), SUM(input), SUM(cached_input), SUM(cache_write), SUM(output), SUM(reasoning), SUM(charged) FROM usage_hours GROUP BY hour, model, day, month;

-- Calls that did not end well are few among many.
CREATE INDEX calls_not_completed ON calls (id) WHERE outcome <> 'completed';
