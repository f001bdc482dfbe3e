//! Our own gateway: with an `sk-` key its own view and usage, with an `mk-` key the list of keys, and
//! a new key.

use domain::secret::Secret;
use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderName, RETRY_AFTER};
use serde_json::{Value, json};

use super::reading::{clean, names, text, time, usd, whole};
use super::{Balance, Made, SignInKind, Site, SiteError, Token, TokenList, TokenStatus};
use crate::web::Question;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// How a gateway refuses a key that it cannot use.
const OWN_REFUSALS: &[&str] = &[
    "malformed_key",
    "invalid_key",
    "key_disabled",
    "key_expired",
    "key_revoked",
    "key_rotated",
    "user_disabled",
    "too_many_invalid_keys",
];
/// More pages than a gateway fills for one person.
const MOST_PAGES: usize = 1_000;

pub(super) async fn tokens(site: &Site) -> Result<TokenList, SiteError> {
    if site.sign_in.kind == SignInKind::Key {
        let key = ask(site, Question::get("/v1/key")).await?;
        let mut own = token(&key).ok_or_else(|| odd(site, "a key"))?;
        own.models = models(site).await?;
        return Ok(TokenList { tokens: vec![own], complete: true });
    }
    let (mut tokens, mut cursor) = (Vec::new(), String::new());
    for _ in 0..MOST_PAGES {
        let page = ask(site, Question::get(format!("/v1/api-keys?limit=200{cursor}"))).await?;
        let items = page.get("data").and_then(Value::as_array);
        tokens.extend(items.ok_or_else(|| odd(site, "a list of keys"))?.iter().filter_map(token));
        match page.get("next_cursor").and_then(Value::as_str) {
            Some(next)
                if next
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_.=".contains(&byte)) =>
            {
                cursor = format!("&cursor={next}");
            }
            Some(_) => return Err(odd(site, "a sensible cursor")),
            None => return Ok(TokenList { tokens, complete: true }),
        }
    }
    Ok(TokenList { tokens, complete: false })
}

pub(super) async fn balance(site: &Site) -> Result<Balance, SiteError> {
    let usage = ask(site, Question::get("/v1/usage")).await?;
    let remaining = usd(&usage, "remaining");
    Ok(Balance {
        remaining,
        used: usd(&usage, "total_usage"),
        // For everybody that a management key sees, the gateway says nothing of what is left.
        unlimited: remaining.is_none() && site.sign_in.kind == SignInKind::Key,
    })
}

pub(super) async fn make(site: &Site, name: &str) -> Result<Made, SiteError> {
    let mut question = Question::post("/v1/api-keys", &json!({ "name": name }));
    // The name is new each time: should the answer get lost, the same one makes no second key.
    if let Ok(value) = HeaderValue::from_str(name) {
        question.headers.insert(IDEMPOTENCY_KEY, value);
    }
    let made = ask(site, question).await?;
    let value = made.get("key").and_then(Value::as_str);
    let value = value.map(|value| Secret::new(value.to_owned()));
    Ok(Made { token: token(&made).ok_or_else(|| odd(site, "the new key"))?, value })
}

/// Whether the site knows the credential as a key of a gateway like this program's.
pub(super) async fn knows_key(site: &Site) -> Result<bool, SiteError> {
    let reply = site.ask(signed(site, Question::get("/v1/key"))?).await?;
    let key: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    if reply.status.is_success() {
        return Ok(text(&key, "id").is_some_and(|id| id.starts_with("key_")));
    }
    // A gateway refuses with codes of its own.
    let code = ["/code", "/error/code"].iter().find_map(|place| key.pointer(place)?.as_str());
    Ok(code.is_some_and(|code| OWN_REFUSALS.contains(&code)))
}

