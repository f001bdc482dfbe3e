//! Samples of what the tokens' own pages and the audit ask for.

use super::{Value, at, json, keys};
use axum::extract::Path;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use http::StatusCode;

const DAY: i64 = 24 * 60;

/// Their routes.
pub(super) fn routes() -> Router {
    let list = |data: Value| async move { Json(json!({ "data": data, "next_cursor": null })) };
    Router::new()
        .route("/api/v1/key-templates", get(move || list(templates())))
        .route(
            "/api/v1/key-templates/{name}",
            put(|Path(name): Path<String>, Json(fields): Json<Value>| async move {
                Json(json!({"name": name, "built_in": false, "fields": fields, "etag": "2"}))
            })
            .delete(|| async { Json(json!({})) }),
        )
        .route("/v1/api-keys/bulk", post(make_several))
        .route("/api/v1/findings", get(move || list(findings())))
        .route("/api/v1/findings/{id}/{action}", post(|| async { Json(json!({"key": keys()[1]})) }))
        .route("/api/v1/audit", get(move || list(rows())))
        .route("/api/v1/audit/verify", get(|| async { Json(verified()) }))
        .route("/v1/api-keys/actions", post(move || list(json!([{"done": true}, {"done": true}]))))
        .route("/v1/api-keys/{id}/compromised", get(read_leak).post(compromised))
        .route(
            "/v1/api-keys/{id}/refund",
            post(|| async { Json(json!({"calls": 3, "amount": 0.0441})) }),
        )
        .route("/v1/api-keys/{id}/reveal", post(|| async { Json(json!({"key": "sk-revealed"})) }))
}

async fn make_several(Json(body): Json<Value>) -> (StatusCode, Json<Value>) {
    let wanted = body["keys"].as_array().cloned().unwrap_or_default();
    if let Some(wrong) = wanted.iter().position(|key| key["quota"] == "much") {
        let field = format!("keys[{wrong}].quota");
        let errors = json!([{"field": field, "code": "invalid", "message": "Expected an amount."}]);
        let problem = json!({"status": 422, "code": "invalid_fields", "detail": "Correct.", "errors": errors});
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(problem));
    }
    let made = |(number, key): (usize, &Value)| json!({"id": format!("key_{number}"), "name": key["name"], "key": format!("sk-sample{number}")});
    let data: Vec<Value> = wanted.iter().enumerate().map(made).collect();
    (StatusCode::CREATED, Json(json!({ "data": data })))
}

pub(super) fn rotation() -> Value {
    json!({
        "rotated_at": at(180), "previous_ends_at": at(-DAY), "previous_last_used_at": at(4),
        "previous_last_ip": "10.4.1.22", "previous_last_client": "claude-cli/2.1.0 (external, cli)"
    })
}

fn templates() -> Value {
    json!([
        {"name": "development", "built_in": true, "fields": {"monthly_limit": {"amount": 10}, "tags": ["development"]}},
        {"name": "batch <b>", "built_in": false, "etag": "1", "fields": {"expires_in_seconds": 604_800, "quota": 5}}
    ])
}

fn findings() -> Value {
    let finding = |number: usize, kind: &str, severity: &str, evidence: Value, fixes: Value| {
        let key = &keys()[number];
        json!({
            "id": format!("{kind}.key_{number}"), "kind": kind, "severity": severity,
            "title": "Title", "text": "Text", "key_id": key["id"], "key_name": key["name"],
            "key_masked": key["masked"], "owner": "usr_1", "evidence": evidence, "fixes": fixes,
            "dismissed": number == 5, "dismissed_until": null
        })
    };
    let fix = |name: &str, change: Value| json!({"name": name, "text": "Text", "change": change});
    let ends = json!([fix("disable", Value::Null), fix("revoke", Value::Null)]);
    json!([
        finding(
            1,
            "unusual_spend",
            "high",
            json!({"days": 30, "spent": 212.4, "usual": 31.02}),
            ends.clone()
        ),
        finding(
            1,
            "no_limit",
            "medium",
            json!({"days": 120, "days_used": 31, "highest_day": 12.5}),
            json!([fix("set_limit", json!({"daily_limit": {"amount": 25.01}}))])
        ),
        finding(
            0,
            "no_expiry",
            "low",
            json!({"age_days": 90}),
            json!([fix("set_expiry", json!({"expires_at": "2027-02-20T00:00:00Z"}))])
        ),
        finding(
            4,
            "no_ip_allowlist",
            "low",
            json!({"addresses": 2}),
            json!([fix("set_allowlist", json!({"ip_allowlist": ["10.4.1.17", "10.4.1.22"]}))])
        ),
        finding(0, "many_ips", "medium", json!({"calls": 900, "addresses": 12}), ends.clone()),
        finding(
            4,
            "rotation_overdue",
            "medium",
            json!({"age_days": 120, "due_days": 91}),
            json!([fix("disable", Value::Null)])
        ),
        finding(
            6,
            "broad_permissions",
            "low",
            json!({"calls": 400}),
            json!([fix("narrow_permissions", json!({"permissions": ["chat", "models.read"]}))])
        ),
        finding(5, "unused", "low", json!({"days": 41}), ends)
    ])
}

