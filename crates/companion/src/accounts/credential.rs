//! What a tool gets: the value of a token, and the address of a node of its site.

use domain::time::UnixMillis;

use super::tokens::usable;
use super::{AccountError, Accounts};
use crate::base_url::BaseUrl;
use crate::credential::{Choice, Credential, CredentialError, Credentials, Site};
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

/// The person's accounts at one moment, for those who cannot wait for a socket themselves.
pub struct AccountCredentials {
    /// The accounts.
    pub accounts: Accounts,
    /// The moment.
    pub now: UnixMillis,
}

impl Credentials for AccountCredentials {
    fn credential(&self, choice: &Choice) -> Result<Credential, CredentialError> {
        let ask = || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| CredentialError(format!("no runtime to ask with: {error}")))?;
            runtime
                .block_on(credential(&self.accounts, choice, self.now))
                .map_err(|error| CredentialError(error.to_string()))
        };
        // A thread of its own: the caller's may belong to a runtime, which must not be waited in.
        std::thread::scope(|scope| scope.spawn(ask).join())
            .unwrap_or_else(|_| Err(CredentialError("asking the site failed".to_owned())))
    }
}
