//! Every refusal, provoked from outside: its status, its stable code, a sentence that helps, and
//! the headers that tell a program whether to try again.

mod channels;
mod credentials;
mod limits;
mod process;
mod requests;

use std::any::Any;

use anyhow::{Context, ensure};
use domain::refusal::RefusalCode;
use http::Method;
use serde_json::Value;
use testkit::client::{Client, Response};

/// A request that is refused, and all that must live until it was sent.
struct Provoked {
    client: Client,
    method: Method,
    path: &'static str,
    body: Vec<u8>,
    _scene: Box<dyn Any + Send>,
}

impl Provoked {
    /// A chat request.
    fn chat(client: Client, body: &Value, scene: impl Any + Send) -> Self {
        Self {
            client,
            method: Method::POST,
            path: "/v1/chat/completions",
            body: body.to_string().into_bytes(),
            _scene: Box::new(scene),
        }
    }

    async fn send(&self, client: &Client) -> anyhow::Result<Response> {
        client.send(self.method.clone(), self.path, self.body.clone()).await
    }
}

/// One test per code: what provokes it, and words that its sentence must hold.
macro_rules! provoked {
    ($($code:ident by $provoke:path as $test:ident says $words:literal;)*) => {
        const PROVOKED: &[RefusalCode] = &[$(RefusalCode::$code,)*];

        $(
            #[tokio::test]
            async fn $test() -> anyhow::Result<()> {
                check_twice(RefusalCode::$code, $words, $provoke().await?).await
            }
        )*
    };
}

provoked! {
    MissingKey by credentials::none as missing_key says "Authorization: Bearer sk-";
    MalformedKey by credentials::cut_off as malformed_key says "cut off";
    InvalidKey by credentials::unknown as invalid_key says "not known here";
    KeyDisabled by credentials::disabled as key_disabled says "enable";
    KeyExpired by credentials::expired as key_expired says "expired at";
    KeyRevoked by credentials::revoked as key_revoked says "revoked";
    KeyRotated by credentials::rotated as key_rotated says "replaced";
    UserDisabled by credentials::blocked_owner as user_disabled says "blocked";
    BalanceFrozen by credentials::frozen_balance as balance_frozen says "frozen";
    IpNotAllowed by credentials::elsewhere as ip_not_allowed says "127.0.0.1";
    PermissionDenied by credentials::not_permitted as permission_denied says "chat";
    TooManyInvalidKeys by credentials::too_many_unknown as too_many_invalid_keys says "Wait";
    GroupNotAllowed by requests::closed_group as group_not_allowed says "vip";
    ModelNotAllowed by requests::model_off_the_list as model_not_allowed says "sim-small";
    ModelNotFound by requests::unknown_model as model_not_found says "GET /v1/models";
    ModelNotPriced by requests::unpriced_model as model_not_priced says "usage_based";
    OperationNotSupported by requests::another_kind_of_model as operation_not_supported says "messages";
    RouteNotFound by requests::unknown_route as not_found says "/v1/nowhere";
    StoredObjectNotFound by requests::somebody_elses_response as stored_object_not_found says "whole conversation";
    WebsocketNotOffered by requests::websocket as websocket_not_offered says "POST";
    MethodNotAllowed by requests::wrong_method as method_not_allowed says "POST";
    InvalidRequest by requests::wrong_type as invalid_request says "messages";
    MaxTokensExceeded by requests::too_much_thought as max_tokens_exceeded says "thinking";
    RequestTooLarge by requests::too_large as request_too_large says "1000 bytes";
    IdempotencyConflict by requests::repeated as idempotency_conflict says "/api/v1/calls/call_";
    IdempotencyMismatch by requests::reused as idempotency_mismatch says "new one";
    KeyQuotaExhausted by limits::quota as key_quota_exhausted says "quota is used up";
    DailyLimitReached by limits::day as daily_limit_reached says "starts anew at";
    MonthlyLimitReached by limits::month as monthly_limit_reached says "starts anew at";
    BalanceExhausted by limits::balance as balance_exhausted says "Top it up";
    RateLimited by limits::rate as rate_limited says "1 requests a minute";
    TooManyParallelRequests by limits::parallel as too_many_parallel_requests says "under way";
    UpstreamRateLimited by channels::rate_limited as upstream_rate_limited says "7 seconds";
    UpstreamFailed by channels::failing as upstream_failed says "Try again";
    UpstreamAuthFailed by channels::wrong_secret as upstream_auth_failed says "operator";
    UpstreamTimeout by channels::silent as upstream_timeout says "in time";
    UpstreamRejected by channels::rejecting as upstream_rejected says "tools[0] is wrong";
    NoChannel by channels::resting as no_channel says "resting";
}

