//! What can be called: channels, groups and prices, as one snapshot that is replaced as a whole.

use domain::bill::Multiplier;
use domain::dialect::Dialect;
use domain::id::ChannelId;
use domain::key::mask;
use domain::price::Price;
use domain::secret::Secret;
use hashbrown::HashMap;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::channel::{Channel, Timeouts};
use store::{Database, StoreError};

use crate::endpoint::Operation;
use crate::health::Health;
use crate::seal::Sealer;
use crate::upstream::{Addresses, BaseUrl, InvalidBaseUrl, InvalidProxy, Proxy};

/// A channel ready to be called.
pub struct ChannelEntry {
    /// The channel.
    pub id: ChannelId,
    /// Its name, for logs and metrics.
    pub name: String,
    /// The kind of provider.
    pub provider: String,
    /// Where it is.
    pub base_url: BaseUrl,
    /// Where it takes what.
    pub addresses: Addresses,
    /// Its secrets, each with its health.
    pub secrets: Vec<ChannelSecret>,
    next_secret: AtomicUsize,
    /// Client's name of a model → upstream's.
    pub models: HashMap<Arc<str>, Arc<str>>,
    /// What the upstream calls the first of them: what it is tested with.
    pub first_model: Option<Arc<str>>,
    /// The groups that it belongs to.
    pub groups: Vec<String>,
    /// Higher is tried first.
    pub priority: i64,
    /// Share of the calls.
    pub weight: u32,
    /// The wire formats that it takes.
    pub dialects: Vec<Dialect>,
    /// Headers that are added to each call.
    pub headers: HeaderMap,
    /// The proxy that its calls go through.
    pub proxy: Option<Proxy>,
    /// How long is waited.
    pub timeouts: Timeouts,
    /// Whether it is asked to report usage in streams.
    pub ask_usage: bool,
    /// Its version, so that health survives only while the channel stays the same.
    pub version: i64,
}

/// One secret of a channel.
pub struct ChannelSecret {
    /// The secret.
    pub value: Secret,
    /// The secret as it may be shown.
    pub masked: String,
    /// The value of `Authorization`.
    pub authorization: HeaderValue,
    /// The value of the headers that carry it alone.
    pub plain: HeaderValue,
    /// A hash of it, by which what is stored in its account is found again.
    pub fingerprint: Arc<str>,
    /// Whether it works.
    pub health: Arc<Health>,
}

impl ChannelEntry {
    /// The secrets, the next in turn first.
    pub fn secrets_in_turn(&self) -> impl Iterator<Item = &ChannelSecret> {
        let count = self.secrets.len().max(1);
        let first =
            if count > 1 { self.next_secret.fetch_add(1, Ordering::Relaxed) % count } else { 0 };
        self.secrets.iter().cycle().skip(first).take(self.secrets.len())
    }

    /// The secret with a fingerprint, if the channel still has it.
    #[must_use]
    pub fn secret(&self, fingerprint: &str) -> Option<&ChannelSecret> {
        self.secrets.iter().find(|secret| *secret.fingerprint == *fingerprint)
    }

    /// A text of the upstream's without the channel's secrets, should it repeat one.
    #[must_use]
    pub fn conceal(&self, text: &str) -> String {
        let secrets = self
            .secrets
            .iter()
            .map(|secret| secret.value.expose())
            .filter(|secret| !secret.is_empty());
        secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "***"))
    }

    /// Whether some bytes hold one of the channel's secrets.
    #[must_use]
    pub fn is_betrayed_by(&self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        self.secrets
            .iter()
            .any(|secret| !secret.value.expose().is_empty() && text.contains(secret.value.expose()))
    }

    /// Whether the channel belongs to a group.
    #[must_use]
    pub fn is_in(&self, group: &str) -> bool {
        self.groups.iter().any(|own| own == group)
    }

    /// Whether the channel speaks a wire format.
    #[must_use]
    pub fn speaks(&self, dialect: Dialect) -> bool {
        self.dialects.contains(&dialect)
    }

    /// The dialect in which the channel is asked for something: the caller's, if it speaks that,
    /// else one that it can be translated to. None: it cannot serve this.
    #[must_use]
    pub fn dialect_for(&self, operation: &Operation) -> Option<Dialect> {
        let own = operation.dialect();
        if self.speaks(own) {
            return Some(own);
        }
        self.dialects.first().copied().filter(|_| operation.is_universal())
    }
}

