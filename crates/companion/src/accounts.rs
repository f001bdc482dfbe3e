//! The person's accounts: which site, which sign-in; and what a tool gets of them.
//!
//! `accounts.json` holds what is no secret. Changing it takes the home's lock, so that of two
//! changes at once the second sees the first.

pub mod tokens;

mod credential;
mod problem;

pub use credential::credential;
pub use problem::AccountError;

use domain::secret::Secret;
use domain::time::UnixMillis;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

use crate::cache;
use crate::history;
use crate::home::Home;
use crate::private_file::{self, FileError};
use crate::site_url::SiteUrl;
use crate::sites::token::moment;
use crate::sites::{SignIn, SignInKind, Site, SiteKind};
use crate::vault::{Entry, Vault};
use crate::web::Web;

const FILE: &str = "accounts.json";
const LONGEST_NAME: usize = 64;

/// An account, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What the person calls it.
    pub name: String,
    /// Which API its site speaks.
    pub kind: SiteKind,
    /// Where its site is.
    pub url: SiteUrl,
    /// How it is signed in to.
    pub sign_in: SignInKind,
    /// The person's number there.
    pub user_id: Option<u64>,
    /// When it was added.
    #[serde(with = "moment")]
    pub added_at: Option<UnixMillis>,
}

impl Account {
    /// What nodes of its site are filed under: a preset's name, else its URL.
    #[must_use]
    pub fn provider(&self) -> String {
        match self.kind.preset() {
            Some(_) => self.kind.name().to_owned(),
            None => self.url.to_string(),
        }
    }
}

/// All accounts of a person.
#[derive(Clone)]
pub struct Accounts {
    home: Home,
    vault: Vault,
    web: Web,
}

/// What an account is to be.
pub struct NewAccount {
    /// What the person calls it: letters, digits, `-`, `_`, `.`.
    pub name: String,
    /// A preset's name, or a URL.
    pub site: String,
    /// How to sign in; a management key is recognised by its form.
    pub sign_in: SignInKind,
    /// The person's number at a new-api site.
    pub user_id: Option<u64>,
    /// The access token, cookie or key, as it was pasted.
    pub secret: Secret,
}

impl Accounts {
    /// The accounts of a home. Nothing need exist there yet.
    #[must_use]
    pub fn of(home: Home, web: Web) -> Self {
        Self { vault: Vault::of(&home), home, web }
    }

