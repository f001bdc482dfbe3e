## What the API refuses, by its code.
problem-not-found = There is nothing here, or it is not yours.
problem-route-not-found = There is nothing here, or it is not yours.
problem-method-not-allowed = This cannot be done here.
problem-malformed-json = What was sent cannot be read.
problem-unreadable-body = What was sent broke off before its end.
problem-unsupported-media-type = What was sent is of another kind than is taken here.
problem-request-too-large = What was sent is larger than is taken here.
problem-invalid-fields = Please correct the marked fields.
problem-invalid-idempotency-key = The form could not be told from others. Open it anew.
problem-idempotency-mismatch = This form was sent before with other values. Open it anew.
problem-changed-meanwhile = Someone changed it at the same time. Close this, look at it again and repeat your change.
problem-already-exists = This exists already. Choose another one.
problem-internal-error = The request failed through a fault of this deployment. Its log says more.
problem-database-unavailable = The database does not answer at present. Try again in a moment.
problem-cross-origin = A page of another site asked for this. Do it on the console's own pages.
problem-too-many-attempts = Too many attempts. Wait a while and try again.
problem-wrong-credentials = Name or password is wrong.
problem-wrong-code = This code is wrong or was used before. Wait for the next one.
problem-code-required = A one-time code is needed.
problem-wrong-password = The password is wrong.
problem-session-ended = Your session has ended. Log in again.
problem-session-required = Only people who are logged in can do this.
problem-proof-required = Prove your password first.
problem-user-disabled = This account is blocked. Ask an administrator.
problem-link-unusable = This link was used, has ended or was never made. Ask for another one.
problem-missing-management-key = Log in first.
problem-invalid-management-key = This management key is not known here.
problem-management-key-revoked = This management key was revoked.
problem-management-key-expired = This management key has expired.
problem-api-key-cannot-manage = A token calls models and cannot manage. Use a management key.
problem-operator-only = Your account may not do this.
problem-owner-only = Your account may not do this.
problem-scope-missing = Your account may not do this.
problem-not-the-owner = Only the token's owner can see its value. Rotate the token to give it a new one.
problem-last-owner = This is the deployment's only owner. Make another owner first.
problem-key-limit-reached = The owner's tier allows { $allowance } tokens that are neither revoked nor deleted. Revoke or delete some, or raise the tier.
problem-key-revoked = This token was revoked, which is final. Create another one.
problem-not-rotated = This token was never rotated: it has no old value.
problem-reveal-off = This deployment shows a value once, when it is made. Rotate the token to get a new one.
problem-value-not-kept = The value of this token is not kept. Rotate the token to get a new one.
problem-too-many-reveals = At most 20 values can be shown in 20 minutes. Try again later.
problem-too-many-templates = You have 100 templates, which is the most. Delete one first.
problem-too-many-calls = The span holds more than { $most } calls. Refund shorter spans one after the other.
problem-nothing-to-refund = Nothing is left of this call to give back.
problem-default-group = The default group stays: new users and channels start in it.
problem-unknown-code = There is no such code. Check it letter by letter.
problem-totp-off = One-time codes are off, and recovery codes stand in for them. Set them up first.
problem-nothing-to-confirm = There is no secret to be confirmed. Begin anew.
problem-finding-gone = This was put right meanwhile: there is nothing to fix.
problem-too-many-alert-rules = You have { $most } rules, the most that one can have. Delete one.
problem-too-many-alert-destinations = You have { $most } destinations, the most that one can have. Delete one.
problem-alert-destination-in-use = A rule names this destination. Take it out of the rule first.
problem-backup-under-way = Another backup is being made. Try again when it is done.
problem-code-unusable = { $why ->
    [redeemed] This code was redeemed before.
    [revoked] This code was revoked.
   *[expired] This code has expired.
}
problem-group-in-use = { $kind ->
    [channel] The channel “{ $name }” still names this group. Take it out there first.
    [key] The token { $name } still names this group. Take it out there first.
   *[user] The user { $name } still names this group. Take it out there first.
}
problem-channel-unusable = { $why ->
    [secret] The channel cannot be used: its secret cannot be opened with this deployment's master key. Enter it again.
    [base_url] The channel cannot be used: its base URL is none that can be called.
    [proxy] The channel cannot be used: its proxy is none.
   *[unsendable] The channel cannot be used: its secret or one of its headers holds characters that cannot be sent.
}
problem-not-a-site = { $why ->
    [not_sqlite] This is not an SQLite database. A new-api site's is called one-api.db by default.
    [broken_off] The database breaks off: { $found } of its { $whole } bytes are there. Copy it again.
    [damaged] The database is damaged. Copy it again.
    [mysql] A MySQL database is not read. Write it to an SQLite file first, for example with mysql2sqlite.
    [unavailable] The database cannot be opened.
    [units] Its option QuotaPerUnit is { $units }: no amount can be read. Set it right at the site, and import again.
   *[other] This is not a database of new-api or one-api.
}
