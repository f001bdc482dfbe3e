//! Stage 5: the upstream is asked; the next channel, as long as no byte has come.

use bytes::Bytes;
use domain::dialect::Dialect;
use domain::refusal::{Refusal, RefusalCode};
use domain::time::UnixMillis;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue,
    RETRY_AFTER, USER_AGENT,
};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use protocol::openai_chat::error::{UpstreamError, read_upstream_error};
use std::sync::Arc;
use std::time::Duration;
use store::batch::Attempt;
use tokio::time::Instant;

use crate::bodies::RequestBody;
use crate::catalog::{ChannelEntry, ChannelSecret};
use crate::endpoint::Operation;
use crate::gateway::Worker;
use crate::health::Trouble;
use crate::quota::is_used_up;
use crate::receive::Received;
use crate::route::Route;
use crate::settle::millis;
use crate::upstream::{AnswerBody, Endpoint};

/// What asking the upstreams came to.
pub enum Forwarded {
    /// One of them answers.
    Served {
        /// Which of the routes.
        route: usize,
        /// A hash of the secret that it was asked with.
        secret: Arc<str>,
        /// Its answer; the body is still to come.
        response: Response<AnswerBody>,
    },
    /// None of them did; nothing is charged.
    Failed {
        /// Which of the routes was tried last.
        route: usize,
        /// What the client is told.
        refusal: Box<Refusal>,
    },
}

/// Asks one route after the other until one answers. Each try is noted in `attempts`.
pub async fn forward(
    worker: &Worker,
    routes: &[Route],
    bodies: &[RequestBody],
    ask: &Ask,
    deadline: Instant,
    attempts: &mut Vec<Attempt>,
) -> Forwarded {
    let mut failures = Failures::default();
    let mut last = 0;
    for (index, (route, body)) in routes.iter().zip(bodies).enumerate() {
        let mut tried = false;
        for secret in route.channel.secrets_in_turn() {
            let started = Instant::now();
            let enough = attempts.len() >= MOST_ATTEMPTS || started >= deadline;
            let elsewhere = ask.pinned.as_ref().is_some_and(|pinned| *pinned != secret.fingerprint);
            if enough || elsewhere || !secret.health.permits(|| worker.gateway.ledger.now()) {
                continue;
            }
            (tried, last) = (true, index);
            let time = Span { started, deadline };
            let outcome = attempt(worker, route, secret, &body.bytes, ask, time).await;
            let mut failure = match outcome {
                Ok(response) => {
                    secret.health.succeeded();
                    attempts.push(note(route, Some(response.status()), None, started));
                    let secret = Arc::clone(&secret.fingerprint);
                    return Forwarded::Served { route: index, secret, response };
                }
                Err(failure) => failure,
            };
            failure.message = route.channel.conceal(&failure.message);
            failure.tell(&route.channel, secret, worker.gateway.ledger.now());
            let said = failure.message.chars().take(LONGEST_NOTE).collect();
            attempts.push(note(route, failure.status, Some(said), started));
            let next = failure.kind.next();
            tracing::warn!(channel = %route.channel.id, name = %route.channel.name, status = ?failure.status, error = %failure.message, "a channel failed");
            failures.add(failure);
            match next {
                Next::Secret => {}
                Next::Channel => break,
                Next::Nothing => {
                    return Forwarded::Failed {
                        route: index,
                        refusal: Box::new(failures.refusal()),
                    };
                }
            }
        }
        if !tried {
            failures.rest(&route.channel, worker.gateway.ledger.now());
        }
    }
    Forwarded::Failed { route: last, refusal: Box::new(failures.refusal()) }
}

/// More tries than this are not made for one call, …
const MOST_ATTEMPTS: usize = 16;
/// … and more of what went wrong is not noted: the call's record must fit in the journal.
const LONGEST_NOTE: usize = 160;

/// What a failed try means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The provider refused the request itself.
    Request,
    /// The provider refused our secret.
    Secret,
    /// The secret's account has nothing left.
    Quota,
    /// The provider wants a pause.
    RateLimited,
    /// The provider failed, or could not be reached.
    Broken,
    /// The provider did not answer in time.
    TooSlow,
}

enum Next {
    Secret,
    Channel,
    Nothing,
}

impl FailureKind {
    const fn next(self) -> Next {
        match self {
            Self::Request => Next::Nothing,
            Self::Secret | Self::Quota | Self::RateLimited => Next::Secret,
            Self::Broken | Self::TooSlow => Next::Channel,
        }
    }

