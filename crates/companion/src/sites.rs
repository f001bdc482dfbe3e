//! The sites where a person has accounts: one file per kind of API.
//!
//! A [`Site`] answers the same questions whatever its kind: its tokens, its balance, a token's value,
//! a new token, a check-in. A kind is a file: `new_api.rs` (AnyRouter, AgentRouter and every other
//! site of that family), `tollkeeper.rs` (our own gateway). What a site says is data: numbers are
//! checked, texts are cleaned for the terminal, and nothing of it is ever run or opened.

pub mod failure;
pub mod mask;
pub mod token;

mod new_api;
mod reading;
mod tollkeeper;

pub use failure::SiteError;
pub use token::{Balance, CheckIn, CheckInOutcome, Made, Token, TokenList, TokenStatus};

use domain::key::{Form, Kind, examine};
use domain::secret::Secret;
use domain::time::UnixMillis;
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::site_url::SiteUrl;
use crate::web::{Question, Reply, Web};

/// Which API a site speaks, and what is peculiar to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SiteKind {
    /// anyrouter.top: new-api with a check-in of its own.
    AnyRouter,
    /// agentrouter.org: new-api that checks in whoever looks at their account.
    AgentRouter,
    /// Any other new-api or one-api site.
    #[serde(rename = "new-api")]
    NewApi,
    /// A gateway such as this program serves.
    Tollkeeper,
}

impl SiteKind {
    /// The name in settings and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AnyRouter => "anyrouter",
            Self::AgentRouter => "agentrouter",
            Self::NewApi => "new-api",
            Self::Tollkeeper => "tollkeeper",
        }
    }

    /// Where a preset's site is.
    #[must_use]
    pub const fn preset(self) -> Option<&'static str> {
        match self {
            Self::AnyRouter => Some("https://anyrouter.top"),
            Self::AgentRouter => Some("https://agentrouter.org"),
            Self::NewApi | Self::Tollkeeper => None,
        }
    }

    /// The preset of a name.
    #[must_use]
    pub fn of_preset(name: &str) -> Option<Self> {
        [Self::AnyRouter, Self::AgentRouter].into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for SiteKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a person signs in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignInKind {
    /// A new-api account's access token.
    AccessToken,
    /// The cookie of a browser's session.
    Cookie,
    /// An API key alone: its own usage and nothing else.
    Key,
    /// A Tollkeeper management key.
    ManagementKey,
}

impl SignInKind {
    /// What a person calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "access token",
            Self::Cookie => "session",
            Self::Key => "API key",
            Self::ManagementKey => "management key",
        }
    }
}

/// A sign-in, with its secret.
pub struct SignIn {
    /// Its kind.
    pub kind: SignInKind,
    /// The person's number at a new-api site.
    pub user_id: Option<u64>,
    /// The access token, cookie or key.
    pub secret: Secret,
}

/// A site and a sign-in at it.
pub struct Site {
    web: Web,
    kind: SiteKind,
    url: SiteUrl,
    sign_in: SignIn,
}

impl Site {
    /// A site of a known kind. Nothing is asked yet.
    #[must_use]
    pub fn new(web: Web, kind: SiteKind, url: SiteUrl, sign_in: SignIn) -> Self {
        Self { web, kind, url, sign_in }
    }

    /// Which API it speaks.
    #[must_use]
    pub const fn kind(&self) -> SiteKind {
        self.kind
    }

    /// Finds out what speaks at a URL that is no preset: by the credential's form where that tells,
    /// else by asking for the key's own view, which only a Tollkeeper gateway has.
    ///
    /// # Errors
    /// When the site cannot be asked.
    pub async fn recognised(web: Web, url: SiteUrl, sign_in: SignIn) -> Result<Self, SiteError> {
        let mut site = Self::new(web, SiteKind::Tollkeeper, url, sign_in);
        let ours = match (site.sign_in.kind, examine(site.sign_in.secret.expose())) {
            (SignInKind::ManagementKey, _) | (SignInKind::Key, Form::WellFormed(Kind::Api)) => true,
            (SignInKind::Key, _) => tollkeeper::knows_key(&site).await?,
            (SignInKind::AccessToken | SignInKind::Cookie, _) => false,
        };
        if !ours {
            site.kind = SiteKind::NewApi;
        }
        Ok(site)
    }

    /// All tokens that the sign-in can see.
    ///
    /// # Errors
    /// When the site does not answer, or refuses.
    pub async fn tokens(&self, now: UnixMillis) -> Result<TokenList, SiteError> {
        match self.kind {
            SiteKind::Tollkeeper => tollkeeper::tokens(self).await,
            _ => new_api::tokens(self, now).await,
        }
    }

    /// What is left on the account.
    ///
    /// # Errors
    /// As [`Self::tokens`].
    pub async fn balance(&self) -> Result<Balance, SiteError> {
        match self.kind {
            SiteKind::Tollkeeper => tollkeeper::balance(self).await,
            _ => new_api::balance(self).await,
        }
    }

    /// A token's value, whole.
    ///
    /// # Errors
    /// [`SiteError::NotRevealed`] where the site does not show it; else as [`Self::tokens`].
    pub async fn value(&self, token: &Token) -> Result<Secret, SiteError> {
        if self.sign_in.kind == SignInKind::Key {
            return Ok(self.sign_in.secret.clone());
        }
        match self.kind {
            SiteKind::Tollkeeper => Err(SiteError::NotRevealed {
                why: "this gateway shows a key's value once, when it is made".to_owned(),
            }),
            _ => new_api::value(self, token).await,
        }
    }

    /// Makes a token without limits of its own.
    ///
    /// # Errors
    /// As [`Self::tokens`].
    pub async fn make(&self, name: &str, now: UnixMillis) -> Result<Made, SiteError> {
        match (self.sign_in.kind, self.kind) {
            (SignInKind::Key, _) => Err(SiteError::KeyAlone { what: "make tokens" }),
            (_, SiteKind::Tollkeeper) => tollkeeper::make(self, name).await,
            _ => new_api::make(self, name, now).await,
        }
    }

    /// Checks in for the day.
    ///
    /// # Errors
    /// [`SiteError::NoCheckIn`] where the site has none; else as [`Self::tokens`].
    pub async fn check_in(&self) -> Result<CheckIn, SiteError> {
        match (self.sign_in.kind, self.kind) {
            (SignInKind::Key, _) => Err(SiteError::KeyAlone { what: "check in" }),
            (_, SiteKind::Tollkeeper) => Err(SiteError::NoCheckIn { site: self.url.authority() }),
            _ => new_api::check_in(self).await,
        }
    }

    async fn ask(&self, question: Question) -> Result<Reply, SiteError> {
        Ok(self.web.ask(&self.url, question).await?)
    }

    /// A text of the site's for a person: cleaned, and without our secret, should the site repeat it.
    fn said(&self, text: &str) -> String {
        let mut said = text.to_owned();
        for part in self.sign_in.secret.expose().split([';', ' ', '=']) {
            // Shorter parts are names of cookies.
            if part.len() >= 8 {
                said = said.replace(part, "…");
            }
        }
        reading::clean(&said)
    }
}
