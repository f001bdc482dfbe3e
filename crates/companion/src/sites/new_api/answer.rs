//! What an answer of the family means: its `data`, or which of the many refusals it is.
//!
//! A refusal can come with any status, 200 included, and in the language of the account. A page in
//! place of data is a bot wall, a proxy's error, or the wrong address.

use http::header::RETRY_AFTER;
use serde_json::Value;

use super::super::{Site, SiteError};
use crate::web::Reply;

/// Signs of a page that only a browser gets past.
const WALL: &[&str] = &[
    "acw_sc__",
    "cf-chl",
    "challenge-platform",
    "just a moment",
    "captcha",
    "enable javascript",
    "ddos-guard",
    "safeline",
];

/// The `data` of a success.
pub(super) fn read(site: &Site, path: &str, reply: Reply) -> Result<Value, SiteError> {
    let host = || site.url.authority();
    let status = reply.status.as_u16();
    if status == 429 {
        let wait = reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let wait = wait.and_then(|seconds| seconds.trim().parse().ok());
        return Err(SiteError::TooOften { site: host(), wait });
    }
    let Ok(body) = serde_json::from_slice::<Value>(&reply.body) else {
        return Err(page(site, path, &reply));
    };
    let message = ["/message", "/error/message", "/msg"]
        .iter()
        .find_map(|place| body.pointer(place)?.as_str())
        .unwrap_or_default();
    if reply.status.is_success() && succeeded(&body) {
        return Ok(body.get("data").cloned().unwrap_or(body));
    }
    let lower = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let sign_in = site.sign_in.kind.name();
    Err(match status {
        404 | 405 => SiteError::NoRoute { site: host(), path: path.to_owned() },
        500.. => SiteError::Failed { site: host(), status },
        _ if says(&["does not match", "不匹配"]) => match site.sign_in.user_id {
            Some(user_id) => SiteError::WrongUser { site: host(), sign_in, user_id },
            None => SiteError::UserIdMissing { site: host() },
        },
        _ if says(&["new-api-user", "user header"]) => SiteError::UserIdMissing { site: host() },
        _ if says(&["banned", "封禁"]) => SiteError::Banned { site: host() },
        _ if says(&["turnstile", "人机"]) => SiteError::Person { site: host() },
        401 => SiteError::SignedOut { site: host(), sign_in },
        _ if says(&[
            "invalid access token",
            "access token 无效",
            "not logged in",
            "未登录",
            "登录已过期",
            "session expired",
            "无效的令牌",
            "invalid token",
        ]) =>
        {
            SiteError::SignedOut { site: host(), sign_in }
        }
        _ if message.is_empty() => {
            SiteError::Refused { site: host(), message: format!("it gives no reason ({status})") }
        }
        _ => SiteError::Refused { site: host(), message: site.said(message) },
    })
}

/// `success` of new-api, `code` of its usage and of derived sites, `ret` of others.
fn succeeded(body: &Value) -> bool {
    if let Some(success) = body.get("success") {
        return success == &Value::Bool(true);
    }
    if body.get("error").is_some_and(|error| !error.is_null()) {
        return false;
    }
    match (body.get("code"), body.get("ret")) {
        (Some(code), _) => code == &Value::Bool(true) || matches!(code.as_i64(), Some(0 | 200)),
        (None, Some(ret)) => ret.as_i64() == Some(1),
        (None, None) => true,
    }
}

fn page(site: &Site, path: &str, reply: &Reply) -> SiteError {
    let host = site.url.authority();
    let status = reply.status.as_u16();
    let start = reply.body.get(..reply.body.len().min(16_384)).unwrap_or_default();
    let start = String::from_utf8_lossy(start).to_lowercase();
    let is_page = start.trim_start().starts_with('<');
    let walled = reply.headers.contains_key("cf-mitigated")
        || is_page && WALL.iter().any(|sign| start.contains(sign));
    match status {
        _ if walled => SiteError::BotWall { site: host },
        403 if is_page => SiteError::BotWall { site: host },
        404 | 405 => SiteError::NoRoute { site: host, path: path.to_owned() },
        401 => SiteError::SignedOut { site: host, sign_in: site.sign_in.kind.name() },
        500.. => SiteError::Failed { site: host, status },
        _ => SiteError::NotJson { site: host, status },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn success_has_several_spellings() {
        for good in [
            json!({"success": true}),
            json!({"code": true}),
            json!({"code": 0}),
            json!({"code": 200}),
            json!({"ret": 1}),
            json!({"object": "billing_subscription"}),
        ] {
            assert!(succeeded(&good), "{good}");
        }
        for bad in [
            json!({"success": false, "code": 0}),
            json!({"success": "true"}),
            json!({"code": false}),
            json!({"code": 401}),
            json!({"ret": 0}),
            json!({"error": {"message": "no"}}),
        ] {
            assert!(!succeeded(&bad), "{bad}");
        }
    }
}
