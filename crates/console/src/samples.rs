//! Sample answers of the API, for tests and the preview. No part of a release.

#![expect(clippy::indexing_slicing, reason = "JSON of samples: a missing member is null")]

mod operator;

use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use domain::time::UnixMillis;
use http::StatusCode;
use serde_json::{Value, json};

mod own;
mod tokens;

/// The time of all samples.
#[must_use]
pub fn now() -> UnixMillis {
    UnixMillis::new(1_795_305_600_000)
}

/// The API as one who is logged in and has this role sees it; any other role: nobody is.
pub fn api(role: &'static str) -> Router {
    let empty = role == "new";
    let list =
        move |data: Value| Json(json!({ "data": data, "next_cursor": null })).into_response();
    let problem = |status: StatusCode, code: &str, errors: Value| {
        let body = json!({ "status": status.as_u16(), "code": code, "detail": "A sentence of the API's.", "errors": errors });
        (status, Json(body)).into_response()
    };
    Router::new()
        .route(
            "/api/v1/me",
            any(move || async move {
                match role {
                    "" => problem(StatusCode::UNAUTHORIZED, "missing_management_key", json!([])),
                    role => Json(me(role)).into_response(),
                }
            }),
        )
        .route(
            "/api/v1/sessions",
            post(move |request: Request| async move {
                let bytes = axum::body::to_bytes(request.into_body(), 10_000).await;
                let body: Value = serde_json::from_slice(&bytes.unwrap_or_default())
                    .unwrap_or_default();
                match (body["password"].as_str(), body["code"].as_str()) {
                    (Some("right"), None) => {
                        problem(StatusCode::UNAUTHORIZED, "code_required", json!([]))
                    }
                    (Some("right"), Some("123456")) => {
                        (StatusCode::CREATED, [("set-cookie", "tollkeeper_session=s")], "{}")
                            .into_response()
                    }
                    _ => problem(StatusCode::UNAUTHORIZED, "wrong_credentials", json!([])),
                }
            }),
        )
        .route("/api/v1/setup", post(move || async move {
            problem(StatusCode::NOT_FOUND, "link_unusable", json!([]))
        }))
        .route("/api/v1/groups", get(move || async move {
            list(json!([{"name": "default", "multiplier": 1, "created_at": at(90_000)}, {"name": "premium", "multiplier": 1.5, "created_at": at(9_000)}]))
        }))
        .route("/api/v1/calls", get(move || async move {
            list(if empty { json!([]) } else { calls() })
        }))
        .route("/v1/usage", get(move || async move { Json(usage(empty)) }))
        .route(
            "/v1/api-keys",
            get(move || async move { list(if empty { json!([]) } else { Value::Array(keys()) }) })
                .post(move |request: Request| create(request)),
        )
        .merge(tokens::routes())
        .route("/v1/api-keys/{id}", any(|Path(id): Path<String>| async move { one(&id) }))
        .route(
            "/v1/api-keys/{id}/{action}",
            post(|Path((id, _)): Path<(String, String)>| async move { one(&id) }),
        )
        .merge(own::routes(empty))
        .merge(operator::routes(empty))
        .fallback(move || async move { problem(StatusCode::NOT_FOUND, "route_not_found", json!([])) })
}

async fn create(request: Request) -> Response {
    let bytes = axum::body::to_bytes(request.into_body(), 100_000).await.unwrap_or_default();
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    if body["ip_allowlist"][0] == "nonsense" {
        let errors = json!([{"field": "ip_allowlist[0]", "code": "invalid", "message": "Expected an address or a range."}]);
        let problem = json!({"status": 422, "code": "invalid_fields", "detail": "Correct.", "errors": errors});
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(problem)).into_response();
    }
    let mut key = keys().swap_remove(0);
    key["name"] = body["name"].clone();
    key["key"] = json!("sk-4Rk1vQ0xYt7bNn2Lw9sHd5Zc8Mf3Jg6Pa1Ue4Ti7Ro0Xy2Kq");
    (StatusCode::CREATED, Json(key)).into_response()
}

