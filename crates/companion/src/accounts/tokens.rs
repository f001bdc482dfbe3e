//! An account's tokens: from the cache or from its site, by id or name, and their values.

use domain::secret::Secret;
use domain::time::UnixMillis;

use super::{Account, AccountError, Accounts};
use crate::cache::{self, Cached};
use crate::private_file;
use crate::sites::mask::{fits, is_masked, with_prefix};
use crate::sites::{Made, Site, SiteError, Token, TokenStatus};
use crate::vault::Entry;

/// How old a list may be to be shown without asking the site, in milliseconds.
pub const FRESH: i64 = 10 * 60 * 1_000;

/// When the site is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Where the kept list is older than [`FRESH`].
    WhenOld,
    /// Now.
    Now,
    /// Never.
    Offline,
}

impl Accounts {
    /// The tokens of an account, and when the site said so.
    ///
    /// # Errors
    /// When the site has to be asked and does not answer.
    pub async fn tokens(
        &self,
        account: &Account,
        freshness: Freshness,
        now: UnixMillis,
    ) -> Result<Cached, AccountError> {
        let kept = cache::read(self.home(), account)?;
        match (freshness, kept) {
            (Freshness::Offline, Some(kept)) => return Ok(kept),
            (Freshness::Offline, None) => {
                return Err(AccountError::NothingKept { account: account.name.clone() });
            }
            (Freshness::WhenOld, Some(kept)) if kept.age(now) < FRESH => return Ok(kept),
            _ => {}
        }
        let site = self.site(account)?;
        let list = site.tokens(now).await?;
        let balance = site.balance().await?;
        crate::history::look(self.home(), &account.name, balance, now)?;
        let fresh = Cached::new(account, list, balance, now);
        cache::write(self.home(), account, &fresh)?;
        Ok(fresh)
    }

    /// The token of an id or a name.
    ///
    /// # Errors
    /// When there is none, or a name is that of several.
    pub async fn token(
        &self,
        account: &Account,
        wanted: &str,
        now: UnixMillis,
    ) -> Result<Token, AccountError> {
        let kept = self.tokens(account, Freshness::WhenOld, now).await?;
        match choose(&account.name, wanted, kept.list.tokens) {
            // It may have been made since.
            Err(AccountError::NoToken { .. }) => {
                let fresh = self.tokens(account, Freshness::Now, now).await?;
                choose(&account.name, wanted, fresh.list.tokens)
            }
            other => other,
        }
    }

    /// A token's value: the one that the person pasted or that was made here, else the site's.
    ///
    /// # Errors
    /// [`SiteError::NotRevealed`] where only the person can give it.
    pub async fn value(&self, account: &Account, token: &Token) -> Result<Secret, AccountError> {
        let entry = Entry::Token { account: &account.name, token: &token.id };
        let fits_mask = |value: &Secret| {
            token.masked.as_deref().is_none_or(|masked| fits(value.expose(), masked))
        };
        // A kept value that no longer fits is that of before a rotation.
        if let Some(kept) = self.vault().get(entry)?.filter(fits_mask) {
            return Ok(kept);
        }
        Ok(self.site(account)?.value(token).await?)
    }

    /// Keeps the value of a token that its site does not show.
    ///
    /// # Errors
    /// When it is masked, or another token's.
    pub fn keep(
        &self,
        account: &Account,
        token: &Token,
        value: &Secret,
    ) -> Result<(), AccountError> {
        let text = value.expose().trim();
        if text.is_empty() {
            return Err(AccountError::Empty { sign_in: "value" });
        }
        if is_masked(text) {
            return Err(AccountError::MaskedValue);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(AccountError::Unsendable { sign_in: "value" });
        }
        if let Some(masked) = token.masked.as_deref().filter(|masked| !fits(text, masked)) {
            let (token, masked) = (token.name.clone(), masked.to_owned());
            return Err(AccountError::OtherValue { token, masked });
        }
        self.store(account, &token.id, Secret::new(with_prefix(text)))
    }

    /// Makes a token at the site, and keeps its value where the site shows it.
    ///
    /// # Errors
    /// When the site refuses.
    pub async fn make(
        &self,
        account: &Account,
        name: &str,
        now: UnixMillis,
    ) -> Result<Made, AccountError> {
        let site: Site = self.site(account)?;
        let made = site.make(name, now).await?;
        cache::forget(self.home(), &account.name)?;
        if let Some(value) = &made.value {
            self.store(account, &made.token.id, value.clone())?;
        }
        Ok(made)
    }

    fn store(&self, account: &Account, id: &str, value: Secret) -> Result<(), AccountError> {
        let _lock = private_file::lock(&self.home().config)?;
        // It may have been removed meanwhile; then its secrets must stay gone.
        self.get(&account.name)?;
        Ok(self.vault().put(Entry::Token { account: &account.name, token: id }, value)?)
    }
}

/// Refuses a token that cannot be used.
pub(super) fn usable(token: &Token) -> Result<(), AccountError> {
    match token.status {
        TokenStatus::Active | TokenStatus::NotUsed | TokenStatus::Unknown => Ok(()),
        status => Err(AccountError::NotUsable { token: token.name.clone(), status }),
    }
}

fn choose(account: &str, wanted: &str, tokens: Vec<Token>) -> Result<Token, AccountError> {
    if let Some(token) = tokens.iter().find(|token| token.id == wanted) {
        return Ok(token.clone());
    }
    let (account, token) = (account.to_owned(), wanted.to_owned());
    let mut named: Vec<Token> = tokens.into_iter().filter(|it| it.name == wanted).collect();
    match (named.pop(), named.is_empty()) {
        (None, _) => Err(AccountError::NoToken { account, token }),
        (Some(only), true) => Ok(only),
        (Some(last), false) => {
            named.push(last);
            let ids = named.into_iter().map(|token| token.id).collect();
            Err(AccountError::Ambiguous { account, token, ids })
        }
    }
}

/// Whether only the person can help: by making a new token, or pasting the value.
#[must_use]
pub const fn needs_value(error: &AccountError) -> bool {
    matches!(error, AccountError::Site(SiteError::NotRevealed { .. }))
}
