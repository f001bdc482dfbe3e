//! `POST /api/v1/channels/{id}/test`

use domain::dialect::Dialect;
use domain::id::ChannelId;
use gateway::catalog::{self, Unusable};
use gateway::probe::{Probed, probe};
use serde::Serialize;
use std::sync::Arc;
use store::channel::Channel;
use utoipa::ToSchema;

use super::settings::dialect;
use crate::access::{ChannelsWrite, Operator};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::value::{or_null, text};
use crate::request::{Body, Fields, Id, ReadBody};
use crate::wrong::Wrong;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/channels/{id}/test", handle)
        .about(
            "Channels",
            "Test a channel",
            "Asks the upstream for a few tokens, with each secret. It costs what the upstream charges for that, and is in nobody's books. A secret that works is used again at once, whatever it rested for.",
        )
        .answers::<ChannelTest>(200, "What came of it, secret by secret.")
}

/// What a channel is tested with.
#[derive(ToSchema)]
#[schema(as = ChannelTestInput)]
pub(crate) struct TestFields {
    /// One of the channel's models, as clients call it; the first by default.
    model: Option<String>,
    /// One of its wire formats; the first by default.
    #[schema(value_type = Option<String>)]
    dialect: Option<Dialect>,
}

impl ReadBody for TestFields {
    const OPTIONAL: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            model: fields.take("model", or_null(text(1..=200))).flatten(),
            dialect: fields.take("dialect", or_null(dialect)).flatten(),
        })
    }
}

/// What a test came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelTest {
    /// Whether every secret works.
    ok: bool,
    /// The model, as clients call it.
    model: String,
    /// The wire format.
    #[schema(value_type = String)]
    dialect: Dialect,
    /// The secrets, in their order.
    secrets: Vec<SecretTest>,
}

/// What a test of one secret came to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SecretTest {
    /// Its beginning and its end.
    masked: String,
    /// Whether it works.
    ok: bool,
    /// The upstream's status; null if it did not answer.
    status: Option<u16>,
    /// How long it took.
    latency_ms: u32,
    /// `request_refused`, `secret_refused`, `quota_exhausted`, `rate_limited`, `failed`,
    /// `timed_out`, `answer_broke_off`, `error_in_answer`, `no_api`; null if it works.
    #[schema(value_type = Option<String>)]
    code: Option<&'static str>,
    /// What is the matter, in the upstream's words or ours.
    error: Option<String>,
}

async fn handle(
    access: Operator<ChannelsWrite>,
    Id(id): Id<ChannelId>,
    body: Body<TestFields>,
) -> Result<Answer<ChannelTest>, Problem> {
    let wanted = body.value;
    let gateway = &access.app.gateway;
    let stored = access.database().channel(id).await?;
    let model = chosen_model(&stored, wanted.model)?;
    let running = gateway.catalog.load().channel(id).cloned();
    let entry = match running.filter(|entry| entry.version == stored.version) {
        Some(entry) => entry,
        // Switched off: it can be tested before it is switched on.
        None => {
            let made = catalog::entry(stored, &gateway.sealer, &catalog::Catalog::default());
            Arc::new(made.map_err(|error| {
                let detail = format!("The channel cannot be used: {error}.");
                Problem::conflict("channel_unusable", detail).with("why", why(&error))
            })?)
        }
    };
    let dialect = match wanted.dialect.or_else(|| entry.dialects.first().copied()) {
        Some(dialect) if entry.speaks(dialect) => dialect,
        _ => return Err(Problem::field("dialect", Wrong::DialectNotSpoken)),
    };
    let Some(upstream) = entry.models.get(model.as_str()) else {
        return Err(Problem::internal("a model of the channel is not in its entry"));
    };
    let found = Box::pin(probe(&access.app.worker, &entry, upstream, dialect)).await;
    let secrets: Vec<SecretTest> = found.into_iter().map(SecretTest::from).collect();
    let ok = secrets.iter().all(|secret| secret.ok);
    Ok(Answer::ok(ChannelTest { ok, model, dialect, secrets }))
}

/// What of a channel cannot be used.
const fn why(error: &Unusable) -> &'static str {
    match error {
        Unusable::Secret(_) => "secret",
        Unusable::BaseUrl(_) => "base_url",
        Unusable::Proxy(_) => "proxy",
        Unusable::Unsendable => "unsendable",
    }
}

fn chosen_model(channel: &Channel, wanted: Option<String>) -> Result<String, Problem> {
    let mut names = channel.models.iter().map(|model| &model.name);
    let found = match &wanted {
        Some(wanted) => names.find(|name| *name == wanted),
        None => names.next(),
    };
    found.cloned().ok_or_else(|| Problem::field("model", Wrong::ModelNotOffered))
}

impl From<Probed> for SecretTest {
    fn from(probed: Probed) -> Self {
        let failure = probed.failure;
        Self {
            masked: probed.masked,
            ok: failure.is_none(),
            status: probed.status.map(|status| status.as_u16()),
            latency_ms: probed.latency_ms,
            code: failure.as_ref().map(|failure| failure.code),
            error: failure.map(|failure| failure.message),
        }
    }
}