fn one(id: &str) -> Response {
    match keys().into_iter().find(|key| key["id"] == id) {
        Some(key) => Json(key).into_response(),
        None => {
            let problem =
                json!({"status": 404, "code": "not_found", "detail": "There is nothing."});
            (StatusCode::NOT_FOUND, Json(problem)).into_response()
        }
    }
}

fn list_of(data: Value) -> Response {
    Json(json!({ "data": data, "next_cursor": null })).into_response()
}

fn me(role: &str) -> Value {
    let role = if role == "new" { "owner" } else { role };
    json!({
        "id": "usr_1", "name": "Wei Lin", "email": "wei@example.com", "role": role,
        "tier": "professional", "key_allowance": 50, "keys": 7, "groups": ["default"],
        "credit": "balance", "balance": 1284.2, "available": 1284.2, "language": null,
        "theme": null, "totp": false, "recovery_codes": 0, "credited": 3486.2, "spent": 2202.0,
        "held": 0, "reserved": 0.02, "etag": "1"
    })
}

fn at(back_minutes: i64) -> Value {
    json!(now().plus(-back_minutes * 60_000).to_string())
}

const GROUPS: [&[&str]; 4] =
    [&["default"], &["auto"], &["premium", "default"], &["batch-overnight-and-more"]];

struct Sample {
    name: &'static str,
    masked: &'static str,
    status: &'static str,
    used: f64,
    limit: (&'static str, Option<f64>),
    last: Option<i64>,
    ends: Option<i64>,
    ips: &'static [&'static str],
    tags: &'static [&'static str],
}

fn keys() -> Vec<Value> {
    let day = 24 * 60;
    #[rustfmt::skip]
    let samples = [
        Sample { name: "prod-webapp-api-2026-01", masked: "sk-9fQ2…Xa4c", status: "active", used: 212.418, limit: ("month", Some(500.0)), last: Some(2), ends: Some(61 * day), ips: &["10.4.0.0/16"], tags: &["prod"] },
        Sample { name: "Claude-Code-Work-PC", masked: "sk-Lm3v…0Gh2", status: "active", used: 38.9027, limit: ("total", None), last: Some(12), ends: None, ips: &[], tags: &["claude", "dev"] },
        Sample { name: "ci-evals-nightly", masked: "sk-T7bK…p9Qe", status: "exhausted", used: 50.0, limit: ("total", Some(50.0)), last: Some(300), ends: Some(12 * day), ips: &["10.0.0.0/8", "192.168.0.0/16", "2001:db8::/48"], tags: &["ci"] },
        Sample { name: "demo-partner-acme", masked: "sk-aa0R…V1s8", status: "not_used", used: 0.0, limit: ("day", Some(10.0)), last: None, ends: Some(3 * day), ips: &["203.0.113.7"], tags: &["demo"] },
        Sample { name: "dev-mobile-testing", masked: "sk-Zp5d…m3Yt", status: "active", used: 4.1175, limit: ("total", Some(4.12)), last: Some(day), ends: None, ips: &[], tags: &["dev"] },
        Sample { name: "ChatGPT-Web-App", masked: "sk-e8Wc…77Ku", status: "disabled", used: 19.004, limit: ("total", Some(25.0)), last: Some(21 * day), ends: None, ips: &[], tags: &[] },
        Sample { name: "<script>alert(1)</script>", masked: "sk-Qq1x…9sPo", status: "expired", used: 1.25, limit: ("total", Some(3.0)), last: Some(30 * day), ends: Some(-2 * day), ips: &[], tags: &["<b>"] },
        Sample { name: "old-batch-job", masked: "sk-Hd2x…Rr5N", status: "revoked", used: 7.3301, limit: ("total", Some(20.0)), last: Some(40 * day), ends: None, ips: &[], tags: &["batch"] },
    ];
    samples.into_iter().enumerate().map(|(number, sample)| sample.json(number)).collect()
}

