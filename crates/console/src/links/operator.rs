//! The addresses of the pages that only owners and admins have.

/// The channels.
pub(crate) const CHANNELS: &str = "/console/channel";
/// The presets and the form for a new channel.
pub(crate) const NEW_CHANNEL: &str = "/console/channel/new";
/// The prices.
pub(crate) const PRICES: &str = "/console/price";
/// The form for a price; the model is a parameter, for its name may hold slashes.
pub(crate) const EDIT_PRICE: &str = "/console/price/edit";
/// Asks before a price is taken away.
pub(crate) const DELETE_PRICE: &str = "/console/price/delete";
/// The import of prices.
pub(crate) const IMPORT_PRICES: &str = "/console/price/import";
/// The users.
pub(crate) const USERS: &str = "/console/user";
/// The form for a new user.
pub(crate) const NEW_USER: &str = "/console/user/new";
/// The groups and the tiers.
pub(crate) const GROUPS: &str = "/console/group";
/// The form for a group.
pub(crate) const EDIT_GROUP: &str = "/console/group/edit";
/// Asks before a group is deleted.
pub(crate) const DELETE_GROUP: &str = "/console/group/delete";
/// What the tiers allow.
pub(crate) const TIERS: &str = "/console/group/tiers";
/// The redemption codes.
pub(crate) const CODES: &str = "/console/code";
/// The form for new codes.
pub(crate) const NEW_CODES: &str = "/console/code/new";
/// Doubts, the books, backups and nodes.
pub(crate) const SYSTEM: &str = "/console/system";
/// Where a backup is asked for.
pub(crate) const BACKUP: &str = "/console/system/backup";
/// The import of a new-api or one-api site.
pub(crate) const IMPORT_SITE: &str = "/console/system/import";

/// A channel's page.
pub(crate) fn channel(id: &str) -> String {
    part(CHANNELS, id, "")
}

/// A person's page.
pub(crate) fn user(id: &str) -> String {
    part(USERS, id, "")
}

/// A page or an action of one thing.
pub(crate) fn part(of: &str, id: &str, part: &str) -> String {
    if part.is_empty() { format!("{of}/{id}") } else { format!("{of}/{id}/{part}") }
}

/// An address with a parameter.
pub(crate) fn with(link: &str, name: &str, value: &str) -> String {
    crate::api::with_query(link, &[(name, value)])
}
