//! Owners and admins. To everybody else their pages do not exist.

use axum::extract::FromRequestParts;
use http::request::Parts;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::app::App;
use crate::trouble::Trouble;
use crate::visit::SignedIn;

/// An owner or an admin who is logged in.
pub(crate) struct Operator(pub(crate) SignedIn);

impl FromRequestParts<App> for Operator {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Trouble> {
        let user = SignedIn::from_request_parts(parts, app).await?;
        if user.me.is_operator() { Ok(Self(user)) } else { Err(Trouble::NoSuchPage) }
    }
}

/// A form's own key, so that sending it twice does a thing once. It is the user's own affair: it
/// has to differ from their other forms, not to be secret.
pub(crate) fn once(user: &SignedIn) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    format!("console-{}-{number}", user.visit.now.get())
}
