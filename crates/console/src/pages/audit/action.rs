//! What was done, in the visitor's language.

use crate::language::{Message, Words};

/// What an action is called, else its name in the API.
pub(crate) fn label(name: &str, words: Words) -> String {
    let known = ACTIONS.iter().find(|(action, _)| *action == name);
    known.map_or_else(|| name.to_owned(), |(_, message)| words.say(message).into_owned())
}

/// Every action that is known, for the filter.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, Message)> {
    ACTIONS.iter().copied()
}

const ACTIONS: &[(&str, Message)] = &[
    ("api-keys.create", Message("action-api-keys-create")),
    ("api-keys.edit", Message("action-api-keys-edit")),
    ("api-keys.delete", Message("action-api-keys-delete")),
    ("api-keys.enable", Message("action-api-keys-enable")),
    ("api-keys.disable", Message("action-api-keys-disable")),
    ("api-keys.revoke", Message("action-api-keys-revoke")),
    ("api-keys.rotate", Message("action-api-keys-rotate")),
    ("api-keys.rotate.end", Message("action-api-keys-rotate-end")),
    ("api-keys.reveal", Message("action-api-keys-reveal")),
    ("api-keys.bulk", Message("action-api-keys-bulk")),
    ("api-keys.actions", Message("action-api-keys-actions")),
    ("api-keys.refund", Message("action-api-keys-refund")),
    ("api-keys.leaked", Message("action-api-keys-leaked")),
    ("api-keys.compromised", Message("action-api-keys-compromised")),
    ("key-templates.set", Message("action-key-templates-set")),
    ("key-templates.delete", Message("action-key-templates-delete")),
    ("users.create", Message("action-users-create")),
    ("users.edit", Message("action-users-edit")),
    ("users.topups", Message("action-users-topups")),
    ("users.freeze", Message("action-users-freeze")),
    ("users.thaw", Message("action-users-thaw")),
    ("users.reset", Message("action-users-reset")),
    ("management-keys.create", Message("action-management-keys-create")),
    ("management-keys.delete", Message("action-management-keys-delete")),
    ("tiers.set", Message("action-tiers-set")),
    ("redemption-codes.create", Message("action-redemption-codes-create")),
    ("redemption-codes.delete", Message("action-redemption-codes-delete")),
    ("setup.create", Message("action-setup-create")),
    ("sessions.create", Message("action-sessions-create")),
    ("sessions.refused", Message("action-sessions-refused")),
    ("sessions.current.delete", Message("action-sessions-current-delete")),
    ("sessions.delete", Message("action-sessions-delete")),
    ("sessions.current.proof", Message("action-sessions-current-proof")),
    ("me.edit", Message("action-me-edit")),
    ("me.password", Message("action-me-password")),
    ("me.totp", Message("action-me-totp")),
    ("me.totp.confirm", Message("action-me-totp-confirm")),
    ("me.totp.delete", Message("action-me-totp-delete")),
    ("me.recovery-codes", Message("action-me-recovery-codes")),
    ("me.redemptions", Message("action-me-redemptions")),
    ("groups.set", Message("action-groups-set")),
    ("groups.delete", Message("action-groups-delete")),
    ("channels.create", Message("action-channels-create")),
    ("channels.edit", Message("action-channels-edit")),
    ("channels.delete", Message("action-channels-delete")),
    ("channels.test", Message("action-channels-test")),
    ("prices.set", Message("action-prices-set")),
    ("prices.delete", Message("action-prices-delete")),
    ("prices.import", Message("action-prices-import")),
    ("import.new-api", Message("action-import-new-api")),
    ("calls.refund", Message("action-calls-refund")),
    ("findings.fix", Message("action-findings-fix")),
    ("findings.dismiss", Message("action-findings-dismiss")),
    ("alerts.acknowledge", Message("action-alerts-acknowledge")),
    ("alert-rules.create", Message("action-alert-rules-create")),
    ("alert-rules.edit", Message("action-alert-rules-edit")),
    ("alert-rules.delete", Message("action-alert-rules-delete")),
    ("alert-destinations.create", Message("action-alert-destinations-create")),
    ("alert-destinations.edit", Message("action-alert-destinations-edit")),
    ("alert-destinations.delete", Message("action-alert-destinations-delete")),
    ("alert-destinations.test", Message("action-alert-destinations-test")),
    ("doubts.settle", Message("action-doubts-settle")),
    ("doubts.release", Message("action-doubts-release")),
    ("backup.create", Message("action-backup-create")),
];
