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
    /// Whether the deployment keeps values of keys sealed, so that they can be shown again.
    pub keeps_values: bool,
    /// In a demo on this machine: what the log-in is filled in with.
    pub demo: Option<DemoLogIn>,
    /// The time that the books go by.
    pub clock: Arc<dyn Fn() -> UnixMillis + Send + Sync>,
}

/// How to log in to a demo, which holds nothing that anybody could take.
#[derive(Debug, Clone)]
pub struct DemoLogIn {
    /// The owner's name.
    pub login: String,
    /// Their password.
    pub password: String,
}