/// A model's price in force.
#[derive(Debug, Clone)]
pub struct PricedModel {
    /// The version that a charge will name.
    pub version: i64,
    /// The price.
    pub price: Price,
}

/// Everything that routing needs.
#[derive(Default)]
pub struct Catalog {
    channels: Vec<Arc<ChannelEntry>>,
    by_model: HashMap<Arc<str>, Vec<Arc<ChannelEntry>>>,
    groups: HashMap<Arc<str>, Multiplier>,
    prices: HashMap<String, Arc<PricedModel>>,
}

impl Catalog {
    /// Reads channels, groups and prices. Health is taken over from the snapshot before.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn load(
        database: &Database,
        sealer: &Sealer,
        before: &Self,
    ) -> Result<Self, StoreError> {
        let mut catalog = Self::default();
        for group in database.groups().await? {
            catalog.groups.insert(group.name.into(), group.multiplier);
        }
        for version in database.current_prices().await? {
            if let Some(price) = version.price {
                catalog.prices.insert(
                    version.model,
                    Arc::new(PricedModel { version: version.version, price }),
                );
            }
        }
        for channel in database.channels().await?.into_iter().filter(|channel| !channel.disabled) {
            let (id, name) = (channel.id, channel.name.clone());
            match entry(channel, sealer, before) {
                Ok(entry) => catalog.add(Arc::new(entry)),
                Err(error) => {
                    tracing::error!(channel = %id, %name, %error, "the channel cannot be used")
                }
            }
        }
        Ok(catalog)
    }

    /// Channels that offer a model.
    #[must_use]
    pub fn offering(&self, model: &str) -> &[Arc<ChannelEntry>] {
        self.by_model.get(model).map_or(&[], Vec::as_slice)
    }

    /// Every model that some channel offers, in the order of their names.
    #[must_use]
    pub fn models(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.by_model.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }

    /// A channel that is switched on.
    #[must_use]
    pub fn channel(&self, id: ChannelId) -> Option<&Arc<ChannelEntry>> {
        self.channels.iter().find(|channel| channel.id == id)
    }

    /// Whether any channel is switched on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// A group's name and factor; none if there is no such group.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<(&Arc<str>, Multiplier)> {
        self.groups.get_key_value(name).map(|(name, multiplier)| (name, *multiplier))
    }

    /// A model's price in force.
    #[must_use]
    pub fn price(&self, model: &str) -> Option<&Arc<PricedModel>> {
        self.prices.get(model)
    }

    /// Every channel that is switched on.
    #[must_use]
    pub fn channels(&self) -> &[Arc<ChannelEntry>] {
        &self.channels
    }

    fn add(&mut self, channel: Arc<ChannelEntry>) {
        for model in channel.models.keys() {
            self.by_model.entry(model.clone()).or_default().push(Arc::clone(&channel));
        }
        self.channels.push(channel);
    }
}

