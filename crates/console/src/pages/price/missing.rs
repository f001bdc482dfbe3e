//! Models that channels serve and that have no price: their calls are refused.

use super::entry::Price;
use crate::links::operator as links;
use crate::pages::channel::entry::Channel;

/// A model without a price.
pub(crate) struct Missing {
    pub(crate) model: String,
    /// The channels that serve it.
    pub(crate) channels: Vec<String>,
}

impl Missing {
    /// The form for its price.
    pub(crate) fn link(&self) -> String {
        links::with(links::EDIT_PRICE, "model", &self.model)
    }
}

/// Every model of a channel that works, but those that have a price.
pub(crate) fn missing(channels: &[Channel], prices: &[Price]) -> Vec<Missing> {
    let mut found: Vec<Missing> = Vec::new();
    for channel in channels.iter().filter(|channel| !channel.disabled) {
        for model in &channel.models {
            if prices.iter().any(|price| price.model == *model) {
                continue;
            }
            match found.iter_mut().find(|known| known.model == *model) {
                Some(known) => known.channels.push(channel.name.clone()),
                None => found
                    .push(Missing { model: model.clone(), channels: vec![channel.name.clone()] }),
            }
        }
    }
    found
}