impl Sample {
    fn json(&self, number: usize) -> Value {
        let amount = |window: &str| json!(self.limit.1.filter(|_| self.limit.0 == window));
        json!({
            "id": format!("key_{number}"), "name": self.name, "masked": self.masked,
            "status": self.status, "owner": if number == 3 { "usr_2" } else { "usr_1" },
            "owner_name": if number == 3 { "Ada <Acme> Partner" } else { "Wei Lin" }, "billing_method": "usage_based",
            "permissions": if number == 0 { json!(["chat", "messages"]) } else { json!("full") },
            "expires_at": self.ends.map(|minutes| at(-minutes)), "quota": amount("total"),
            "daily_limit": {"requests": 1000, "amount": amount("day")},
            "monthly_limit": {"requests": null, "amount": amount("month")},
            "soft_limit": {"window": "month", "amount": 250}, "max_tokens_per_request": 4000,
            "rate_limits": {"requests_per_minute": 60, "tokens_per_minute": 100_000, "parallel": 8},
            "allowed_models": ["gpt-5*", "claude-sonnet-4-5"], "ip_allowlist": self.ips,
            "when_short": "lower", "groups": GROUPS[number % 4], "tags": self.tags,
            "metadata": {"team": "search"}, "used": self.used, "held": 0, "reserved": 0,
            "remaining": self.limit.1.filter(|_| self.limit.0 == "total").map(|limit| ((limit - self.used) * 1e9).round() / 1e9), "daily": {"requests": 118, "amount": 3.2},
            "monthly": {"requests": 4211, "amount": self.used / if number == 0 { 4.0 } else { 1.0 }},
            "created_at": at(90 * 24 * 60), "last_used_at": self.last.map(at),
            "rotation": if number == 1 { tokens::rotation() } else { Value::Null }, "etag": "7"
        })
    }
}

fn usage(empty: bool) -> Value {
    let requests = if empty { [0, 0, 0] } else { [1284, 41_210, 1_204_551] };
    let data: Vec<Value> = (0..30_i64)
        .filter(|_| !empty)
        .map(|day| {
            let start = now().plus((day - 29) * 86_400_000);
            json!({"starts_at": start.to_string(), "key_id": format!("key_{}", day % 5), "requests": 40 + day * 13 % 17, "cost": 2 + day * 37 % 19})
        })
        .collect();
    let models = json!([
        {"model": "claude-sonnet-4-5", "requests": 812, "cost": 201.5},
        {"model": "gpt-5-mini", "requests": 3120, "cost": 88.04},
        {"model": "gemini-2.5-pro", "requests": 44, "cost": 9.113}
    ]);
    json!({
        "today_usage": if empty { 0.0 } else { 14.2093 },
        "month_usage": if empty { 0.0 } else { 331.77 },
        "total_usage": 2201.5,
        "requests": {"today": requests[0], "month": requests[1], "total": requests[2]},
        "by_model": if empty { json!([]) } else { models }, "limits": null, "remaining": null,
        "by": "day", "data": data
    })
}

fn calls() -> Value {
    let call = |number: i64, model: &str, status: u16, cost: f64, agent: &str| {
        let shown = json!({
            "id": format!("call_{number}"), "model": model, "status": status, "charged": cost,
            "usage": {"input": 1200 * number, "cached_input": 40_000, "output": 312},
            "started_at": at(number * number), "duration_ms": 812 * number,
            "client_ip": "10.4.1.17", "user_agent": agent
        });
        let mut whole = own::call();
        for (name, value) in shown.as_object().into_iter().flatten() {
            whole[name] = value.clone();
        }
        whole
    };
    json!([
        call(1, "claude-sonnet-4-5", 200, 0.0412, "claude-cli/2.1.0 (external, cli)"),
        call(2, "gpt-5-mini", 200, 0.001_92, "OpenAI/Python 2.4.0"),
        call(4, "claude-sonnet-4-5", 429, 0.0, "claude-cli/2.1.0 (external, cli)"),
        call(7, "gemini-2.5-pro", 502, 0.0, "<img src=x onerror=alert(1)>"),
        call(9, "gpt-5-mini", 200, 0.000_311, "codex_exec/0.169")
    ])
}