/// Why a stored channel cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Its secret or its proxy's login does not open.
    #[error(transparent)]
    Secret(#[from] crate::seal::CannotOpen),
    /// Its address is none.
    #[error(transparent)]
    BaseUrl(#[from] InvalidBaseUrl),
    /// Its proxy is none.
    #[error(transparent)]
    Proxy(#[from] InvalidProxy),
    /// It holds what no header can.
    #[error("its secret or one of its headers holds characters that cannot be sent")]
    Unsendable,
}

/// The proxy of a stored channel, with its login opened.
fn open_proxy(channel: &Channel, sealer: &Sealer) -> Result<Option<Proxy>, Unusable> {
    let Some(address) = &channel.settings.proxy else { return Ok(None) };
    let sealed = channel.settings.proxy_login.as_ref();
    let bound_to = proxy_origin(address);
    let login = sealed.map(|sealed| sealer.open(channel.id, &bound_to, sealed.as_str()));
    Ok(Some(Proxy::with_login(address, login.transpose()?.as_ref())?))
}

/// What a proxy's login is bound to: never an upstream's origin.
#[must_use]
pub fn proxy_origin(address: &str) -> String {
    format!("proxy {address}")
}

/// A stored channel ready to be called, with the health that the same version had before.
///
/// # Errors
/// When it cannot be used.
pub fn entry(
    channel: Channel,
    sealer: &Sealer,
    before: &Catalog,
) -> Result<ChannelEntry, Unusable> {
    let base_url = BaseUrl::parse(&channel.base_url)?;
    let same = before.channel(channel.id).filter(|old| old.version == channel.version);
    let mut secrets = Vec::with_capacity(channel.secrets.len());
    for (index, sealed) in channel.secrets.iter().enumerate() {
        let value = sealer.open(channel.id, &base_url.origin(), sealed.as_str())?;
        let health = same
            .and_then(|old| old.secrets.get(index))
            .map(|old| Arc::clone(&old.health))
            .unwrap_or_default();
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", value.expose()))
            .map_err(|_| Unusable::Unsendable)?;
        let mut plain = HeaderValue::from_str(value.expose()).map_err(|_| Unusable::Unsendable)?;
        authorization.set_sensitive(true);
        plain.set_sensitive(true);
        let fingerprint = fingerprint(channel.id, value.expose());
        let masked = mask(value.expose());
        secrets.push(ChannelSecret { value, masked, authorization, plain, fingerprint, health });
    }
    let dialects =
        channel.settings.dialects.clone().unwrap_or_else(|| default_dialects(&channel.provider));
    let mut headers = HeaderMap::new();
    for (name, value) in &channel.settings.headers {
        let name = HeaderName::try_from(name).map_err(|_| Unusable::Unsendable)?;
        headers.insert(name, HeaderValue::from_str(value).map_err(|_| Unusable::Unsendable)?);
    }
    let addresses = Addresses::new(base_url.clone()).ok_or(InvalidBaseUrl::NotAUrl)?;
    let proxy = open_proxy(&channel, sealer)?;
    let first_model = channel.models.first().map(|model| Arc::from(model.upstream.as_str()));
    Ok(ChannelEntry {
        proxy,
        first_model,
        addresses,
        id: channel.id,
        name: channel.name,
        provider: channel.provider,
        base_url,
        secrets,
        next_secret: AtomicUsize::new(0),
        models: channel
            .models
            .into_iter()
            .map(|mapping| (mapping.name.into(), mapping.upstream.into()))
            .collect(),
        groups: channel.groups,
        priority: channel.priority,
        weight: channel.weight,
        dialects,
        headers,
        timeouts: channel.settings.timeouts,
        ask_usage: channel.settings.ask_usage,
        version: channel.version,
    })
}

/// A hash of a secret; of no use to find the secret by.
fn fingerprint(channel: ChannelId, secret: &str) -> Arc<str> {
    let mut hash = Sha256::new();
    hash.update(channel.to_string());
    hash.update([0]);
    hash.update(secret);
    let digest = hash.finalize();
    hex::encode(digest.get(..16).unwrap_or_default()).into()
}

/// What a kind of provider speaks unless its channel says otherwise.
#[must_use]
pub fn default_dialects(provider: &str) -> Vec<Dialect> {
    match provider {
        "openai" | "azure-openai" => vec![Dialect::Chat, Dialect::Responses],
        "anthropic" => vec![Dialect::Messages],
        "gemini" => vec![Dialect::Gemini],
        "tollkeeper" | "new-api" => {
            vec![Dialect::Chat, Dialect::Responses, Dialect::Messages, Dialect::Gemini]
        }
        _ => vec![Dialect::Chat],
    }
}
