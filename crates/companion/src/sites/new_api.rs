//! Sites of the new-api family, of both generations of its API: AnyRouter, AgentRouter, and every
//! other site that runs it or something derived from it.
//!
//! Requests carry the access token or the session's cookie, and always the user's number. Amounts
//! are in units of the site's own (`quota_per_unit` to a dollar). A key alone can read its own usage.

mod answer;
mod check_in;
mod key_alone;
mod make;
mod pages;
mod value;

pub(super) use check_in::check_in;
pub(super) use make::make;
pub(super) use value::value;

use domain::time::UnixMillis;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderName, HeaderValue};
use serde_json::Value;

use super::mask::{is_masked, mask};
use super::reading::{dollars, flag, names, seconds, text, whole};
use super::{Balance, SignInKind, Site, SiteError, Token, TokenList, TokenStatus};
use crate::web::Question;

const USER: HeaderName = HeaderName::from_static("new-api-user");
/// What a dollar is where the site does not say: the family's default.
const UNITS_PER_DOLLAR: i64 = 500_000;

pub(super) async fn tokens(site: &Site, now: UnixMillis) -> Result<TokenList, SiteError> {
    if site.sign_in.kind == SignInKind::Key {
        return key_alone::tokens(site, now).await;
    }
    let per_dollar = units_per_dollar(site).await?;
    let pages::Listed { items, complete } = pages::all(site).await?;
    let read = |item| token(item, per_dollar, now);
    Ok(TokenList { tokens: items.iter().filter_map(read).collect(), complete })
}

pub(super) async fn balance(site: &Site) -> Result<Balance, SiteError> {
    if site.sign_in.kind == SignInKind::Key {
        return key_alone::balance(site).await;
    }
    let per_dollar = units_per_dollar(site).await?;
    let account = ask(site, Question::get("/api/user/self")).await?;
    let usd = |name| whole(&account, name).map(|units| dollars(units, per_dollar));
    let odd = SiteError::Odd { site: site.url.authority(), what: "a balance" };
    Ok(Balance {
        remaining: Some(usd("quota").ok_or(odd)?),
        used: usd("used_quota"),
        unlimited: false,
    })
}

/// How many of the site's units are a dollar. Everybody may ask.
async fn units_per_dollar(site: &Site) -> Result<i64, SiteError> {
    let status = answer::read(site, "/api/status", site.ask(Question::get("/api/status")).await?)?;
    match whole(&status, "quota_per_unit") {
        None => Ok(UNITS_PER_DOLLAR),
        Some(units) if units > 0 => Ok(units),
        Some(_) => {
            Err(SiteError::Odd { site: site.url.authority(), what: "a sensible quota_per_unit" })
        }
    }
}

/// Asks as the signed-in person; what is answered is the `data` of a success.
async fn ask(site: &Site, question: Question) -> Result<Value, SiteError> {
    let path = question.path.split('?').next().unwrap_or_default().to_owned();
    let reply = site.ask(signed(site, question)?).await?;
    answer::read(site, &path, reply)
}

fn signed(site: &Site, question: Question) -> Result<Question, SiteError> {
    let sign_in = &site.sign_in;
    let unsendable = |_| SiteError::Unsendable { sign_in: sign_in.kind.name() };
    let secret = sign_in.secret.expose();
    let question = match sign_in.kind {
        SignInKind::AccessToken => question
            .secret_header(AUTHORIZATION, HeaderValue::from_str(secret).map_err(unsendable)?),
        SignInKind::Cookie => {
            question.secret_header(COOKIE, HeaderValue::from_str(secret).map_err(unsendable)?)
        }
        SignInKind::Key | SignInKind::ManagementKey => {
            let bearer = format!("Bearer {secret}");
            let value = HeaderValue::from_str(&bearer).map_err(unsendable)?;
            return Ok(question.secret_header(AUTHORIZATION, value));
        }
    };
    let missing = || SiteError::UserIdMissing { site: site.url.authority() };
    let mut question = question;
    question.headers.insert(USER, HeaderValue::from(sign_in.user_id.ok_or_else(missing)?));
    Ok(question)
}

/// One item of a list; `None` for what is deleted or has no id.
fn token(item: &Value, per_dollar: i64, now: UnixMillis) -> Option<Token> {
    if item.get("DeletedAt").is_some_and(|at| !at.is_null()) {
        return None;
    }
    let unlimited = flag(item, "unlimited_quota");
    let units = whole(item, "remain_quota");
    let expires_at = seconds(item, "expired_time");
    let status = match whole(item, "status") {
        // The site notices both only when the token is used the next time.
        Some(1) if expires_at.is_some_and(|at| at <= now) => TokenStatus::Expired,
        Some(1) if !unlimited && units.is_some_and(|units| units <= 0) => TokenStatus::Exhausted,
        Some(1) => TokenStatus::Active,
        Some(2) => TokenStatus::Disabled,
        Some(3) => TokenStatus::Expired,
        Some(4) => TokenStatus::Exhausted,
        _ => TokenStatus::Unknown,
    };
    let limited = flag(item, "model_limits_enabled");
    let key = text(item, "key");
    Some(Token {
        id: text(item, "id")?,
        name: text(item, "name").unwrap_or_default(),
        masked: key.map(|key| if is_masked(&key) { sk(&key) } else { mask(&key) }),
        status,
        unlimited,
        remaining: units.filter(|_| !unlimited).map(|units| dollars(units, per_dollar)),
        used: whole(item, "used_quota").map(|units| dollars(units, per_dollar)),
        rate_limit: rate_limit(item),
        models: limited.then(|| names(item, "model_limits")),
        expires_at,
        last_used_at: seconds(item, "accessed_time"),
        group: text(item, "group"),
    })
}

