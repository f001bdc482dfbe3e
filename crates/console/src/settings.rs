//! What the console has to be told when it is put together.

use domain::time::UnixMillis;
use std::sync::Arc;

/// What pages need beside the API.
#[derive(Clone)]
pub struct Settings {
    /// Where clients reach this deployment, if its operator said so; else what the browser asked.
    pub public_url: Option<String>,
    /// The program's version, in the corner of the frame.
    pub version: String,
    /// The time that the books go by.
    pub clock: Arc<dyn Fn() -> UnixMillis + Send + Sync>,
}