    /// Where everything is kept.
    #[must_use]
    pub const fn home(&self) -> &Home {
        &self.home
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn list(&self) -> Result<Vec<Account>, AccountError> {
        let path = self.path();
        let Some(bytes) = private_file::read(&path)? else { return Ok(Vec::new()) };
        Ok(serde_json::from_slice(&bytes).map_err(|error| FileError::damaged(&path, &error))?)
    }

    /// The account of a name.
    ///
    /// # Errors
    /// When there is none.
    pub fn get(&self, name: &str) -> Result<Account, AccountError> {
        let mut all = self.list()?;
        match all.iter().position(|account| account.name == name) {
            Some(at) => Ok(all.swap_remove(at)),
            None => Err(AccountError::Unknown {
                name: name.to_owned(),
                known: all.into_iter().map(|account| account.name).collect(),
            }),
        }
    }

    /// Checks everything about a new account that can be checked without its site.
    ///
    /// # Errors
    /// When a part of it is not right, or the name is taken and may not be replaced.
    pub fn prepare(&self, new: &NewAccount, replace: bool) -> Result<(), AccountError> {
        self.read_new(new, replace).map(drop)
    }

    /// Adds an account, once its site has taken the sign-in.
    ///
    /// # Errors
    /// As [`Self::prepare`], and when the site refuses. Then nothing is kept.
    pub async fn add(
        &self,
        new: NewAccount,
        replace: bool,
        now: UnixMillis,
    ) -> Result<Account, AccountError> {
        let (kind, url, sign_in, user_id) = self.read_new(&new, replace)?;
        let secret = sendable(&new.secret, sign_in)?;
        let presented = SignIn { kind: sign_in, user_id, secret: secret.clone() };
        let site = match kind {
            Some(kind) => Site::new(self.web.clone(), kind, url.clone(), presented),
            None => Site::recognised(self.web.clone(), url.clone(), presented).await?,
        };
        if site.kind() == SiteKind::NewApi && sign_in != SignInKind::Key && user_id.is_none() {
            return Err(AccountError::UserIdMissing);
        }
        let balance = site.balance().await?;
        let account = Account {
            name: new.name,
            kind: site.kind(),
            url,
            sign_in,
            user_id,
            added_at: Some(now),
        };
        {
            let _lock = private_file::lock(&self.home.config)?;
            let mut all = self.list()?;
            if !replace && all.iter().any(|known| known.name == account.name) {
                return Err(AccountError::Taken { name: account.name });
            }
            let before = all.iter().position(|known| known.name == account.name);
            if let Some(before) = before.map(|at| all.remove(at)) {
                cache::forget(&self.home, &account.name)?;
                if (before.kind, &before.url) != (account.kind, &account.url) {
                    // The old site's values and figures are none of the new one's.
                    self.vault.forget(&account.name)?;
                    history::forget(&self.home, &account.name)?;
                }
            }
            self.vault.put(Entry::SignIn { account: &account.name }, secret)?;
            all.push(account.clone());
            all.sort_by(|one, other| one.name.cmp(&other.name));
            self.write(&all)?;
        }
        history::look(&self.home, &account.name, balance, now)?;
        Ok(account)
    }

    /// Forgets an account: its secrets, its list and its history. The site is not told.
    ///
    /// # Errors
    /// When there is none of this name, or a file cannot be changed.
    pub fn remove(&self, name: &str) -> Result<Account, AccountError> {
        let _lock = private_file::lock(&self.home.config)?;
        let removed = self.get(name)?;
        // Secrets go first: whatever fails after that, they are gone.
        self.vault.forget(name)?;
        let rest: Vec<Account> =
            self.list()?.into_iter().filter(|account| account.name != name).collect();
        self.write(&rest)?;
        cache::forget(&self.home, name)?;
        history::forget(&self.home, name)?;
        Ok(removed)
    }

    /// An account's site, signed in.
    ///
    /// # Errors
    /// When the secret is missing or cannot be read.
    pub fn site(&self, account: &Account) -> Result<Site, AccountError> {
        let secret = self.vault.get(Entry::SignIn { account: &account.name })?;
        let missing = || AccountError::NoSecret { name: account.name.clone() };
        let sign_in = SignIn {
            kind: account.sign_in,
            user_id: account.user_id,
            secret: secret.ok_or_else(missing)?,
        };
        Ok(Site::new(self.web.clone(), account.kind, account.url.clone(), sign_in))
    }

    pub(crate) const fn vault(&self) -> &Vault {
        &self.vault
    }

    fn read_new(
        &self,
        new: &NewAccount,
        replace: bool,
    ) -> Result<(Option<SiteKind>, SiteUrl, SignInKind, Option<u64>), AccountError> {
        check_name(&new.name)?;
        if !replace && self.list()?.iter().any(|known| known.name == new.name) {
            return Err(AccountError::Taken { name: new.name.clone() });
        }
        let preset = SiteKind::of_preset(&new.site);
        let url = match preset.and_then(SiteKind::preset) {
            Some(url) => url.parse(),
            None => new.site.parse(),
        };
        let url: SiteUrl = url.map_err(AccountError::Url)?;
        let is_management = new.secret.expose().trim().starts_with("mk-");
        let sign_in = match new.sign_in {
            SignInKind::Key if is_management => SignInKind::ManagementKey,
            other => other,
        };
        if preset.is_some() && sign_in == SignInKind::ManagementKey {
            return Err(AccountError::ManagementKeyElsewhere);
        }
        let of_person = matches!(sign_in, SignInKind::AccessToken | SignInKind::Cookie);
        if of_person && new.user_id.is_none_or(|id| id == 0) {
            return Err(AccountError::UserIdMissing);
        }
        sendable(&new.secret, sign_in)?;
        Ok((preset, url.without_version(), sign_in, new.user_id.filter(|_| of_person)))
    }

    fn write(&self, all: &[Account]) -> Result<(), AccountError> {
        let path = self.path();
        let text = serde_json::to_vec_pretty(all);
        let text = text.map_err(|error| FileError::damaged(&path, &error))?;
        Ok(private_file::write(&path, &text)?)
    }

    fn path(&self) -> PathBuf {
        self.home.config_file(FILE)
    }
}

/// A name is also a file's name.
fn check_name(name: &str) -> Result<(), AccountError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if begins && name.len() <= LONGEST_NAME && name.bytes().all(fits) {
        Ok(())
    } else {
        Err(AccountError::Name)
    }
}