fn rows() -> Value {
    let row = |number: i64, action: &str, object: &str, summary: &str, changes: Value| {
        let things = changes.as_array().map_or(0, Vec::len);
        json!({
            "number": number, "at": at(number * number), "actor": "usr_1", "actor_name": "Ada <b>",
            "actor_role": "owner", "via": "ses_1", "client_ip": "10.4.1.17", "action": action,
            "object": object, "summary": summary, "hash": "9b1f", "things": things, "changes": changes
        })
    };
    let moved = |from: Value, to: Value| json!({"from": from, "to": to});
    let key = json!({
        "monthly_limit.amount": moved(json!(10), json!(25.5)),
        "quota": moved(json!(null), json!(100)),
        "expires_at": moved(json!("2027-01-01T00:00:00Z"), json!(null)),
        "allowed_models": moved(json!(["gpt-5", "old"]), json!(["gpt-5", "claude-sonnet-4-5"])),
        "metadata.note": moved(json!("<i>short</i>"), json!("long ".repeat(60))),
        "disabled": moved(json!(false), json!(true)),
        "value": {"changed": true}, "a_new_field": {"to": 7}
    });
    let switched =
        |key: &str| json!({"object": key, "fields": {"disabled": {"from": false, "to": true}}});
    let user = json!([{"object": "usr_2", "fields": {
        "role": moved(json!("member"), json!("admin")), "password": {"changed": true}
    }}]);
    let mut several = row(
        10,
        "api-keys.actions",
        "key_1 +29",
        "action=disable, ids",
        json!([switched("key_1"), switched("key_2")]),
    );
    several["things"] = json!(30);
    let old = json!({
        "number": 7, "at": at(90), "actor": "", "via": "", "client_ip": "203.0.113.9",
        "action": "sessions.refused", "object": "", "summary": "", "hash": "aa"
    });
    json!([
        several,
        row(
            9,
            "api-keys.edit",
            "key_1",
            "monthly_limit, expires_at=null",
            json!([{"object": "key_1", "fields": key}])
        ),
        row(8, "users.edit", "usr_2", "role=admin, name=<script>", user),
        old,
        row(6, "some.thing", "gpt-5", "input, output", json!([]))
    ])
}

fn verified() -> Value {
    json!({"sound": true, "rows": 1204, "hash": "9b1fa2c0d0", "differences": []})
}

fn report() -> Value {
    let group = |value: &str, calls: i64, new: bool| {
        json!({
            "value": value, "calls": calls, "cost": 0.0123, "first_call_at": at(300),
            "last_call_at": at(4), "new": new
        })
    };
    json!({
        "since": at(DAY), "calls": 41, "cost": 1.2044, "first_call_at": null, "last_call_at": null,
        "under_way": 0, "compared_with": 900,
        "unusual": [{"kind": "address", "value": "203.0.113.9", "calls": 12, "cost": 0.8}],
        "addresses": [group("10.4.1.17", 29, false), group("203.0.113.9", 12, true)],
        "user_agents": [group("claude-cli/2.1.0 (external, cli)", 29, false), group("<img src=x>", 12, true)],
        "models": [], "hours": []
    })
}

async fn read_leak(Path(id): Path<String>) -> Json<Value> {
    let reported = if id == "key_7" { at(50) } else { Value::Null };
    Json(
        json!({"key_id": id, "reported_at": reported, "reported_by": null, "note": "found", "replaced_by": null, "report": report()}),
    )
}

async fn compromised(Path(_): Path<String>) -> Json<Value> {
    Json(json!({
        "key": keys()[7], "frozen": true, "replacement": {"id": "key_new", "key": "sk-replacement"},
        "reported_at": at(0), "note": "", "report": report()
    }))
}