/// Codes whose tests are beside this file, in `process.rs`: their gateway does not live on.
const PROVOKED_APART: &[RefusalCode] =
    &[RefusalCode::RequestTimeout, RefusalCode::ShuttingDown, RefusalCode::BooksUnavailable];

/// Refusals after which waiting helps, so that they say for how long.
const WAITING_HELPS: &[RefusalCode] = &[
    RefusalCode::DailyLimitReached,
    RefusalCode::MonthlyLimitReached,
    RefusalCode::RateLimited,
    RefusalCode::TooManyParallelRequests,
    RefusalCode::TooManyInvalidKeys,
    RefusalCode::UpstreamRateLimited,
    RefusalCode::NoChannel,
    RefusalCode::ShuttingDown,
    RefusalCode::BooksUnavailable,
    RefusalCode::UpstreamFailed,
];

#[test]
fn every_code_has_a_test() {
    let tested = [PROVOKED, PROVOKED_APART].concat();
    for code in RefusalCode::ALL {
        let times = tested.iter().filter(|other| *other == code).count();
        assert_eq!(times, 1, "{} is tested {times} times", code.as_str());
    }
    assert_eq!(tested.len(), RefusalCode::ALL.len());
}

/// Sends the request as any program and, where that matters, as Codex, which takes only 400 for
/// final.
async fn check_twice(code: RefusalCode, words: &str, provoked: Provoked) -> anyhow::Result<()> {
    let answer = provoked.send(&provoked.client).await?;
    check(&answer, code, code.status(), words)?;
    if code.is_permanent() {
        let codex = provoked.client.header("originator", "codex_exec")?;
        // A WebSocket is what Codex tries first: 426 makes it use HTTP.
        let status = if code == RefusalCode::WebsocketNotOffered { 426 } else { 400 };
        check(&provoked.send(&codex).await?, code, status, words)?;
    }
    Ok(())
}

/// Whether an answer is this refusal, whole.
fn check(answer: &Response, code: RefusalCode, status: u16, words: &str) -> anyhow::Result<()> {
    let text = answer.text();
    ensure!(answer.status == status, "{} instead of {status}: {text}", answer.status);
    ensure!(answer.code().as_deref() == Some(code.as_str()), "{}: {text}", code.as_str());
    ensure!(answer.header("content-type") == Some("application/json"), "{:?}", answer.headers);
    let body = answer.json()?;
    let message = body["error"]["message"].as_str().context("no message")?;
    ensure!(message.contains(words), "{words:?} is not in {message:?}");
    ensure!(body["error"]["type"].is_string(), "no type: {text}");
    let id = answer.header("x-request-id").context("no x-request-id")?;
    ensure!(id.starts_with("call_") && id.len() > 20, "x-request-id: {id}");
    let should_retry = code.is_permanent().then_some("false");
    ensure!(answer.header("x-should-retry") == should_retry, "{:?}", answer.headers);
    if WAITING_HELPS.contains(&code) {
        let wait = answer.header("retry-after").context("no retry-after")?;
        ensure!(wait.parse::<u32>()? >= 1, "retry-after: {wait}");
    }
    Ok(())
}
