//! Sample answers for the pages of owners and admins.

use axum::extract::{Path, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};

use super::at;

const EVIL: &str = "<script>alert(1)</script>";

/// The routes that only they need; `empty`: of a deployment where nothing was done yet.
pub(super) fn routes(empty: bool) -> Router {
    let list = move |data: Value| {
        let data = if empty { json!([]) } else { data };
        Json(json!({ "data": data, "next_cursor": null })).into_response()
    };
    Router::new()
        .route("/api/v1/channels", get(move || async move { list(channels()) }).post(made))
        .route("/api/v1/channel-presets", get(|| async { whole(presets()) }))
        .route(
            "/api/v1/channels/{id}",
            any(|Path(id): Path<String>| async move { one(channels(), &id) }),
        )
        .route("/api/v1/channels/{id}/test", post(|| async { Json(tested()) }))
        .route("/api/v1/prices", get(move || async move { list(prices()) }))
        .route("/api/v1/prices/starter", get(|| async { whole(starter()) }))
        .route("/api/v1/prices/import", post(|| async { Json(report()) }))
        .route(
            "/api/v1/prices/{*model}",
            any(|Path(model): Path<String>| async move { price(&model) }),
        )
        .route("/api/v1/users", get(|| async { whole(users()) }).post(|| async { Json(invited()) }))
        .route("/api/v1/users/{id}", any(|Path(id): Path<String>| async move { one(users(), &id) }))
        .route(
            "/api/v1/users/{id}/reset",
            post(|| async {
                Json(json!({"reset_url": "/console/reset#5f1c", "expires_at": at(-60)}))
            }),
        )
        .route("/api/v1/users/{id}/topups", post(topped_up))
        .route(
            "/api/v1/users/{id}/{action}",
            post(|Path((id, _)): Path<(String, String)>| async move { one(users(), &id) }),
        )
        .route("/api/v1/import/new-api", post(imported))
        .route("/api/v1/groups/{name}", any(|Path(name): Path<String>| async move { group(&name) }))
        .route("/api/v1/tiers", any(|| async { whole(tiers()) }))
        .route(
            "/api/v1/redemption-codes",
            get(move || async move { list(codes()) }).post(|| async { whole(made_codes()) }),
        )
        .route("/api/v1/redemption-codes/{id}", any(|| async { Json(json!({})) }))
        .route(
            "/api/v1/nodes",
            get(|| async { whole(json!([{"id": "node_1", "active": true, "starts": 3, "shipped": 41_210}, {"id": "node_2", "active": false, "starts": 1, "shipped": 12}])) }),
        )
        .route("/api/v1/backup", post(|| async { ([("content-disposition", "attachment")], "TOLLKEEPER BACKUP") }))
        .route("/api/v1/books/verify", get(|| async { Json(books()) }))
        .route("/api/v1/doubts", get(move || async move { list(doubts()) }))
        .route("/api/v1/doubts/{id}/{action}", post(|| async { Json(json!({})) }))
}

fn books() -> Value {
    json!({"sound": true, "calls": 41_210, "counters": 812, "accounts": 6, "audit_rows": 1204, "in_doubt": 0, "differences": []})
}

fn whole(data: Value) -> Response {
    Json(json!({ "data": data, "next_cursor": null })).into_response()
}

fn refused(status: StatusCode, code: &str, errors: Value) -> Response {
    let body = json!({"status": status.as_u16(), "code": code, "detail": "A sentence of the API's.", "errors": errors});
    (status, Json(body)).into_response()
}

fn one(list: Value, id: &str) -> Response {
    let found = list.as_array().and_then(|all| all.iter().find(|one| one["id"] == id)).cloned();
    found.map_or_else(
        || refused(StatusCode::NOT_FOUND, "not_found", json!([])),
        |one| Json(one).into_response(),
    )
}

