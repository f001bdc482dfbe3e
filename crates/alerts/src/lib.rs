//! Alerts: noticed beside the data plane, told once, and sent to where their owners want them.
//!
//! `watch.rs` looks at what was shipped lately and hands facts to `judge/`, pure functions that say
//! what is worth an alert; `rules.rs` says by which thresholds; `raise.rs` stores what is new and
//! queues its messages; `deliver.rs` sends them (`send/webhook.rs`, `send/email.rs`) until they
//! arrive. Nothing here is asked by a call on its way.

mod judge;
mod raise;
mod rules;
mod watch;

pub mod deliver;
pub mod message;
pub mod send;

use gateway::Gateway;
use gateway::upstream::UpstreamClient;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

pub use send::email::MailSettings;

/// What watching and sending share; clones share it.
#[derive(Clone)]
pub struct Alerts(Arc<Inner>);

struct Inner {
    gateway: Arc<Gateway>,
    client: UpstreamClient,
    tls: Arc<rustls::ClientConfig>,
    mail: Option<MailSettings>,
    /// Rules, or what they are about, were changed.
    changed: Notify,
    /// Messages were queued.
    queued: Notify,
}

/// Until a receiver is connected.
const CONNECT: Duration = Duration::from_secs(10);

impl Alerts {
    /// Alerts of a gateway. Mail goes out only with `mail`.
    #[must_use]
    pub fn new(
        gateway: Arc<Gateway>,
        tls: Arc<rustls::ClientConfig>,
        mail: Option<MailSettings>,
    ) -> Self {
        let egress = gateway.options.egress.clone();
        let client = UpstreamClient::new(egress, Arc::clone(&tls), CONNECT);
        let (changed, queued) = (Notify::new(), Notify::new());
        Self(Arc::new(Inner { gateway, client, tls, mail, changed, queued }))
    }

    /// Watches and sends until the gateway stops.
    pub async fn run(self) {
        tokio::join!(watch::run(&self), deliver::run(&self));
    }

    /// Whether mail can go out.
    #[must_use]
    pub fn sends_mail(&self) -> bool {
        self.0.mail.is_some()
    }

    /// Looks at everything again: rules were changed.
    pub fn changed(&self) {
        self.0.changed.notify_one();
    }
}
