//! The secret of a one-time link and the address that it is part of. It stands behind a `#`, which
//! browsers do not send, so no log of any server has it.

use sha2::{Digest, Sha256};
use store::user_link::{LinkDigest, LinkPurpose};

use crate::state::App;

/// A link that is about to be handed out.
pub(crate) struct OneTimeLink {
    purpose: LinkPurpose,
    secret: String,
}

impl OneTimeLink {
    /// A new one.
    pub(crate) fn new(purpose: LinkPurpose) -> Self {
        Self { purpose, secret: hex::encode(rand::random::<[u8; 32]>()) }
    }

    /// What is stored of it.
    pub(crate) fn digest(&self) -> LinkDigest {
        digest(&self.secret)
    }

    /// The address, relative to the deployment where its own is not known.
    pub(crate) fn url(&self, app: &App) -> String {
        let base = app.deployment.public_url.as_deref().unwrap_or_default();
        format!("{base}/console/{}#{}", self.purpose.name(), self.secret)
    }
}

/// What is stored of a link's secret.
pub(crate) fn digest(secret: &str) -> LinkDigest {
    LinkDigest::new(Sha256::digest(secret.as_bytes()).into())
}
