//! What Prometheus sees of the channels' secrets, at the moment it looks.

use domain::id::ChannelId;
use hashbrown::HashMap;
use metrics::{Gauge, gauge};
use std::sync::{Mutex, PoisonError};

use crate::gateway::Gateway;
use crate::health::State;

/// The gauges of secrets that were ever shown, by channel and number from 1.
#[derive(Default)]
pub(crate) struct SecretGauges(Mutex<HashMap<(ChannelId, usize), Gauge>>);

impl Gateway {
    /// Sets `tollkeeper_channel_secret_state`. A secret that is no longer there counts as healthy:
    /// it troubles nobody.
    pub fn show_secret_states(&self) {
        let (catalog, now) = (self.catalog.load(), self.ledger.now());
        let mut gauges = self.secret_gauges.0.lock().unwrap_or_else(PoisonError::into_inner);
        for gauge in gauges.values() {
            gauge.set(State::Healthy.gauge());
        }
        for channel in catalog.channels() {
            for (index, secret) in channel.secrets.iter().enumerate() {
                let number = index + 1;
                let gauge = gauges.entry((channel.id, number)).or_insert_with(|| {
                    let (name, number) = (channel.name.clone(), number.to_string());
                    gauge!("tollkeeper_channel_secret_state", "channel" => name, "secret" => number)
                });
                gauge.set(secret.health.state(now).0.gauge());
            }
        }
    }
}
