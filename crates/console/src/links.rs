//! The addresses of the console's pages.

pub(crate) mod operator;

/// The overview.
pub(crate) const HOME: &str = "/console";
/// The log-in.
pub(crate) const LOG_IN: &str = "/console/login";
/// Where the log-out button posts to.
pub(crate) const LOG_OUT: &str = "/console/logout";
/// Set-up of the first owner, from a one-time link.
pub(crate) const SET_UP: &str = "/console/setup";
/// An invitation, from a one-time link.
pub(crate) const INVITATION: &str = "/console/invite";
/// A new password, from a one-time link.
pub(crate) const RESET: &str = "/console/reset";
/// Where language and theme are set.
pub(crate) const PREFERENCES: &str = "/console/preferences";
/// The tokens.
pub(crate) const TOKENS: &str = "/console/token";
/// The form for a new token.
pub(crate) const NEW_TOKEN: &str = "/console/token/new";
/// Many new tokens at once.
pub(crate) const NEW_TOKENS: &str = "/console/token/bulk";
/// What new tokens can begin with.
pub(crate) const TEMPLATES: &str = "/console/token/template";
/// The form for one of them; its name is a parameter.
pub(crate) const EDIT_TEMPLATE: &str = "/console/token/template/edit";
/// Asks before one is deleted.
pub(crate) const DELETE_TEMPLATE: &str = "/console/token/template/delete";
/// What is done to several tokens at once.
pub(crate) const TOKEN_ACTIONS: &str = "/console/token/actions";
/// The calls, which people look for as logs.
pub(crate) const USAGE: &str = "/console/usage";
/// A choice of the token whose calls are shown.
pub(crate) const USAGE_TOKEN: &str = "/console/usage/token";
/// The balance and the ledger.
pub(crate) const WALLET: &str = "/console/wallet";
/// Where a code is redeemed.
pub(crate) const REDEEM: &str = "/console/wallet/redeem";
/// The models and their prices.
pub(crate) const MODELS: &str = "/console/models";
/// A model tried out.
pub(crate) const PLAYGROUND: &str = "/console/playground";
/// The visitor's own account.
pub(crate) const SETTINGS: &str = "/console/settings";
/// Its password and one-time codes.
pub(crate) const SECURITY: &str = "/console/settings/security";
/// Its sessions.
pub(crate) const SESSIONS: &str = "/console/settings/sessions";
/// Its management keys.
pub(crate) const MANAGEMENT_KEYS: &str = "/console/settings/keys";
/// Its rules of alerts and where they are sent.
pub(crate) const ALERT_SETTINGS: &str = "/console/settings/alerts";
/// The alerts.
pub(crate) const ALERTS: &str = "/console/alerts";

/// A page with one parameter.
pub(crate) fn with(path: &str, name: &str, value: &str) -> String {
    crate::api::with_query(path, &[(name, value)])
}

/// One call's page.
pub(crate) fn call(id: &str) -> String {
    format!("{USAGE}/{id}")
}

/// An action on one call.
pub(crate) fn call_part(id: &str, part: &str) -> String {
    format!("{USAGE}/{id}/{part}")
}

/// What an audit objects to.
pub(crate) const AUDIT: &str = "/console/audit";
/// The audit log.
pub(crate) const AUDIT_LOG: &str = "/console/audit/log";
/// Recomputes the audit log's chain.
pub(crate) const AUDIT_VERIFY: &str = "/console/audit/verify";

/// The log-in that comes back to a page.
pub(crate) fn log_in(next: &str) -> String {
    crate::api::with_query(LOG_IN, &[("next", if next == HOME { "" } else { next })])
}

/// One token's page.
pub(crate) fn token(id: &str) -> String {
    format!("{TOKENS}/{id}")
}

/// The tokens with a tag.
pub(crate) fn tokens_tagged(tag: &str) -> String {
    crate::api::with_query(TOKENS, &[("tag", tag)])
}

/// A page or an action of one token.
pub(crate) fn token_part(id: &str, part: &str) -> String {
    format!("{TOKENS}/{id}/{part}")
}

/// What was done to one thing.
pub(crate) fn audit_of(object: &str) -> String {
    crate::api::with_query(AUDIT_LOG, &[("object", object)])
}

/// One row of the audit log, with everything that it touched.
pub(crate) fn audit_row(number: i64) -> String {
    crate::api::with_query(AUDIT_LOG, &[("number", &number.to_string())])
}

/// An action on a finding.
pub(crate) fn finding_part(id: &str, part: &str) -> String {
    format!("{AUDIT}/findings/{id}/{part}")
}

/// A path of ours that may be gone to after the log-in; anything else is the overview.
pub(crate) fn safe_next(next: &str) -> &str {
    let ours = next == HOME || next.starts_with("/console/") || next.starts_with("/console?");
    let plain = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if ours && plain { next } else { HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(safe_next("/console/token?q=a"), "/console/token?q=a");
        for evil in ["//evil", "https://evil", "/console/\\evil\n", "/consolevil", "/\\evil", ""] {
            assert_eq!(safe_next(evil), HOME);
        }
    }
}