/// The secret as it is sent: trimmed, and a bare session's value as a cookie.
fn sendable(secret: &Secret, kind: SignInKind) -> Result<Secret, AccountError> {
    let text = secret.expose().trim();
    if text.is_empty() {
        return Err(AccountError::Empty { sign_in: kind.name() });
    }
    let printable = |byte: u8| byte.is_ascii_graphic();
    let spaces = kind == SignInKind::Cookie;
    let fits = |byte: u8| printable(byte) || spaces && byte == b' ';
    let text = if kind == SignInKind::AccessToken {
        text.strip_prefix("Bearer ").unwrap_or(text)
    } else {
        text
    };
    if !text.bytes().all(fits) {
        return Err(AccountError::Unsendable { sign_in: kind.name() });
    }
    if kind != SignInKind::Cookie {
        return Ok(Secret::new(text.to_owned()));
    }
    let text = text.strip_prefix("Cookie:").map_or(text, str::trim);
    // Names of cookies are short; a session's value is long and may end in `=`.
    let named = text.split_once('=').is_some_and(|(name, _)| name.len() <= 40);
    Ok(Secret::new(if named { text.to_owned() } else { format!("session={text}") }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(text: &str, kind: SignInKind) -> Option<String> {
        sendable(&Secret::new(text.to_owned()), kind).ok().map(|it| it.expose().to_owned())
    }

    #[test]
    fn names_are_files_names() {
        for name in ["a", "work-2.b_c", "9"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        let long = "x".repeat(65);
        for name in ["", ".", "..", ".a", "-a", "a/b", "a b", "a\\b", "é", &long] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_cookie_is_taken_whole_or_as_the_sessions_value() {
        let cookie = |text: &str| sent(text, SignInKind::Cookie);
        let value = "MTc1MDAwMDAwMHxEdi1CQkFFQ180SUFBUkFCRUFBQV9fLUhfLUNEaW==";
        assert_eq!(cookie(value), Some(format!("session={value}")));
        assert_eq!(cookie(&format!("session={value}\n")), Some(format!("session={value}")));
        let whole = format!("acw_tc=1; session={value}; x=y");
        assert_eq!(cookie(&whole), Some(whole.clone()));
        assert_eq!(cookie(&format!("Cookie: {whole}")), Some(whole));
        assert_eq!(cookie("a=b\r\nX-Evil: 1"), None);
    }

    #[test]
    fn other_secrets_are_trimmed_and_hold_no_spaces() {
        assert_eq!(sent(" abc\n", SignInKind::AccessToken).as_deref(), Some("abc"));
        assert_eq!(sent("Bearer abc", SignInKind::AccessToken).as_deref(), Some("abc"));
        assert_eq!(sent("sk-1 2", SignInKind::Key), None);
        assert_eq!(sent("  ", SignInKind::Key), None);
        assert_eq!(sent("ключ", SignInKind::Key), None);
    }
}
