//! The person's secrets: a file of their own, `secrets.json`, mode 0600.
//!
//! Nothing else of the companion's files holds a secret. What is read from here is a
//! [`Secret`], which can neither be printed nor serialised.

use domain::secret::Secret;
use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::home::Home;
use crate::private_file::{self, FileError};

/// The file's name among the settings.
pub const FILE: &str = "secrets.json";

/// How the names of tools' keys begin.
const TOOLS: &str = ".tool/";

/// Where the secrets are.
#[derive(Debug, Clone)]
pub struct Vault {
    path: PathBuf,
}

/// What a secret in the vault is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry<'a> {
    /// How an account is signed in to.
    SignIn {
        /// The account's name.
        account: &'a str,
    },
    /// The value of a token whose site does not show it.
    Token {
        /// The account's name.
        account: &'a str,
        /// The token's id at its site.
        token: &'a str,
    },
    /// The key of a tool whose own file holds none.
    Tool {
        /// Where the tool's state says it is.
        slot: &'a str,
    },
}

impl Entry<'_> {
    /// The name in the file. An account's name holds no slash and begins with no dot.
    fn name(self) -> String {
        match self {
            Self::SignIn { account } => format!("{account}/sign-in"),
            Self::Token { account, token } => format!("{account}/token/{token}"),
            Self::Tool { slot } => format!("{TOOLS}{slot}"),
        }
    }
}

impl Vault {
    /// The vault of a home. It need not exist.
    #[must_use]
    pub fn of(home: &Home) -> Self {
        Self { path: home.config_file(FILE) }
    }

    /// A secret; `None` if there is none of this name.
    ///
    /// # Errors
    /// When the file cannot be read, or others can read it as well.
    pub fn get(&self, entry: Entry<'_>) -> Result<Option<Secret>, FileError> {
        Ok(self.read()?.remove(&entry.name()))
    }

    /// Keeps a secret in place of what was there. The caller holds the home's lock.
    pub(crate) fn put(&self, entry: Entry<'_>, secret: Secret) -> Result<(), FileError> {
        let mut all = self.read()?;
        all.insert(entry.name(), secret);
        self.write(&all)
    }

    /// Forgets everything of an account. The caller holds the home's lock.
    pub(crate) fn forget(&self, account: &str) -> Result<(), FileError> {
        let of_account = format!("{account}/");
        self.retain(|name| !name.starts_with(&of_account))
    }

    /// Forgets every tool's key but those in these slots. The caller holds the home's lock.
    pub(crate) fn retain_tools(&self, wanted: impl Fn(&str) -> bool) -> Result<(), FileError> {
        self.retain(|name| name.strip_prefix(TOOLS).is_none_or(&wanted))
    }

    fn retain(&self, stays: impl Fn(&str) -> bool) -> Result<(), FileError> {
        let mut all = self.read()?;
        let before = all.len();
        all.retain(|name, _| stays(name));
        if all.len() == before { Ok(()) } else { self.write(&all) }
    }

    fn read(&self) -> Result<BTreeMap<String, Secret>, FileError> {
        let Some(bytes) = private_file::read_secrets(&self.path)? else {
            return Ok(BTreeMap::new());
        };
        serde_json::from_slice(&bytes).map_err(|error| FileError::damaged(&self.path, &error))
    }

    /// Secrets cannot be serialised, so their one way into a file is written out here.
    fn write(&self, all: &BTreeMap<String, Secret>) -> Result<(), FileError> {
        let quoted = |text: &str| Secret::new(serde_json::Value::from(text).to_string());
        let lines: Vec<String> = all
            .iter()
            .map(|(name, secret)| {
                format!("  {}: {}", quoted(name).expose(), quoted(secret.expose()).expose())
            })
            .collect();
        let text = Secret::new(format!("{{\n{}\n}}\n", lines.join(",\n")));
        private_file::write(&self.path, text.expose().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault() -> (tempfile::TempDir, Vault) {
        let place = tempfile::tempdir().unwrap();
        let home = Home { config: place.path().into(), state: place.path().into() };
        (place, Vault::of(&home))
    }

    fn value(vault: &Vault, entry: Entry<'_>) -> Option<String> {
        vault.get(entry).unwrap().map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn what_was_put_in_comes_out() {
        let (_place, vault) = vault();
        let sign_in = Entry::SignIn { account: "a" };
        let token = Entry::Token { account: "a", token: "7" };
        assert_eq!(value(&vault, sign_in), None);
        vault.put(sign_in, Secret::new("quote \" back \\ 中文".to_owned())).unwrap();
        vault.put(token, Secret::new("sk-1".to_owned())).unwrap();
        vault.put(token, Secret::new("sk-2".to_owned())).unwrap();
        assert_eq!(value(&vault, sign_in).as_deref(), Some("quote \" back \\ 中文"));
        assert_eq!(value(&vault, token).as_deref(), Some("sk-2"));
    }

    #[test]
    fn an_account_is_forgotten_whole_and_alone() {
        let (_place, vault) = vault();
        let secret = || Secret::new("s".to_owned());
        for account in ["a", "ab"] {
            vault.put(Entry::SignIn { account }, secret()).unwrap();
            vault.put(Entry::Token { account, token: "1" }, secret()).unwrap();
        }
        vault.forget("a").unwrap();
        assert_eq!(value(&vault, Entry::SignIn { account: "a" }), None);
        assert_eq!(value(&vault, Entry::Token { account: "a", token: "1" }), None);
        assert_eq!(value(&vault, Entry::SignIn { account: "ab" }).as_deref(), Some("s"));
    }

    #[test]
    fn tools_keys_stay_where_they_are_wanted_and_touch_no_account() {
        let (_place, vault) = vault();
        let secret = || Secret::new("s".to_owned());
        let [one, two] = ["codex-1", "codex-2"].map(|slot| Entry::Tool { slot });
        let account = Entry::SignIn { account: "tool" };
        for entry in [one, two, account] {
            vault.put(entry, secret()).unwrap();
        }
        vault.retain_tools(|slot| slot == "codex-2").unwrap();
        assert_eq!([one, two, account].map(|it| value(&vault, it).is_some()), [false, true, true]);
        vault.forget("tool").unwrap();
        assert_eq!([two, account].map(|it| value(&vault, it).is_some()), [true, false]);
    }

    #[test]
    fn a_damaged_file_is_said_without_its_text() {
        let (place, vault) = vault();
        std::fs::write(place.path().join(FILE), "{\"a/sign-in\": \"TOP-SECRET\", ").unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(
            place.path().join(FILE),
            std::os::unix::fs::PermissionsExt::from_mode(0o600),
        )
        .unwrap();
        let refused = vault.put(Entry::SignIn { account: "b" }, Secret::new("x".to_owned()));
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("damaged at line 1"), "{refused}");
        assert!(!refused.contains("TOP-SECRET"), "{refused}");
    }
}
