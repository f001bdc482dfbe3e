//! The last list of tokens of each account, with when it was read. Values are never in it.

use domain::time::UnixMillis;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

use crate::accounts::Account;
use crate::home::Home;
use crate::private_file::{self, FileError};
use crate::site_url::SiteUrl;
use crate::sites::{Balance, TokenList};

/// A list as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cached {
    /// Whose it is: a list of another sign-in under the same name is none.
    url: SiteUrl,
    user_id: Option<u64>,
    /// When the site said so.
    pub fetched_at: UnixMillis,
    /// What was left on the account.
    pub balance: Balance,
    /// The tokens.
    pub list: TokenList,
}

impl Cached {
    pub(crate) fn new(
        account: &Account,
        list: TokenList,
        balance: Balance,
        fetched_at: UnixMillis,
    ) -> Self {
        Self { url: account.url.clone(), user_id: account.user_id, fetched_at, balance, list }
    }

    /// How old it is, in milliseconds.
    #[must_use]
    pub const fn age(&self, now: UnixMillis) -> i64 {
        now.since(self.fetched_at)
    }
}

/// The list that was kept; `None` if there is none, or none that can be read: it can be got again.
pub(crate) fn read(home: &Home, account: &Account) -> Result<Option<Cached>, FileError> {
    let Some(bytes) = private_file::read(&path(home, &account.name))? else { return Ok(None) };
    let kept: Option<Cached> = serde_json::from_slice(&bytes).ok();
    let same = |kept: &Cached| kept.url == account.url && kept.user_id == account.user_id;
    Ok(kept.filter(same))
}

pub(crate) fn write(home: &Home, account: &Account, list: &Cached) -> Result<(), FileError> {
    let path = path(home, &account.name);
    let text = serde_json::to_vec_pretty(list);
    private_file::write(&path, &text.map_err(|error| FileError::damaged(&path, &error))?)
}

pub(crate) fn forget(home: &Home, account: &str) -> Result<(), FileError> {
    private_file::remove(&path(home, account))
}

fn path(home: &Home, account: &str) -> PathBuf {
    home.state_file("tokens").join(format!("{account}.json"))
}
