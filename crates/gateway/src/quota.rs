//! How providers say that an account has nothing left.
//!
//! OpenAI: 429 `insufficient_quota`, `billing_hard_limit_reached`. Moonshot: 429
//! `exceeded_current_quota_error`. Zhipu: 429 with code 1113. DashScope: 400 `Arrearage`.
//! Anthropic: 400 with a sentence about the credit balance, 402 `billing_error`. Others: 402.

use http::StatusCode;
use protocol::openai_chat::error::UpstreamError;

/// Codes and types that mean it, whatever the status.
const CODES: &[&str] = &[
    "insufficient_quota",
    "billing_hard_limit_reached",
    "billing_not_active",
    "exceeded_current_quota_error",
    "insufficient_balance",
    "billing_error",
    "1113",
    "Arrearage",
];

/// Sentences that mean it, from providers that give no code for it.
const SENTENCES: &[&str] = &["credit balance is too low", "insufficient balance"];

/// Whether an upstream's error says that the account behind the secret has nothing left.
pub(crate) fn is_used_up(status: StatusCode, error: &UpstreamError) -> bool {
    if status == StatusCode::PAYMENT_REQUIRED {
        return true;
    }
    if !status.is_client_error() {
        return false;
    }
    let named = [&error.code, &error.kind].into_iter().flatten();
    let by_code = named.into_iter().any(|name| CODES.contains(&name.as_str()));
    let message = error.message.as_deref().unwrap_or_default().to_lowercase();
    by_code || SENTENCES.iter().any(|sentence| message.contains(sentence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::openai_chat::error::read_upstream_error;

    fn used_up(status: u16, body: &str) -> bool {
        let error = read_upstream_error(body.as_bytes());
        is_used_up(StatusCode::from_u16(status).unwrap(), &error)
    }

    #[test]
    fn each_providers_way_of_saying_it_is_understood() {
        for (status, body) in [
            (
                429,
                r#"{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            ),
            (429, r#"{"error":{"message":"x","type":"exceeded_current_quota_error"}}"#),
            (429, r#"{"error":{"code":"1113","message":"x"}}"#),
            (400, r#"{"code":"Arrearage","message":"Access denied"}"#),
            (
                400,
                r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the API."}}"#,
            ),
            (402, ""),
            (402, r#"{"error":{"message":"Insufficient Balance"}}"#),
        ] {
            assert!(used_up(status, body), "{status} {body}");
        }
    }

    #[test]
    fn other_refusals_are_not_taken_for_it() {
        for (status, body) in [
            (
                429,
                r#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#,
            ),
            (400, r#"{"error":{"message":"max_tokens is too large"}}"#),
            (500, r#"{"error":{"message":"insufficient balance of the load"}}"#),
            (401, ""),
        ] {
            assert!(!used_up(status, body), "{status} {body}");
        }
    }
}
