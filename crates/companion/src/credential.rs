//! What a tool needs to reach a node, and whom to ask for it.

use domain::secret::Secret;
use thiserror::Error;

use crate::base_url::BaseUrl;

/// A node's address and a key that it takes.
#[derive(Clone)]
pub struct Credential {
    /// Where.
    pub base_url: BaseUrl,
    /// The key.
    pub secret: Secret,
    /// What kind of site it is from.
    pub site: Site,
}

/// Where a credential is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Site {
    /// A person gave the address and the key.
    Pasted,
    /// A person's account at a site; the site's kind as the accounts name it.
    Account {
        /// The site's kind: `new-api`, `tollkeeper`, ….
        kind: String,
        /// The account's name.
        account: String,
        /// The token's name.
        token: String,
    },
}

/// Which token is meant.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The account's name.
    pub account: String,
    /// The token's id or name.
    pub token: String,
    /// The node's name; the provider's first where nothing is said.
    pub node: Option<String>,
}

/// Why a text cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeyTextError {
    /// Nothing.
    #[error("the key is empty")]
    Empty,
    /// A list's short form.
    #[error("this is a masked key, as lists show it; the whole one is needed")]
    Masked,
    /// Not one word of plain characters.
    #[error("a key is one word of plain characters; this has a blank or another sign in it")]
    Characters,
    /// Longer than any key.
    #[error("this is longer than any key")]
    Long,
}

/// A key as a person pasted it, with the blanks around it left off.
///
/// # Errors
/// When it cannot be one.
pub fn key(text: &str) -> Result<Secret, KeyTextError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(KeyTextError::Empty);
    }
    if text.contains(['*', '…', '•']) || text.contains("...") {
        return Err(KeyTextError::Masked);
    }
    if !text.chars().all(|it| it.is_ascii_graphic() && !"\"'`\\$#".contains(it)) {
        return Err(KeyTextError::Characters);
    }
    if text.len() > 4096 {
        return Err(KeyTextError::Long);
    }
    Ok(Secret::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        assert_eq!(key(" sk-abc\n").map(|key| key.expose().to_owned()), Ok("sk-abc".to_owned()));
        for (text, error) in [
            ("\n", KeyTextError::Empty),
            ("sk-aB3d**********xY9z", KeyTextError::Masked),
            ("sk-9fQ2…Xa4c", KeyTextError::Masked),
            ("sk a", KeyTextError::Characters),
            ("sk-\"a", KeyTextError::Characters),
        ] {
            assert_eq!(key(text).err(), Some(error), "{text}");
        }
    }
}
