//! What every handler has at hand.

use axum::Router;
use http::Extensions;

use crate::held::Held;
use crate::settings::Settings;

/// The API and the settings.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) api: Router,
    pub(crate) settings: Settings,
    /// A file that waits for a confirmation.
    pub(crate) held: Held,
}

/// What the server knew about the request before it was routed, such as the client's address.
#[derive(Clone, Default)]
pub(crate) struct Arrived(pub(crate) Extensions);