async fn models(site: &Site) -> Result<Option<Vec<String>>, SiteError> {
    match ask(site, Question::get("/v1/models")).await {
        Ok(list) => {
            let items = list.get("data").and_then(Value::as_array);
            let items = items.ok_or_else(|| odd(site, "a list of models"))?;
            Ok(Some(items.iter().filter_map(|model| text(model, "id")).collect()))
        }
        // A key need not have the right to list them.
        Err(SiteError::Refused { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

async fn ask(site: &Site, question: Question) -> Result<Value, SiteError> {
    let path = question.path.split('?').next().unwrap_or_default().to_owned();
    let reply = site.ask(signed(site, question)?).await?;
    let (host, status) = (site.url.authority(), reply.status.as_u16());
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    if reply.status.is_success() {
        return body.ok_or(SiteError::NotJson { site: host, status });
    }
    let places = ["/detail", "/error/message"];
    let message = body.as_ref().and_then(|body| places.iter().find_map(|at| body.pointer(at)));
    let message = message.and_then(Value::as_str).map(|message| site.said(message));
    let wait = reply.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    Err(match (status, message) {
        (429, _) => SiteError::TooOften { site: host, wait },
        (401, _) => SiteError::SignedOut { site: host, sign_in: site.sign_in.kind.name() },
        (404 | 405, _) => SiteError::NoRoute { site: host, path },
        (500.., _) => SiteError::Failed { site: host, status },
        (_, Some(message)) => SiteError::Refused { site: host, message },
        (_, None) => SiteError::NotJson { site: host, status },
    })
}

fn signed(site: &Site, question: Question) -> Result<Question, SiteError> {
    let bearer = HeaderValue::from_str(&format!("Bearer {}", site.sign_in.secret.expose()));
    let value = bearer.map_err(|_| SiteError::Unsendable { sign_in: site.sign_in.kind.name() })?;
    Ok(question.secret_header(AUTHORIZATION, value))
}

fn odd(site: &Site, what: &'static str) -> SiteError {
    SiteError::Odd { site: site.url.authority(), what }
}

fn token(key: &Value) -> Option<Token> {
    let status = match text(key, "status")?.as_str() {
        "active" => TokenStatus::Active,
        "not_used" => TokenStatus::NotUsed,
        "disabled" => TokenStatus::Disabled,
        "expired" => TokenStatus::Expired,
        "exhausted" => TokenStatus::Exhausted,
        "revoked" => TokenStatus::Revoked,
        _ => TokenStatus::Unknown,
    };
    let remaining = usd(key, "remaining");
    let models = names(key, "allowed_models");
    Some(Token {
        id: text(key, "id")?,
        name: text(key, "name").unwrap_or_default(),
        masked: text(key, "masked"),
        status,
        unlimited: remaining.is_none(),
        remaining,
        used: usd(key, "used"),
        rate_limit: ["/rate_limits", "/limits/rate_limits"]
            .iter()
            .find_map(|place| rate_limit(key.pointer(place)?)),
        models: (!models.is_empty()).then_some(models),
        expires_at: time(key, "expires_at"),
        last_used_at: time(key, "last_used_at"),
        group: Some(names(key, "groups").join(", ")).filter(|groups| !groups.is_empty()),
    })
}

fn rate_limit(limits: &Value) -> Option<String> {
    let part = |name, unit: &str| whole(limits, name).map(|number| format!("{number}{unit}"));
    let parts = [
        part("requests_per_minute", "/min"),
        part("tokens_per_minute", " tokens/min"),
        part("parallel", " at once"),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| clean(&parts.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::money::Nanos;

    #[test]
    fn a_key_is_read() {
        let key = json!({"id": "key_1", "name": "prod", "masked": "sk-9fQ2…Xa4c", "status": "not_used",
            "quota": 50.0, "used": 0.000_000_001, "remaining": 49.999_999_999,
            "rate_limits": {"requests_per_minute": 60, "tokens_per_minute": null, "parallel": 8},
            "allowed_models": ["gpt-5*"], "groups": ["default", "spare"],
            "expires_at": "2026-12-31T23:59:59Z", "last_used_at": null});
        let token = token(&key).unwrap();
        assert_eq!(token.status, TokenStatus::NotUsed);
        assert_eq!(token.remaining, Some(Nanos::new(49_999_999_999)));
        assert_eq!(token.rate_limit.as_deref(), Some("60/min, 8 at once"));
        assert_eq!(token.models, Some(vec!["gpt-5*".to_owned()]));
        assert_eq!(token.group.as_deref(), Some("default, spare"));
        assert_eq!(token.expires_at.unwrap().to_string(), "2026-12-31T23:59:59Z");
        assert!(!token.unlimited);
    }
}