fn sk(masked: &str) -> String {
    if masked.starts_with("sk-") { masked.to_owned() } else { format!("sk-{masked}") }
}

/// new-api itself has no rate limit on a token; sites derived from it have, under these names.
fn rate_limit(item: &Value) -> Option<String> {
    let known = ["rate_limit", "rpm", "rpm_limit", "rate_limit_per_minute"];
    let limit = known.iter().find_map(|name| text(item, name))?;
    match limit.parse::<i64>() {
        Ok(requests) if requests > 0 => Some(format!("{requests}/min")),
        Ok(_) => None,
        Err(_) => Some(limit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::Nanos;
    use serde_json::json;

    const NOW: UnixMillis = UnixMillis::new(1_760_000_000_000);

    fn status(item: &Value) -> TokenStatus {
        token(item, UNITS_PER_DOLLAR, NOW).unwrap().status
    }

    #[test]
    fn an_item_of_the_newer_generation() {
        let item = json!({"id": 7, "user_id": 3, "key": "aB3d**********xY9z", "status": 1,
            "name": "ci", "created_time": 1_750_000_000, "accessed_time": 1_750_000_001,
            "expired_time": -1, "remain_quota": 5_000_000, "unlimited_quota": false,
            "model_limits_enabled": true, "model_limits": "gpt-4o,claude", "allow_ips": "",
            "used_quota": 250_000, "group": "auto", "cross_group_retry": false, "DeletedAt": null,
            "something_new": {"x": [1]}});
        let token = token(&item, UNITS_PER_DOLLAR, NOW).unwrap();
        assert_eq!((token.id.as_str(), token.name.as_str()), ("7", "ci"));
        assert_eq!(token.masked.as_deref(), Some("sk-aB3d**********xY9z"));
        assert_eq!(token.remaining, Some(Nanos::from_usd(10)));
        assert_eq!(token.used, Some(Nanos::new(500_000_000)));
        assert_eq!(token.models, Some(vec!["gpt-4o".to_owned(), "claude".to_owned()]));
        assert_eq!((token.status, token.expires_at), (TokenStatus::Active, None));
    }

    #[test]
    fn a_whole_value_never_gets_into_the_list() {
        let value = "aB3dEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghxY9z";
        let token = token(&json!({"id": "9", "key": value, "status": 1}), 1, NOW).unwrap();
        assert_eq!(token.masked.as_deref(), Some("sk-aB3d…xY9z"));
        assert!(!serde_json::to_string(&token).unwrap().contains(value));
    }

    #[test]
    fn the_status_is_true_at_this_moment() {
        let with = |more: Value| {
            let mut item = json!({"id": 1, "status": 1, "remain_quota": 5});
            item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            status(&item)
        };
        assert_eq!(with(json!({})), TokenStatus::Active);
        assert_eq!(with(json!({"expired_time": 1_750_000_000})), TokenStatus::Expired);
        assert_eq!(with(json!({"expired_time": 1_770_000_000})), TokenStatus::Active);
        assert_eq!(with(json!({"remain_quota": 0})), TokenStatus::Exhausted);
        assert_eq!(with(json!({"remain_quota": -4, "unlimited_quota": true})), TokenStatus::Active);
        for (number, expected) in [
            (2, TokenStatus::Disabled),
            (3, TokenStatus::Expired),
            (4, TokenStatus::Exhausted),
            (9, TokenStatus::Unknown),
        ] {
            assert_eq!(with(json!({"status": number})), expected);
        }
        assert_eq!(status(&json!({"id": 1})), TokenStatus::Unknown);
    }

    #[test]
    fn what_is_deleted_or_nameless_is_left_out() {
        let at = json!("2026-01-01T00:00:00Z");
        assert!(token(&json!({"id": 1, "DeletedAt": at}), 1, NOW).is_none());
        assert!(token(&json!({"name": "x"}), 1, NOW).is_none());
    }

    #[test]
    fn rate_limits_of_derived_sites_are_read() {
        assert_eq!(rate_limit(&json!({"rpm": 60})).as_deref(), Some("60/min"));
        assert_eq!(
            rate_limit(&json!({"rate_limit": "10 per second"})).as_deref(),
            Some("10 per second")
        );
        assert_eq!(rate_limit(&json!({"rate_limit": 0})), None);
    }
}
