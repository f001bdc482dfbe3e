//! What is everybody's own: models, the ledger, sessions, management keys, alerts.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::{any, delete, get, post};
use axum::{Json, response::Response};
use http::StatusCode;
use serde_json::{Value, json};

use super::{at, list_of};

const DAY: i64 = 24 * 60;

/// These parts of the API.
pub(super) fn routes(empty: bool) -> Router {
    let listed = move |full: fn() -> Value| {
        get(move || async move { list_of(if empty { json!([]) } else { full() }) })
    };
    Router::new()
        .route("/api/v1/me/models", listed(models))
        .route("/api/v1/me/totp", post(|| async { Json(json!({"secret": "JBSWY3DPEHPK3PXP", "url": "otpauth://totp/Tollkeeper:wei@example.com?secret=JBSWY3DPEHPK3PXP&issuer=Tollkeeper"})) }))
        .route("/api/v1/me/totp/confirm", post(confirm))
        .route("/api/v1/me/redemptions", post(|| async { refusal(404, "unknown_code", "code") }))
        .route("/api/v1/sessions/current/proof", post(prove))
        .route("/api/v1/calls/{id}", get(|| async { Json(call()) }))
        .route("/api/v1/calls/{id}/refund", post(|| async { Json(json!({"amount": 0.0125})) }))
        .route("/api/v1/users/{id}/ledger", listed(ledger))
        .route("/api/v1/sessions", listed(sessions))
        .route("/api/v1/management-keys", listed(management_keys).post(made_key))
        .route("/api/v1/alerts", listed(alerts))
        .route("/api/v1/alerts/{id}/acknowledge", post(|| async { Json(alert("anomaly", true)) }))
        .route("/api/v1/alert-rules", listed(rules))
        .route("/api/v1/alert-rules/{id}", any(|| async { Json(rule("anomaly", json!(5))) }))
        .route("/api/v1/alert-destinations", listed(destinations).post(|| async { Json(json!({"name": "ops", "secret": "whsec_c2FtcGxl"})) }))
        .route("/api/v1/alert-destinations/{id}", delete(|| async { refusal(409, "alert_destination_in_use", "") }))
        .route("/api/v1/alert-destinations/{id}/test", post(|| async { Json(delivery("failed")) }))
        .route("/api/v1/alert-destinations/{id}/deliveries", listed(|| json!([delivery("delivered"), delivery("failed")])))
}

async fn prove(Json(body): Json<Value>) -> Response {
    match body.get("password").and_then(Value::as_str) {
        Some("right") => Json(json!({"proved_at": at(0)})).into_response(),
        _ => refusal(401, "wrong_credentials", "password"),
    }
}

async fn confirm(Json(body): Json<Value>) -> Response {
    match body.get("code").and_then(Value::as_str) {
        Some("123456") => Json(json!({"recovery_codes": ["AAAA-BBBB-CCCC-DDDD"]})).into_response(),
        _ => refusal(422, "invalid_fields", "code"),
    }
}

async fn made_key(Json(body): Json<Value>) -> Response {
    let name = body.get("name").cloned().unwrap_or_default();
    (StatusCode::CREATED, Json(json!({"name": name, "key": "mk-Sample0Value"}))).into_response()
}

fn refusal(status: u16, code: &str, field: &str) -> Response {
    let errors = json!([{"field": field, "code": "invalid", "message": "Wrong."}]);
    let problem = json!({"status": status, "code": code, "detail": "No.", "errors": errors});
    (StatusCode::from_u16(status).unwrap_or_default(), Json(problem)).into_response()
}

fn models() -> Value {
    json!([
        {"model": "claude-sonnet-4-5", "groups": ["default", "premium"]},
        {"model": "gpt-5-mini", "groups": ["default"]},
        {"model": "<img src=x>", "groups": ["default"]}
    ])
}

