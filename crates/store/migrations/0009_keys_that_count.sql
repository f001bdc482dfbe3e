-- The keys that count against what a tier allows, by owner: an account may have a million of them. With
-- all the columns that the count asks for, so that it reads nothing else.
CREATE INDEX api_keys_that_count ON api_keys (owner_id, revoked_at, deleted_at) WHERE revoked_at IS NULL AND deleted_at IS NULL;
