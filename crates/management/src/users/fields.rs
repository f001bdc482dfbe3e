//! Readers for the fields that making and editing a user share.

use crate::request::Invalid;
use crate::request::value::{Value, checked_text, list, text};
use crate::wrong::Wrong;

/// Roles as messages list them.
pub(crate) const ROLES: &str = "owner, admin, member";
/// Tiers as messages list them.
pub(crate) const TIERS: &str = "standard, professional, enterprise";
/// Kinds of credit as messages list them.
pub(crate) const CREDITS: &str = "balance, unlimited";

/// An e-mail address: something on both sides of one `@`. Whether it works, only a mail tells.
pub(crate) fn email(value: Value<'_>) -> Result<String, Invalid> {
    let text = checked_text(&(3..=254), value.string()?)?;
    let sound = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !text.contains(char::is_whitespace)
    });
    if sound { Ok(text) } else { Err(Invalid::new(Wrong::Email)) }
}

/// A password: 8 to 256 characters.
pub(crate) fn password(value: Value<'_>) -> Result<String, Invalid> {
    text(8..=256)(value)
}

/// A list of groups without repetitions, at least one.
pub(crate) fn groups(value: Value<'_>) -> Result<Vec<String>, Invalid> {
    let names = list(50, text(1..=64))(value)?;
    if names.is_empty() {
        return Err(Invalid::new(Wrong::NoGroup));
    }
    crate::groups::without_repetition(names)
}