/// A call, whole.
pub(super) fn call() -> Value {
    json!({
        "id": "call_1", "key_id": "key_0", "key_name": "prod-webapp-api-2026-01", "user_id": "usr_1",
        "user_name": "Wei <Lin>", "model": "claude-sonnet-4-5",
        "upstream_model": "claude-sonnet-4-5-20250929", "channel_id": "chn_1",
        "channel_name": "anthropic-main", "group": "premium",
        "dialect": "messages", "upstream_dialect": "messages", "billing_method": "usage_based",
        "usage": {"input": 1200, "cached_input": 40_000, "cache_write": 0, "cache_write_1h": 0, "output": 312, "reasoning": 96},
        "cost": 0.030_42, "charged": 0.030_42, "refunded": 0.01,
        "refunds": [{"amount": 0.01, "reason": "leaked key", "created_at": at(1)}],
        "bill": [
            {"class": "input", "quantity": 1200, "per": "million_tokens", "price": 3, "amount": 0.0036},
            {"class": "cached_input", "quantity": 40_000, "per": "million_tokens", "price": 0.3, "amount": 0.012},
            {"class": "output", "quantity": 312, "per": "million_tokens", "price": 15, "amount": 0.00468}
        ],
        "multiplier": 1.5, "price_version": 4, "usage_source": "upstream_final", "suspect": false,
        "counted": true, "outcome": "completed", "status": 200, "started_at": at(3),
        "first_token_ms": 412, "duration_ms": 5310, "client_ip": "10.4.1.17",
        "user_agent": "claude-cli/2.1.0 (external, cli)",
        "attempts": [
            {"channel_id": "chn_2", "channel_name": "spare", "status": 529, "error": "overloaded", "duration_ms": 210},
            {"channel_id": "chn_1", "channel_name": null, "status": 200, "error": null, "duration_ms": 5100}
        ]
    })
}

fn ledger() -> Value {
    let line = |kind: &str, amount: f64, reference: &str, note: &str, back: i64| json!({"transaction_id": format!("txn_{back}"), "line": 1, "amount": amount, "kind": kind, "reference": reference, "reference_name": reference.starts_with("rdm_").then_some("K7QF-…-9XTA"), "note": note, "created_at": at(back)});
    json!([
        line("usage", -14.2093, "", "", 5),
        line("refund", 0.02, "call_1", "", DAY),
        line("redemption", 25.0, "rdm_1", "", 2 * DAY),
        line("topup", 1000.0, "", "invoice <b>42</b>", 9 * DAY)
    ])
}

/// The browsers that somebody is logged in with.
fn sessions() -> Value {
    let session = |id: &str, current: bool, agent: &str| json!({"id": id, "user_id": "usr_1", "current": current, "client_ip": "203.0.113.7", "user_agent": agent, "created_at": at(DAY), "last_seen_at": at(2), "expires_at": at(-29 * DAY)});
    json!([
        session("ses_1", true, "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0 Safari/537.36"),
        session("ses_2", false, "Mozilla/5.0 (iPhone) Version/19.0 Safari/604.1")
    ])
}

fn management_keys() -> Value {
    json!([{"id": "mgk_1", "name": "ci", "owner": "usr_1", "owner_name": "Wei Lin", "masked": "mk-9fQ2…Xa4c", "scopes": ["keys:read", "usage:read"], "expires_at": at(-60 * DAY), "created_at": at(DAY)}])
}

fn alert(kind: &str, known: bool) -> Value {
    let acknowledged = if known { at(1) } else { Value::Null };
    json!({"id": "alr_1", "kind": kind, "severity": "warning", "subject": "key_0", "owner": "usr_1", "rule_id": null, "numbers": {}, "text": "The token <b>prod</b> has used 80 % of its monthly limit.", "raised_at": at(40), "resolved_at": null, "acknowledged_at": acknowledged})
}

fn alerts() -> Value {
    json!([alert("usage_threshold", false), alert("anomaly", true)])
}

fn rule(kind: &str, threshold: Value) -> Value {
    json!({"id": "alrule_1", "owner": "usr_1", "kind": kind, "threshold": threshold, "scope": {"key_id": "key_0"}, "destinations": ["aldest_1"], "disabled": false, "created_at": at(9), "etag": "1"})
}

fn rules() -> Value {
    json!([rule("usage_threshold", json!(80)), rule("call_suspect", Value::Null)])
}

fn destinations() -> Value {
    json!([{"id": "aldest_1", "owner": "usr_1", "name": "ops", "kind": "webhook", "address": "https://hooks.example.com/tollkeeper", "disabled": false, "created_at": at(9), "etag": "1"}])
}

fn delivery(state: &str) -> Value {
    let error = if state == "failed" { json!("connection refused") } else { Value::Null };
    json!({"id": "msg_1", "alert_id": null, "event": "alert.test", "state": state, "attempts": 1, "next_at": null, "status": null, "error": error, "created_at": at(1), "done_at": at(1)})
}
