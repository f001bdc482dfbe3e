//! A model's price as requests set it.

use domain::money::unquote;
use domain::price::{PerMillion, Price, Tier};
use protocol::json::Kind;
use utoipa::ToSchema;

use crate::answer::UsdInput;
use crate::request::value::{integer, or_null, whole};
use crate::request::{Fields, Invalid, ReadBody, Value};
use crate::wrong::Wrong;

/// More tokens than any model takes.
const MOST_TOKENS: i64 = 1_000_000_000_000;

/// A model's price. A missing price is not 0; an explicit 0 is free.
#[derive(Debug, ToSchema)]
#[schema(as = Price)]
pub(crate) struct PriceFields {
    /// Uncached input, USD per million tokens.
    #[schema(value_type = Option<UsdInput>)]
    input: Option<PerMillion>,
    /// Input from a prompt cache; `input` where it is missing.
    #[schema(value_type = Option<UsdInput>)]
    cached_input: Option<PerMillion>,
    /// Input written to a prompt cache; `input` where it is missing.
    #[schema(value_type = Option<UsdInput>)]
    cache_write: Option<PerMillion>,
    /// Input written to a one-hour cache; `cache_write` where it is missing.
    #[schema(value_type = Option<UsdInput>)]
    cache_write_1h: Option<PerMillion>,
    /// Output, reasoning included, USD per million tokens.
    #[schema(value_type = Option<UsdInput>)]
    output: Option<PerMillion>,
    /// One image, USD.
    #[schema(value_type = Option<UsdInput>)]
    image: Option<PerMillion>,
    /// One minute of audio, USD.
    #[schema(value_type = Option<UsdInput>)]
    audio_minute: Option<PerMillion>,
    /// One successful call, USD, for keys that are billed per request.
    #[schema(value_type = Option<UsdInput>)]
    per_request: Option<PerMillion>,
    /// The most tokens that the model reads and writes in one call.
    context_window: Option<u64>,
    /// The most tokens that the model writes in one answer.
    max_output: Option<u64>,
    /// Other prices for long inputs, in rising order of their threshold.
    #[schema(value_type = Option<Vec<TierFields>>)]
    tiers: Vec<Tier>,
}

/// Prices that replace the base ones when the whole input is longer than a threshold.
#[derive(Debug, ToSchema)]
#[schema(as = PriceTier)]
pub(crate) struct TierFields {
    /// The tier holds for calls with more input tokens than this.
    above_input_tokens: u64,
    /// Uncached input; the base price where it is missing, the other classes alike.
    #[schema(value_type = Option<UsdInput>)]
    input: Option<PerMillion>,
    /// Input from a prompt cache.
    #[schema(value_type = Option<UsdInput>)]
    cached_input: Option<PerMillion>,
    /// Input written to a prompt cache.
    #[schema(value_type = Option<UsdInput>)]
    cache_write: Option<PerMillion>,
    /// Input written to a one-hour cache.
    #[schema(value_type = Option<UsdInput>)]
    cache_write_1h: Option<PerMillion>,
    /// Output.
    #[schema(value_type = Option<UsdInput>)]
    output: Option<PerMillion>,
}

impl ReadBody for PriceFields {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            input: rate(fields, "input"),
            cached_input: rate(fields, "cached_input"),
            cache_write: rate(fields, "cache_write"),
            cache_write_1h: rate(fields, "cache_write_1h"),
            output: rate(fields, "output"),
            image: rate(fields, "image"),
            audio_minute: rate(fields, "audio_minute"),
            per_request: rate(fields, "per_request"),
            context_window: fields
                .take("context_window", or_null(whole(1..=MOST_TOKENS)))
                .flatten(),
            max_output: fields.take("max_output", or_null(whole(1..=MOST_TOKENS))).flatten(),
            tiers: tiers(fields),
        })
    }
}

impl From<PriceFields> for Price {
    fn from(fields: PriceFields) -> Self {
        Self {
            input: fields.input,
            cached_input: fields.cached_input,
            cache_write: fields.cache_write,
            cache_write_1h: fields.cache_write_1h,
            output: fields.output,
            image: fields.image,
            audio_minute: fields.audio_minute,
            per_request: fields.per_request,
            context_window: fields.context_window,
            max_output: fields.max_output,
            tiers: fields.tiers,
        }
    }
}

impl From<TierFields> for Tier {
    fn from(fields: TierFields) -> Self {
        Self {
            above_input_tokens: fields.above_input_tokens,
            input: fields.input,
            cached_input: fields.cached_input,
            cache_write: fields.cache_write,
            cache_write_1h: fields.cache_write_1h,
            output: fields.output,
        }
    }
}

fn tiers(fields: &mut Fields<'_>) -> Vec<Tier> {
    let read = |fields: &mut Fields<'_>| {
        let above_input_tokens = fields.required("above_input_tokens", integer(0..=MOST_TOKENS));
        let tier = TierFields {
            above_input_tokens: 0,
            input: rate(fields, "input"),
            cached_input: rate(fields, "cached_input"),
            cache_write: rate(fields, "cache_write"),
            cache_write_1h: rate(fields, "cache_write_1h"),
            output: rate(fields, "output"),
        };
        let above_input_tokens = u64::try_from(above_input_tokens?).ok()?;
        Some(Tier::from(TierFields { above_input_tokens, ..tier }))
    };
    fields.each_or_null("tiers", 20, read).unwrap_or_default()
}

fn rate(fields: &mut Fields<'_>, name: &'static str) -> Option<PerMillion> {
    fields.take(name, or_null(per_million)).flatten()
}

fn per_million(value: Value<'_>) -> Result<PerMillion, Invalid> {
    if !matches!(value.kind, Kind::Number | Kind::String) {
        return Err(Invalid::new(Wrong::Rate));
    }
    PerMillion::parse_usd(unquote(value.raw)).map_err(Invalid::new)
}
