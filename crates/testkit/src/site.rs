//! A simulated relay site of the new-api family, of both generations of its API: accounts, tokens,
//! check-ins, and everything that can be in the way.
//!
//! It is strict about headers and remembers what it was asked. What it does is its [`Conduct`],
//! which [`SimulatedSite::behave`] sets, or over HTTP `POST /_control/conduct` with the members that
//! differ from the default. `GET /_control/seen` lists the requests, `GET /_control/complaints`
//! what was wrong with their heads.
//!
//! ```text
//! server ── receives, notes, finds trouble ──> routes ── who is asking? ──> person's desk, or a key's
//! ```

pub mod conduct;

mod desk;
mod person;
mod routes;
mod server;

pub use conduct::{CheckInPlace, Conduct, Generation, Reveal, Trouble};
pub use person::{ACCESS_TOKEN, SESSION, USER_ID, value_of};

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::provider::SeenRequest;
use server::Ground;

/// A running site. Dropping it closes every connection.
#[derive(Debug)]
pub struct SimulatedSite {
    /// Where it listens.
    pub address: SocketAddr,
    ground: Arc<Ground>,
    serving: JoinHandle<()>,
}

impl SimulatedSite {
    /// Binds the address and starts to serve on the current tokio runtime.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start_at(address: SocketAddr, conduct: Conduct) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("the simulated site cannot listen on {address}"))?;
        let address = listener.local_addr()?;
        let ground = Arc::new(Ground::new(address, conduct));
        let serving = tokio::spawn(server::serve(listener, Arc::clone(&ground)));
        Ok(Self { address, ground, serving })
    }

    /// The same on a free port of this machine.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start(conduct: Conduct) -> anyhow::Result<Self> {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0)), conduct).await
    }

    /// `http://ADDRESS`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on it behaves so.
    pub fn behave(&self, conduct: Conduct) {
        self.ground.behave(conduct);
    }

    /// The requests so far, oldest first.
    #[must_use]
    pub fn seen(&self) -> Vec<SeenRequest> {
        self.ground.seen()
    }

    /// What was wrong with the heads of requests.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        self.ground.complaints()
    }
}

impl Drop for SimulatedSite {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
