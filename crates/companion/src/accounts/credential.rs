//! What a tool gets: the value of a token, and the address of a node of its site.

use domain::time::UnixMillis;

use super::tokens::usable;
use super::{AccountError, Accounts};
use crate::base_url::BaseUrl;
use crate::credential::{Choice, Credential, Site};
use crate::nodes;

/// Turns a token into what a tool needs. Where the site does not show the token's value,
/// [`super::tokens::needs_value`] is true of the error: offer [`Accounts::make`] or
/// [`Accounts::keep`]. Nothing is made at the site without being asked for.
///
/// # Errors
/// When there is no such account, token or node, the token cannot be used, or the site refuses.
pub async fn credential(
    accounts: &Accounts,
    choice: &Choice,
    now: UnixMillis,
) -> Result<Credential, AccountError> {
    let account = accounts.get(&choice.account)?;
    let node = nodes::of(accounts.home(), &account, choice.node.as_deref())?;
    let token = accounts.token(&account, &choice.token, now).await?;
    usable(&token)?;
    let secret = accounts.value(&account, &token).await?;
    Ok(Credential {
        base_url: BaseUrl::new(&node.url.to_string())?,
        secret,
        site: Site::Account {
            kind: account.kind.name().to_owned(),
            account: account.name,
            token: token.name,
        },
    })
}