    /// What it says about the secret; none if it is the request's own fault.
    pub(crate) const fn trouble(self) -> Option<Trouble> {
        match self {
            Self::Request => None,
            Self::Secret => Some(Trouble::Refused),
            Self::Quota => Some(Trouble::Quota),
            Self::RateLimited => Some(Trouble::RateLimited),
            Self::Broken => Some(Trouble::Failed),
            Self::TooSlow => Some(Trouble::TooSlow),
        }
    }
}

/// A try that came to nothing.
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    pub(crate) status: Option<StatusCode>,
    pub(crate) message: String,
    retry_after: Option<u64>,
}

impl Failure {
    /// Takes the failure into the secret's health.
    pub(crate) fn tell(&self, channel: &ChannelEntry, secret: &ChannelSecret, now: UnixMillis) {
        if let Some(trouble) = self.kind.trouble() {
            secret.health.note(trouble);
        }
        match self.kind {
            FailureKind::Request => secret.health.succeeded(),
            FailureKind::Secret => secret.health.failed(now),
            FailureKind::Quota => {
                secret.health.exhausted(now);
                tracing::warn!(channel = %channel.id, name = %channel.name, secret = %secret.masked, "the account behind a secret has nothing left: it rests for an hour, or until it is tested");
            }
            FailureKind::RateLimited => {
                let seconds = self.retry_after.unwrap_or(1).min(600);
                secret.health.pause(now, i64::try_from(seconds).unwrap_or(1).saturating_mul(1_000));
            }
            FailureKind::Broken | FailureKind::TooSlow => secret.health.failed(now),
        }
    }
}

fn note(
    route: &Route,
    status: Option<StatusCode>,
    error: Option<String>,
    started: Instant,
) -> Attempt {
    Attempt {
        channel: route.channel.id,
        status: status.map(|s| s.as_u16()),
        error,
        duration_ms: millis(started),
    }
}

/// When a try began, and when the whole call must be over.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) started: Instant,
    pub(crate) deadline: Instant,
}

/// Asks one channel with one secret, once.
pub(crate) async fn attempt(
    worker: &Worker,
    route: &Route,
    secret: &ChannelSecret,
    body: &Bytes,
    ask: &Ask,
    time: Span,
) -> Result<Response<AnswerBody>, Failure> {
    let Some(address) = route.channel.addresses.of(
        &ask.operation,
        route.dialect,
        &route.upstream_model,
        ask.streams_from(route.dialect),
    ) else {
        let message = "the model's name makes no address".to_owned();
        return Err(Failure {
            kind: FailureKind::Broken,
            status: None,
            message,
            retry_after: None,
        });
    };
    let request = request(route, secret, body, ask);
    let patience = route
        .channel
        .timeouts
        .first_byte_ms
        .map_or(worker.gateway.options.first_byte_timeout, Duration::from_millis);
    let limit = time.deadline.min(time.started + patience);
    let client = worker.upstream(&route.channel);
    let response = match tokio::time::timeout_at(limit, client.send(&address, request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => {
            let message = describe(&error);
            return Err(Failure {
                kind: FailureKind::Broken,
                status: None,
                message,
                retry_after: None,
            });
        }
        Err(_) => {
            let message = format!("no answer within {} ms", patience.as_millis());
            return Err(Failure {
                kind: FailureKind::TooSlow,
                status: None,
                message,
                retry_after: None,
            });
        }
    };
    if response.status().is_success() {
        Ok(response)
    } else {
        Err(Box::pin(refused(response, worker.gateway.ledger.now())).await)
    }
}

/// Asks one channel for something that costs nothing; none if it does not answer as it should.
pub async fn ask_once(worker: &Worker, route: &Route, body: &Bytes, ask: &Ask) -> Option<Bytes> {
    let permits = |secret: &&ChannelSecret| secret.health.permits(|| worker.gateway.ledger.now());
    let secret = route.channel.secrets_in_turn().find(permits)?;
    let started = Instant::now();
    let deadline = started + ERROR_PATIENCE;
    let time = Span { started, deadline };
    let response = attempt(worker, route, secret, body, ask, time).await.ok()?;
    let body = Limited::new(response.into_body(), LONGEST_ERROR).collect();
    Some(tokio::time::timeout_at(deadline, body).await.ok()?.ok()?.to_bytes())
}

/// Asks a channel's own account for something that it keeps. What it answers is passed on.
pub(crate) async fn fetch(
    worker: &Worker,
    channel: &ChannelEntry,
    secret: &ChannelSecret,
    method: Method,
    path: &str,
) -> Result<(StatusCode, Bytes), Refusal> {
    let failed = |why: &str| {
        let message = format!("The provider could not be asked: {why}. Try again in a moment.");
        Refusal::new(RefusalCode::UpstreamFailed, message)
    };
    let address = channel.base_url.endpoint("/v1", path).and_then(Endpoint::new);
    let address = address.ok_or_else(|| failed("the id makes no address"))?;
    let mut request = Box::new(Request::new(Full::new(Bytes::new())));
    *request.method_mut() = method;
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.extend(channel.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
    let (name, value) = match channel.provider.as_str() {
        "azure-openai" => (API_KEY, &secret.plain),
        _ => (AUTHORIZATION, &secret.authorization),
    };
    headers.insert(name, value.clone());
    let deadline = Instant::now() + worker.gateway.options.first_byte_timeout;
    let client = worker.upstream(channel);
    let answer = async {
        let response = client.send(&address, request).await.map_err(|_| failed("no connection"))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), LONGEST_OBJECT).collect().await;
        let body = body.map_err(|_| failed("its answer broke off"))?.to_bytes();
        match status.as_u16() {
            401 | 403 => Err(Refusal::new(
                RefusalCode::UpstreamAuthFailed,
                "The provider refused this gateway's own account. Tell the operator.",
            )),
            _ if channel.is_betrayed_by(&body) => Err(failed("its answer cannot be passed on")),
            _ => Ok((status, body)),
        }
    };
    let answer = tokio::time::timeout_at(deadline, answer).await;
    answer.unwrap_or_else(|_| Err(failed("it did not answer in time")))
}

