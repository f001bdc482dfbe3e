//! What every request to the management API shares.

use ::alerts::Alerts;
use gateway::{Gateway, Worker};
use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use tokio::sync::Mutex;

use crate::keys::reveal::Reveals;
use crate::system::backup::Backups;

/// What the management API needs of its deployment.
#[derive(Clone)]
pub struct ManagementState {
    /// The data plane, with connections of its own for testing channels: database, ledger,
    /// directory, catalog, hasher and sealer.
    pub worker: Worker,
    /// The watch over everything, and its ways to destinations.
    pub alerts: Alerts,
    /// What makes backups.
    pub backups: Arc<dyn Backups>,
    /// Facts about the deployment.
    pub deployment: DeploymentInfo,
}

/// Facts about the deployment that answers and the API's description mention.
#[derive(Debug, Clone, Default)]
pub struct DeploymentInfo {
    /// Where people reach it, without a slash at the end; none: links are relative.
    pub public_url: Option<String>,
    /// The release that runs.
    pub version: String,
    /// Whether values of keys can be shown again.
    pub reveal: Reveal,
}

/// Whether the value of a key can be shown again to its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reveal {
    /// It is shown once, when it is made: only a keyed hash is stored.
    #[default]
    Once,
    /// It is also stored encrypted.
    Sealed,
}

/// The state as handlers see it; clones share it.
#[derive(Clone)]
pub(crate) struct App(Arc<Inner>);

/// See [`App`].
pub(crate) struct Inner {
    /// The data plane.
    pub(crate) gateway: Arc<Gateway>,
    /// The same with connections of its own, for testing channels.
    pub(crate) worker: Worker,
    /// The watch over everything, and its ways to destinations.
    pub(crate) alerts: Alerts,
    /// What makes backups.
    pub(crate) backups: Arc<dyn Backups>,
    /// Facts about the deployment.
    pub(crate) deployment: DeploymentInfo,
    /// Held while a change is read back from the database and put in force, so that of two
    /// changes at once the older one can never be put in force last.
    pub(crate) publishing: Mutex<()>,
    /// Who had values of keys shown again lately.
    pub(crate) reveals: Reveals,
    /// `openapi.json`, made when somebody first asks for it.
    pub(crate) document: OnceLock<bytes::Bytes>,
}

impl App {
    pub(crate) fn new(state: ManagementState) -> Self {
        Self(Arc::new(Inner {
            gateway: Arc::clone(&state.worker.gateway),
            worker: state.worker,
            alerts: state.alerts,
            backups: state.backups,
            deployment: state.deployment,
            publishing: Mutex::new(()),
            reveals: Reveals::default(),
            document: OnceLock::new(),
        }))
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
