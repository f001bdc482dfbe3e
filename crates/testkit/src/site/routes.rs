//! The site's routes: who is asking, and what for.

use http::{HeaderMap, Method, Uri};
use serde_json::{Value, json};

use super::conduct::{Conduct, Generation};
use super::desk;
use super::person::{ACCESS_TOKEN, SESSION, USER_ID};
use super::server::{Answer, Ground, json, refusal};

pub(super) fn answer(
    ground: &Ground,
    conduct: &Conduct,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Answer {
    let path = uri.path();
    if (method, path) == (&Method::GET, "/api/status") {
        let data = json!({"version": "v1", "system_name": "Simulated", "quota_per_unit": conduct.quota_per_unit});
        return success(data);
    }
    if path.starts_with("/v1/") || path.starts_with("/api/usage/") {
        return with_key(ground, conduct, path, headers);
    }
    if let Some(refused) = not_signed_in(ground, conduct, headers) {
        return refused;
    }
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    desk::answer(ground, conduct, method, uri, &body)
}

pub(super) fn success(data: Value) -> Answer {
    json(200, &json!({"success": true, "message": "", "data": data}))
}

pub(super) fn unknown(method: &Method, path: &str) -> Answer {
    let message = format!("Invalid URL ({method} {path})");
    json(404, &json!({"error": {"message": message, "type": "invalid_request_error"}}))
}

/// Why nobody is signed in. A sign-in is an access token or a session's cookie, and always their number.
fn not_signed_in(ground: &Ground, conduct: &Conduct, headers: &HeaderMap) -> Option<Answer> {
    let say = |english: &'static str, chinese: &'static str| {
        if conduct.chinese { chinese } else { english }
    };
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let token = header("authorization").map(|it| it.strip_prefix("Bearer ").unwrap_or(it));
    let cookies = header("cookie").unwrap_or_default();
    let session = cookies.split(';').find_map(|pair| pair.trim().strip_prefix("session="));
    match (token, session) {
        (None, None) => {
            ground.complain("no sign-in");
            return Some(refusal(
                401,
                say(
                    "Unauthorized, not logged in and no access token provided",
                    "无权进行此操作，未登录且未提供 access token",
                ),
            ));
        }
        (Some(token), _) if token != ACCESS_TOKEN || !conduct.signed_in => {
            let said =
                say("Unauthorized, invalid access token", "无权进行此操作，access token 无效");
            return Some(refusal(200, said));
        }
        (None, Some(session)) if session != SESSION || !conduct.signed_in => {
            let said = say(
                "Unauthorized, not logged in and no access token provided",
                "无权进行此操作，未登录且未提供 access token",
            );
            return Some(refusal(401, said));
        }
        _ => {}
    }
    match header("new-api-user").map(str::parse::<u64>) {
        None => {
            ground.complain("no New-Api-User");
            Some(refusal(401, "Unauthorized, New-Api-User header not provided"))
        }
        Some(Err(_)) => Some(refusal(401, "Unauthorized, New-Api-User header format error")),
        Some(Ok(USER_ID)) => None,
        Some(Ok(_)) => Some(refusal(
            401,
            say(
                "Unauthorized, New-Api-User does not match logged in user",
                "无权进行此操作，New-Api-User 与登录用户不匹配，请重新登录",
            ),
        )),
    }
}

/// What a key may ask about itself.
fn with_key(ground: &Ground, conduct: &Conduct, path: &str, headers: &HeaderMap) -> Answer {
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    let value = bearer.and_then(|bearer| bearer.strip_prefix("Bearer sk-")).unwrap_or_default();
    let person = ground.person();
    let Some(token) = person.tokens.iter().find(|token| token.get("key") == Some(&json!(value)))
    else {
        return json(401, &json!({"error": {"message": "Invalid token", "type": "new_api_error"}}));
    };
    let units = |name: &str| token.get(name).and_then(Value::as_i64).unwrap_or_default();
    let (left, used) = (units("remain_quota"), units("used_quota"));
    #[expect(clippy::cast_precision_loss, reason = "a simulated site's amounts are small")]
    let usd = |units: i64| units as f64 / conduct.quota_per_unit;
    match (path, conduct.generation) {
        ("/api/usage/token/", Generation::Paged) => json(
            200,
            &json!({"code": true, "message": "ok", "data": {
                "object": "token_usage", "name": token.get("name"), "total_granted": left + used,
                "total_used": used, "total_available": left, "unlimited_quota": false,
                "model_limits": {"sim-small": true}, "model_limits_enabled": true, "expires_at": 0}}),
        ),
        ("/v1/dashboard/billing/subscription", _) => json(
            200,
            &json!({"object": "billing_subscription", "has_payment_method": true,
                "hard_limit_usd": usd(left + used), "access_until": 0}),
        ),
        ("/v1/dashboard/billing/usage", _) => {
            json(200, &json!({"object": "list", "total_usage": usd(used) * 100.0}))
        }
        ("/v1/models", _) => json(
            200,
            &json!({"object": "list", "data": [
                {"id": "sim-small", "object": "model"}, {"id": "sim-large", "object": "model"}]}),
        ),
        _ => unknown(&Method::GET, path),
    }
}