/// A longer stored object is not passed on.
const LONGEST_OBJECT: usize = 64 * 1024 * 1024;

/// The head is made anew: nothing of the client's reaches the upstream but its program's name.
fn request(
    route: &Route,
    secret: &ChannelSecret,
    body: &Bytes,
    ask: &Ask,
) -> Box<Request<Full<Bytes>>> {
    let channel = &route.channel;
    let mut request = Box::new(Request::new(Full::new(body.clone())));
    *request.method_mut() = Method::POST;
    let headers = request.headers_mut();
    headers.reserve(9 + channel.headers.len());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let accept =
        if ask.streams_from(route.dialect) { "text/event-stream" } else { "application/json" };
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    if let Ok(agent) = HeaderValue::from_str(&ask.user_agent) {
        headers.insert(USER_AGENT, agent);
    }
    if route.dialect == ask.operation.dialect() {
        for (name, value) in &ask.passed {
            headers.append(name.clone(), value.clone());
        }
    }
    if route.dialect == Dialect::Messages && !headers.contains_key(ANTHROPIC_VERSION) {
        headers.insert(ANTHROPIC_VERSION, HeaderValue::from_static(OLDEST_VERSION));
    }
    for (name, value) in &channel.headers {
        headers.insert(name.clone(), value.clone());
    }
    let (name, value) = match (route.dialect, channel.provider.as_str()) {
        (_, "azure-openai") => (API_KEY, &secret.plain),
        (Dialect::Messages, _) => (X_API_KEY, &secret.plain),
        (Dialect::Gemini, _) => (X_GOOG_API_KEY, &secret.plain),
        _ => (AUTHORIZATION, &secret.authorization),
    };
    headers.insert(name, value.clone());
    request
}

const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
const ANTHROPIC_BETA: HeaderName = HeaderName::from_static("anthropic-beta");
const OPENAI_BETA: HeaderName = HeaderName::from_static("openai-beta");
/// What Anthropic's API is asked for where the caller names no version.
const OLDEST_VERSION: &str = "2023-06-01";
const API_KEY: HeaderName = HeaderName::from_static("api-key");
pub(crate) const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
pub(crate) const X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// What is asked, whichever channel it goes to.
pub struct Ask {
    /// What the caller wants.
    pub operation: Operation,
    /// Whether they want a stream.
    pub stream: bool,
    /// Their program.
    pub user_agent: Arc<str>,
    /// Headers of theirs that an upstream of the same dialect gets.
    pub passed: Vec<(HeaderName, HeaderValue)>,
    /// The only secret that can be asked with: what the call refers to lies in its account.
    pub pinned: Option<Arc<str>>,
    /// Whether the provider keeps the answer.
    pub stores: bool,
}

impl Ask {
    /// Reads what of a call's head goes on.
    #[must_use]
    pub fn new(operation: Operation, stream: bool, received: &Received) -> Self {
        let names: &[HeaderName] = match operation.dialect() {
            Dialect::Messages => &[ANTHROPIC_VERSION, ANTHROPIC_BETA],
            Dialect::Chat | Dialect::Responses => &[OPENAI_BETA],
            Dialect::Gemini => &[],
        };
        let mut passed = Vec::new();
        for name in names {
            let values = received.headers.get_all(name).iter();
            passed.extend(values.map(|value| (name.clone(), value.clone())));
        }
        let user_agent = received.user_agent();
        Self { user_agent, operation, stream, passed, pinned: None, stores: false }
    }

