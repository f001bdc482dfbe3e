//! What can be wrong with an account, in sentences that say what to do.

use crate::base_url::BaseUrlError;
use crate::nodes::NodeError;
use crate::private_file::FileError;
use crate::site_url::InvalidUrl;
use crate::sites::SiteError;

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// A file of ours.
    #[error(transparent)]
    File(#[from] FileError),
    /// The site.
    #[error(transparent)]
    Site(#[from] SiteError),
    /// A node.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The name cannot be one.
    #[error(
        "an account's name has 1 to 64 letters, digits, `-`, `_` or `.`, and begins with a letter or digit"
    )]
    Name,
    /// The name is another account's.
    #[error(
        "there is an account {name} already; choose another name, or give --replace to sign in to it anew"
    )]
    Taken {
        /// The name.
        name: String,
    },
    /// There is none of this name.
    #[error("there is no account {name}; {}", known_accounts(known))]
    Unknown {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// An address that no tool takes.
    #[error(transparent)]
    BaseUrl(#[from] BaseUrlError),
    /// Neither a preset nor a URL.
    #[error("--site: anyrouter, agentrouter, or a URL: {0}")]
    Url(InvalidUrl),
    /// A person's sign-in without the person's number.
    #[error(
        "a site like this needs your user id beside the sign-in: give the number that it shows in your profile with --user-id"
    )]
    UserIdMissing,
    /// A Tollkeeper key for another site.
    #[error("an mk- key is a Tollkeeper gateway's; give that gateway's URL with --site")]
    ManagementKeyElsewhere,
    /// Nothing was given.
    #[error("the {sign_in} is empty")]
    Empty {
        /// What was asked for.
        sign_in: &'static str,
    },
    /// It cannot be sent.
    #[error(
        "the {sign_in} holds spaces, line breaks or letters that cannot be sent; copy it again"
    )]
    Unsendable {
        /// What was given.
        sign_in: &'static str,
    },
    /// The vault does not have it.
    #[error(
        "the sign-in of {name} is not in the vault; run `tollkeeper account add {name} …` again with --replace"
    )]
    NoSecret {
        /// The account.
        name: String,
    },
    /// There is no such token.
    #[error(
        "{account} has no token {token}; `tollkeeper tokens --account {account} --refresh` lists them"
    )]
    NoToken {
        /// The account.
        account: String,
        /// What was given.
        token: String,
    },
    /// Several have this name.
    #[error("{account} has several tokens called {token}; name one by its id: {}", ids.join(", "))]
    Ambiguous {
        /// The account.
        account: String,
        /// The name.
        token: String,
        /// Their ids.
        ids: Vec<String>,
    },
    /// The token cannot be used.
    #[error("the token {token} is {status}; choose another, or change that at the site")]
    NotUsable {
        /// The token's name.
        token: String,
        /// What it is.
        status: crate::sites::TokenStatus,
    },
    /// The pasted value belongs to another token.
    #[error("this value is not that of the token {token}: its ends are {masked}")]
    OtherValue {
        /// The token's name.
        token: String,
        /// How the site shows it.
        masked: String,
    },
    /// The pasted value is itself masked.
    #[error("this value has its middle left out; copy the whole one")]
    MaskedValue,
    /// There is no list to show without asking.
    #[error("no list of {account} was kept yet; leave --offline out")]
    NothingKept {
        /// The account.
        account: String,
    },
}

fn known_accounts(known: &[String]) -> String {
    if known.is_empty() {
        return "`tollkeeper account add` adds one".to_owned();
    }
    format!("there are: {}", known.join(", "))
}