async fn read(request: Request) -> Value {
    let bytes = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

async fn made(request: Request) -> Response {
    let body = read(request).await;
    if body["base_url"] == "nonsense" {
        let errors = json!([
            {"field": "base_url", "code": "invalid", "message": "Expected an address."},
            {"field": "model_map.fast", "code": "invalid", "message": "This is not one of models."},
            {"field": "secrets[0]", "code": "invalid", "message": "Expected visible characters."}
        ]);
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields", errors);
    }
    one(channels(), "chn_1")
}

async fn topped_up(request: Request) -> Response {
    if request.headers().get("idempotency-key").is_none() {
        return refused(StatusCode::BAD_REQUEST, "no_key", json!([]));
    }
    let body = read(request).await;
    match body["amount"].as_str() {
        Some("25.5") => Json(json!({"id": "txn_1", "amount": 25.5})).into_response(),
        _ => refused(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_fields",
            json!([{"field": "amount", "code": "invalid", "message": "Expected an amount above zero."}]),
        ),
    }
}

fn channels() -> Value {
    let secret = |state: &str, error: Value, until: Value| json!({"masked": "sk-p…9Xa", "state": state, "until": until, "last_error": error});
    let channel = |id: &str,
                   name: &str,
                   provider: &str,
                   url: &str,
                   models: Value,
                   secrets: Value| {
        json!({
            "id": id, "name": name, "provider": provider, "base_url": url,
            "secret_count": 1.max(secrets.as_array().map_or(0, Vec::len)), "secrets": secrets, "models": models,
            "model_map": {}, "groups": ["default"], "priority": 10, "weight": 3,
            "dialects": ["chat", "responses"], "proxy": null, "headers": {},
            "timeouts": {"connect_ms": null, "first_byte_ms": 60000, "idle_ms": null, "total_ms": null},
            "ask_usage": true, "tags": [], "disabled": false, "created_at": at(60 * 24 * 30), "etag": "3"
        })
    };
    let well = || secret("healthy", Value::Null, Value::Null);
    let mut first = channel(
        "chn_1",
        "openai-main",
        "openai",
        "https://api.openai.com",
        json!(["gpt-5", "gpt-5-mini", "gpt-5-nano", "o4-mini", "text-embedding-3-large"]),
        json!([well(), secret("resting", json!("rate_limited"), at(-4))]),
    );
    first["model_map"] = json!({"gpt-5-mini": "gpt-5-mini-2025-08-07"});
    first["headers"] = json!({"x-team": "search"});
    first["tags"] = json!(["prod"]);
    first["proxy"] = json!("socks5://***@10.0.0.7:1080");
    let mut last = channel(
        "chn_3",
        EVIL,
        "openai-compatible",
        "http://10.2.0.9:8000/v1",
        json!(["qwen/qwen3-<b>"]),
        json!([]),
    );
    last["disabled"] = json!(true);
    last["priority"] = json!(0);
    json!([
        first,
        channel(
            "chn_2",
            "anthropic",
            "anthropic",
            "https://api.anthropic.com",
            json!(["claude-sonnet-4-5"]),
            json!([secret("resting", json!("quota_exhausted"), at(-50))])
        ),
        channel(
            "chn_4",
            "vertex-eu",
            "gemini",
            "https://generativelanguage.googleapis.com",
            json!(["gemini-2.5-pro", "gemini-2.5-flash"]),
            json!([well()])
        ),
        last
    ])
}

fn presets() -> Value {
    let preset = |name: &str, title: &str, url: Value| json!({"name": name, "title": title, "provider": "openai-compatible", "base_url": url, "dialects": ["chat"], "elsewhere": [{"base_url": "https://eu.example.com/v1", "dialects": ["chat"], "note": "Europe"}], "ask_usage": true, "needs_secret": name != "ollama", "notes": "What there is to know."});
    json!([
        preset("openai", "OpenAI", json!("https://api.openai.com")),
        preset("deepseek", "DeepSeek", json!("https://api.deepseek.com")),
        preset("ollama", "Ollama", Value::Null)
    ])
}

fn tested() -> Value {
    json!({"ok": false, "model": "gpt-5", "dialect": "chat", "secrets": [
        {"masked": "sk-p…9Xa", "ok": true, "status": 200, "latency_ms": 412, "code": null, "error": null},
        {"masked": "sk-q…1bb", "ok": false, "status": 401, "latency_ms": 90, "code": "secret_refused", "error": EVIL}
    ]})
}

fn prices() -> Value {
    json!([
        {"model": "claude-sonnet-4-5", "version": 4, "input": 3, "cached_input": 0.3, "cache_write": 3.75, "cache_write_1h": 6, "output": 15, "context_window": 1_000_000, "tiers": [{"above_input_tokens": 200_000, "input": 6, "output": 22.5}], "created_at": at(600)},
        {"model": "gpt-5", "version": 2, "input": 1.25, "cached_input": 0.125, "output": 10, "context_window": 400_000, "created_at": at(9000)},
        {"model": "gpt-5-mini", "version": 2, "input": 0.25, "cached_input": 0.025, "output": 2, "per_request": 0.01, "context_window": 400_000, "created_at": at(9000)},
        {"model": "text-embedding-3-large", "version": 1, "input": 0.13, "created_at": at(9000)}
    ])
}

fn starter() -> Value {
    json!([
        {"vendor": "openai", "model": "gpt-5", "price": {"input": 1.25, "cached_input": 0.125, "output": 10, "context_window": 400_000}, "source": "https://openai.com/api/pricing", "as_of": "2026-10-01"},
        {"vendor": "openai", "model": "gpt-5-nano", "price": {"input": 0.05, "output": 0.4}, "source": "https://openai.com/api/pricing", "as_of": "2026-10-01", "note": "Without <b>batches</b>."}
    ])
}

fn price(model: &str) -> Response {
    let found =
        prices().as_array().and_then(|all| all.iter().find(|one| one["model"] == model).cloned());
    match found {
        Some(price) => Json(price).into_response(),
        None if model == "made" => {
            Json(json!({"model": "made", "version": 1, "created_at": at(0)})).into_response()
        }
        None => refused(StatusCode::NOT_FOUND, "not_found", json!([])),
    }
}

fn report() -> Value {
    json!({
        "dry_run": true, "unchanged": ["gpt-5"],
        "set": [{"model": "gpt-5-nano", "price": {"input": 0.05, "output": 0.4}, "rounded": false}],
        "differs": [{"model": "gpt-5-mini", "before": {"input": 0.25, "output": 2}, "imported": {"input": 0.3, "output": 2.4}, "replaced": false, "rounded": false}],
        "skipped": [{"model": EVIL, "code": "no_token_price", "values": {}, "why": "It has no price per token of input and output."}]
    })
}

async fn imported(request: Request) -> Response {
    let dry_run = request.uri().query().is_some_and(|query| query.contains("dry_run=true"));
    let bytes = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
    if !bytes.starts_with(b"SQLite") {
        return refused(StatusCode::UNPROCESSABLE_ENTITY, "not_a_site", json!([]));
    }
    let count = |made: i64, existing: i64, left_out: i64| json!({"made": made, "existing": existing, "left_out": left_out});
    Json(json!({
        "dry_run": dry_run, "site": "new-api",
        "counts": {"groups": count(1, 1, 0), "users": count(2, 1, 1), "keys": count(2, 0, 1), "channels": count(2, 0, 1), "prices": count(1, 3, 1), "notes": 2, "unpriced_models": 2},
        "groups": [{"name": "vip", "multiplier": 0.8}],
        "users": [
            {"id": "usr_9", "name": "alice", "email": "alice@example.com", "role": "member", "tier": "standard", "groups": ["default", "vip"], "balance": 12.5, "disabled": false},
            {"id": "usr_8", "name": EVIL, "email": null, "role": "admin", "tier": "standard", "groups": ["default"], "balance": 0, "disabled": true},
        ],
        "keys": [
            {"id": null, "name": "production", "owner": "alice", "masked": "sk-aB3d…xY9z", "quota": 10, "expires_at": at(-60 * 24), "disabled": false, "groups": [], "allowed_models": ["gpt-4o"], "ip_allowlist": []},
            {"id": null, "name": "old laptop", "owner": "alice", "masked": "sk-Qm4t…0oPp", "quota": null, "expires_at": null, "disabled": true, "groups": ["vip"], "allowed_models": [], "ip_allowlist": []},
        ],
        "channels": [
            {"name": "OpenAI main", "provider": "openai", "base_url": "https://api.openai.com", "secrets": 3, "models": 12, "groups": ["default"], "priority": 0, "weight": 1, "disabled": false},
            {"name": "relay behind a proxy", "provider": "openai-compatible", "base_url": "https://relay.example.com", "secrets": 1, "models": 4, "groups": ["vip"], "priority": 5, "weight": 1, "disabled": true},
        ],
        "prices": {"dry_run": dry_run, "set": [{"model": "gpt-4o", "price": {"input": 2.5, "output": 10}, "rounded": false}], "differs": [], "unchanged": ["a", "b", "c"], "skipped": [{"model": "draw", "code": "no_completion_ratio", "values": {}, "why": "It has no completion_ratio: the one that is built into new-api is not in the file."}]},
        "unpriced_models": ["claude-sonnet-4-5", "gpt-5-nano"],
        "existing": [{"kind": "user", "name": "root"}, {"kind": "group", "name": "default"}],
        "left_out": [{"kind": "user", "name": "gone", "code": "user_deleted", "values": {}, "why": "They are deleted there."}, {"kind": "key", "name": "hand-made", "code": "key_value", "values": {}, "why": "Its value is not 48 letters and digits. Make a new key for whoever uses it."}, {"kind": "channel", "name": "bedrock", "code": "channel_type", "values": {"number": "33"}, "why": "Its type there is 33: a service that is not spoken to from here."}],
        "notes": [{"kind": "channel", "name": "relay behind a proxy", "code": "proxy", "values": {}, "why": "Its proxy is not taken over: it is switched off until you have set it."}, {"kind": "key", "name": "old laptop", "code": "addresses_unreadable", "values": {}, "why": "No address of its IP list can be read. It is switched off here."}],
    }))
    .into_response()
}

fn users() -> Value {
    let user = |id: &str, name: &str, role: &str, balance: f64, credit: &str| {
        json!({
            "id": id, "name": name, "email": "ada@example.com", "role": role, "tier": "professional",
            "key_allowance": 50, "groups": ["default", "premium"], "credit": credit, "balance": balance,
            "available": balance, "credited": 2000, "spent": 715.8, "held": 0.25, "reserved": 0,
            "disabled": false, "frozen_at": null, "has_password": true, "created_at": at(60 * 24 * 90), "etag": "5"
        })
    };
    let mut frozen = user("usr_3", EVIL, "member", -0.42, "balance");
    frozen["frozen_at"] = at(90);
    let mut invited = user("usr_4", "Grace Hopper", "admin", 0.0, "balance");
    invited["has_password"] = json!(false);
    invited["email"] = Value::Null;
    let mut blocked = user("usr_5", "Old Contractor", "member", 3.2, "balance");
    blocked["disabled"] = json!(true);
    json!([
        user("usr_1", "Wei Lin", "owner", 0.0, "unlimited"),
        user("usr_2", "Ada Lovelace", "member", 1284.2, "balance"),
        frozen,
        invited,
        blocked
    ])
}

fn invited() -> Value {
    json!({"id": "usr_9", "name": "New", "invite_url": "/console/invite#a41b2c"})
}

fn group(name: &str) -> Response {
    match name {
        "in-use" => refused(StatusCode::CONFLICT, "group_in_use", json!([])),
        _ => Json(json!({"name": name, "multiplier": 1.5, "created_at": at(9)})).into_response(),
    }
}

fn tiers() -> Value {
    json!([{"name": "standard", "key_limit": 10}, {"name": "professional", "key_limit": 50}, {"name": "enterprise", "key_limit": null}])
}

fn codes() -> Value {
    let code = |id: &str, status: &str, by: Value| json!({"id": id, "masked": "Kx7P…9wQ2", "status": status, "amount": 25, "note": "Autumn <b>", "expires_at": at(-60 * 24 * 40), "created_by": "usr_1", "created_at": at(4000), "redeemed_by": by, "redeemed_at": if by.is_null() { Value::Null } else { at(50) }, "transaction_id": null});
    json!([
        code("rdm_1", "open", Value::Null),
        code("rdm_2", "redeemed", json!("usr_2")),
        code("rdm_3", "revoked", Value::Null),
        code("rdm_4", "expired", Value::Null)
    ])
}

fn made_codes() -> Value {
    let mut codes = codes();
    for (number, code) in codes.as_array_mut().into_iter().flatten().enumerate() {
        code["code"] = json!(format!("Kx7P-{number}aaa-bbbb-cccc-dddd-9wQ2"));
    }
    codes
}

fn doubts() -> Value {
    json!([{"id": "call_77", "key_id": "key_0", "key_name": "ci-evals", "user_id": "usr_2", "user_name": "Ada", "model": "claude-sonnet-4-5", "bound": 0.84, "since": at(190)}])
}