    /// Whether an upstream of a dialect is asked for a stream. One array of Gemini's answers is made
    /// from a whole answer where that has to be translated.
    #[must_use]
    pub fn streams_from(&self, dialect: Dialect) -> bool {
        let array = matches!(self.operation, Operation::Generate { events: false, .. });
        self.stream && (!array || dialect == Dialect::Gemini)
    }
}

/// More of an error's body is not read.
const LONGEST_ERROR: usize = 64 * 1024;
const ERROR_PATIENCE: Duration = Duration::from_secs(10);

async fn refused(response: Response<AnswerBody>, now: UnixMillis) -> Failure {
    let status = response.status();
    let retry_after = retry_after(response.headers(), now);
    let body = Limited::new(response.into_body(), LONGEST_ERROR).collect();
    let body = match tokio::time::timeout(ERROR_PATIENCE, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        _ => Bytes::new(),
    };
    let error = read_upstream_error(&body);
    let kind = classify(status, &error);
    let message = error.message.unwrap_or_else(|| format!("status {}", status.as_u16()));
    Failure { kind, status: Some(status), message, retry_after }
}

fn classify(status: StatusCode, error: &UpstreamError) -> FailureKind {
    if is_used_up(status, error) {
        return FailureKind::Quota;
    }
    match status.as_u16() {
        429 => FailureKind::RateLimited,
        401 | 403 => FailureKind::Secret,
        408 => FailureKind::Broken,
        400..=499 => FailureKind::Request,
        504 => FailureKind::TooSlow,
        _ => FailureKind::Broken,
    }
}

/// `Retry-After` in seconds, from a number or a date.
fn retry_after(headers: &HeaderMap, now: UnixMillis) -> Option<u64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    text.parse().ok().or_else(|| {
        let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        let wait = date.as_millisecond().saturating_sub(now.get());
        Some(u64::try_from(wait).unwrap_or(0).div_ceil(1_000))
    })
}

/// An error with its causes, which never hold a secret: the secret is in a header only.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text.chars().take(300).collect()
}

#[derive(Default)]
struct Failures {
    all: Vec<Failure>,
    /// Milliseconds until the first channel that rests may be tried again.
    resting: Option<i64>,
}

impl Failures {
    fn rest(&mut self, channel: &ChannelEntry, now: UnixMillis) {
        let first = channel.secrets.iter().map(|secret| secret.health.rests_for(now)).min();
        self.resting = [self.resting, first].into_iter().flatten().min();
    }

    fn add(&mut self, failure: Failure) {
        self.all.push(failure);
    }

    /// What the client is told: the request's own fault first, then what all candidates share.
    fn refusal(&self) -> Refusal {
        // Where the upstream is and why it cannot be reached is the operator's business.
        const UNREACHED: &str = "it could not be reached";
        let Some(last) = self.all.last() else {
            let wait = self
                .resting
                .map_or(5, |millis| u64::try_from(millis).unwrap_or(0).div_ceil(1_000).max(1));
            let message = format!(
                "Every channel for this model is resting after failures. Try again in {wait} seconds."
            );
            return Refusal::new(RefusalCode::NoChannel, message).retry_after(wait);
        };
        if let (FailureKind::Request, Some(status)) = (last.kind, last.status) {
            return Refusal::new(RefusalCode::UpstreamRejected, last.message.clone())
                .with_status(status.as_u16());
        }
        let all = |kind: FailureKind| self.all.iter().all(|failure| failure.kind == kind);
        let unreached = last.kind == FailureKind::Broken && last.status.is_none();
        let said = if unreached { UNREACHED } else { last.message.as_str() };
        if all(FailureKind::RateLimited) {
            let wait = self.all.iter().filter_map(|failure| failure.retry_after).max().unwrap_or(1);
            let message = format!(
                "Every channel for this model is rate-limited by its provider: {said}. Try again in {wait} seconds."
            );
            return Refusal::new(RefusalCode::UpstreamRateLimited, message).retry_after(wait);
        }
        if all(FailureKind::Secret) || all(FailureKind::Quota) {
            let message = "The provider refused this gateway's own account for the channel. Your key is fine: tell the operator.";
            return Refusal::new(RefusalCode::UpstreamAuthFailed, message);
        }
        if all(FailureKind::TooSlow) {
            let message = format!("The provider did not answer in time: {said}. Try again.");
            return Refusal::new(RefusalCode::UpstreamTimeout, message);
        }
        Refusal::new(
            RefusalCode::UpstreamFailed,
            format!("The provider failed: {said}. Try again in a moment."),
        )
        .retry_after(1)
    }
}
