-- What each row of the audit log did to each thing that it touched: old and new values, never a secret.
-- Never updated, never deleted; the row's hash is made over its changes too. Rows from before have none.
CREATE TABLE audit_changes (
    number   BIGINT NOT NULL REFERENCES audit_log (number),
    position BIGINT NOT NULL,
    object   TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    fields   TEXT NOT NULL,
    PRIMARY KEY (number, position)
);

-- The trail of one thing, and what concerns one user.
CREATE INDEX audit_changes_by_object ON audit_changes (object, number);
CREATE INDEX audit_changes_by_owner ON audit_changes (owner_id, number);
CREATE INDEX audit_log_by_object ON audit_log (object, number);
CREATE INDEX audit_log_by_actor ON audit_log (actor, number);
