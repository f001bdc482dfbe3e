//! The fields of a channel as requests set them: making one applies them to the defaults, editing
//! one to what it has.

use domain::dialect::Dialect;
use domain::secret::Secret;
use std::collections::BTreeMap;
use store::channel::{Channel, ModelMapping};
use utoipa::ToSchema;

use super::address::Address;
use super::preset::Preset;
use super::provider::{Provider, preset, provider};
use super::proxy::ProxyField;
use super::settings::{TimeoutFields, dialects, headers};
use super::{models, secrets};
use crate::groups::without_repetition;
use crate::problem::Problem;
use crate::request::value::{boolean, integer, list, list_or_null, text, whole};
use crate::request::{Fields, Invalid, ReadBody, Value};
use crate::schema::ModelSet;
use crate::wrong::Wrong;

/// Sent to services that want no secret.
const NO_SECRET: &str = "none";

/// A channel, or an edit of one: what is left out stays as it is.
#[derive(ToSchema)]
#[schema(as = ChannelInput)]
pub(crate) struct ChannelFields {
    /// What its operator calls it: 1–100 characters. Needed to make one.
    pub(super) name: Option<String>,
    /// A service that is known here (see `GET /api/v1/channel-presets`): fills in what a new
    /// channel's other fields leave out.
    #[schema(value_type = Option<String>)]
    pub(super) preset: Option<&'static Preset>,
    /// Whose interface it speaks: `openai`, `anthropic`, `gemini`, `azure-openai`,
    /// `openai-compatible`, `tollkeeper`, `new-api`. A preset's name stands for the preset. Needed
    /// to make one.
    #[schema(value_type = Option<String>)]
    pub(super) provider: Option<Provider>,
    /// Where it is, with or without the version segment. Needed to make one. Another scheme, host
    /// or port needs the secret again.
    #[schema(value_type = Option<String>)]
    pub(super) base_url: Option<Address>,
    /// What it is authorised with. One of `secret` and `secrets` is needed to make one.
    #[schema(value_type = Option<String>)]
    secret: Option<Secret>,
    /// Several that take turns.
    #[schema(value_type = Option<Vec<String>>)]
    secrets: Option<Vec<Secret>>,
    /// Names of models, or an object from the client's name to the upstream's. Needed to make one.
    #[schema(value_type = Option<ModelSet>)]
    pub(super) models: Option<Vec<ModelMapping>>,
    /// What the upstream calls some of the models.
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    pub(super) model_map: Option<Vec<ModelMapping>>,
    /// The groups that it belongs to; `["default"]` by default.
    pub(super) groups: Option<Vec<String>>,
    /// Higher is tried first; 0 by default.
    pub(super) priority: Option<i64>,
    /// Share of the calls among channels of the same priority; 1 by default.
    pub(super) weight: Option<u32>,
    /// The wire formats that it takes: `chat`, `responses`, `messages`, `gemini`. What it does not
    /// take is translated to the first. Null: the provider's own.
    #[schema(value_type = Option<Vec<String>>)]
    dialects: Option<Option<Vec<Dialect>>>,
    /// Headers that are added to each call.
    headers: Option<BTreeMap<String, String>>,
    /// The proxy that its calls go through: `http://user:password@host:port` or `socks5://…`; null:
    /// none. The login is sealed and never shown again.
    #[schema(value_type = Option<String>)]
    pub(super) proxy: Option<ProxyField>,
    /// How long it is waited for.
    timeouts: Option<TimeoutFields>,
    /// Whether it is asked to report usage in streams; true by default.
    ask_usage: Option<bool>,
    /// Labels, at most 50 of 1–64 characters.
    tags: Option<Vec<String>>,
    /// Switched off.
    disabled: Option<bool>,
}

impl ReadBody for ChannelFields {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        if fields.has("secret") && fields.has("secrets") {
            fields.refuse("secret", Invalid::new(Wrong::SecretOrSecrets));
        }
        Some(Self {
            name: fields.take("name", text(1..=100)),
            preset: fields.take("preset", preset),
            provider: fields.take("provider", provider),
            base_url: fields.take("base_url", Address::read),
            secret: fields.take("secret", secrets::one),
            secrets: fields.take("secrets", secrets::several),
            models: fields.take("models", models::read),
            model_map: fields.take("model_map", models::read_map),
            groups: fields.take("groups", groups),
            priority: fields.take("priority", integer(-1_000_000..=1_000_000)),
            weight: fields.take("weight", whole(0..=1_000_000)),
            dialects: fields.take("dialects", dialects),
            headers: fields.take("headers", headers),
            proxy: fields.take("proxy", ProxyField::read),
            timeouts: TimeoutFields::take(fields),
            ask_usage: fields.take("ask_usage", boolean),
            tags: fields.take("tags", tags),
            disabled: fields.take("disabled", boolean),
        })
    }
}

impl ChannelFields {
    /// The secrets, if any were given.
    pub(super) fn given_secrets(&self) -> Option<Vec<Secret>> {
        self.secrets.clone().or_else(|| self.secret.clone().map(|secret| vec![secret]))
    }

    /// The same with a preset's values in place of what was left out.
    pub(super) fn filled(mut self) -> Result<Self, Problem> {
        let Some(preset) = self.preset.or(self.provider.and_then(|provider| provider.preset))
        else {
            return Ok(self);
        };
        self.name.get_or_insert_with(|| preset.name.to_owned());
        self.provider.get_or_insert(Provider { kind: preset.provider, preset: None });
        if let (None, Some(base_url)) = (&self.base_url, preset.base_url) {
            self.base_url = Some(Address::parse(base_url.to_owned()).map_err(Problem::internal)?);
        }
        if let (None, Some(address)) = (&self.dialects, &self.base_url) {
            self.dialects = Some(Some(preset.dialects_at(&address.text).to_vec()));
        }
        self.ask_usage.get_or_insert(preset.ask_usage);
        if !preset.needs_secret && self.given_secrets().is_none() {
            self.secret = Some(Secret::new(NO_SECRET.to_owned()));
        }
        Ok(self)
    }

    /// Writes everything that was given, but secrets and the proxy: those are sealed by the caller.
    pub(super) fn apply(self, channel: &mut Channel) -> Result<(), Problem> {
        channel.name = self.name.unwrap_or_else(|| std::mem::take(&mut channel.name));
        if let Some(provider) = self.provider {
            channel.provider = provider.kind.to_owned();
        }
        if let Some(address) = self.base_url {
            channel.base_url = address.text;
        }
        if let Some(models) = self.models {
            channel.models = models;
        }
        if let Some(map) = self.model_map {
            models::apply(&mut channel.models, map).map_err(|invalid| {
                Problem::field(format!("model_map{}", invalid.at), invalid.wrong)
            })?;
        }
        channel.groups = self.groups.unwrap_or_else(|| std::mem::take(&mut channel.groups));
        channel.priority = self.priority.unwrap_or(channel.priority);
        channel.weight = self.weight.unwrap_or(channel.weight);
        let settings = &mut channel.settings;
        settings.dialects = self.dialects.unwrap_or_else(|| settings.dialects.take());
        settings.headers = self.headers.unwrap_or_else(|| std::mem::take(&mut settings.headers));
        settings.timeouts = self.timeouts.map_or(settings.timeouts, Into::into);
        settings.ask_usage = self.ask_usage.unwrap_or(settings.ask_usage);
        settings.tags = self.tags.unwrap_or_else(|| std::mem::take(&mut settings.tags));
        channel.disabled = self.disabled.unwrap_or(channel.disabled);
        Ok(())
    }
}

fn groups(value: Value<'_>) -> Result<Vec<String>, Invalid> {
    let names = without_repetition(list(50, text(1..=64))(value)?)?;
    if names.is_empty() { Err(Invalid::new(Wrong::NoGroup)) } else { Ok(names) }
}

fn tags(value: Value<'_>) -> Result<Vec<String>, Invalid> {
    without_repetition(list_or_null(50, text(1..=64))(value)?)
}
