//! Every reason for which a call is refused: a stable code, a status and what to do about it.

use serde::Serialize;

macro_rules! refusal_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $permanent:literal;)*) => {
        /// The stable code of a refusal.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum RefusalCode {
            $($(#[$doc])* $name,)*
        }

        impl RefusalCode {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as callers see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// Whether trying again without changing anything cannot help.
            #[must_use]
            pub const fn is_permanent(self) -> bool {
                match self { $(Self::$name => $permanent,)* }
            }
        }
    };
}

refusal_codes! {
    /// No credential came with the call.
    MissingKey = "missing_key", 401, true;
    /// The credential is cut off, mistyped or another service's.
    MalformedKey = "malformed_key", 401, true;
    /// The credential looks like ours but is unknown.
    InvalidKey = "invalid_key", 401, true;
    /// The key is switched off.
    KeyDisabled = "key_disabled", 401, true;
    /// The key is past its expiry.
    KeyExpired = "key_expired", 401, true;
    /// The key was revoked or deleted.
    KeyRevoked = "key_revoked", 401, true;
    /// The value was replaced by another, and its grace is over.
    KeyRotated = "key_rotated", 401, true;
    /// The key's owner is blocked.
    UserDisabled = "user_disabled", 401, true;
    /// The caller's address is not on the key's list.
    IpNotAllowed = "ip_not_allowed", 403, true;
    /// The key lacks the permission.
    PermissionDenied = "permission_denied", 403, true;
    /// The key's group is not open to its owner.
    GroupNotAllowed = "group_not_allowed", 403, true;
    /// The key's list of models does not hold this one.
    ModelNotAllowed = "model_not_allowed", 403, true;
    /// No channel offers the model.
    ModelNotFound = "model_not_found", 404, true;
    /// No such route.
    RouteNotFound = "not_found", 404, true;
    /// What is stored at a provider under this id is not this caller's, or is not there.
    StoredObjectNotFound = "stored_object_not_found", 404, true;
    /// WebSockets are not offered: the same can be had over HTTP.
    WebsocketNotOffered = "websocket_not_offered", 426, true;
    /// The route exists with another method.
    MethodNotAllowed = "method_not_allowed", 405, true;
    /// The key's quota is used up.
    KeyQuotaExhausted = "key_quota_exhausted", 402, true;
    /// The key's limit for the day is reached.
    DailyLimitReached = "daily_limit_reached", 402, true;
    /// The key's limit for the month is reached.
    MonthlyLimitReached = "monthly_limit_reached", 402, true;
    /// The owner's balance is used up.
    BalanceExhausted = "balance_exhausted", 402, true;
    /// The owner's balance is frozen, after a leak for instance.
    BalanceFrozen = "balance_frozen", 402, true;
    /// Too many requests or tokens a minute.
    RateLimited = "rate_limited", 429, false;
    /// Too many calls under way at once.
    TooManyParallelRequests = "too_many_parallel_requests", 429, false;
    /// Too many unknown credentials from one address.
    TooManyInvalidKeys = "too_many_invalid_keys", 429, false;
    /// Every channel is rate-limited by its provider.
    UpstreamRateLimited = "upstream_rate_limited", 429, false;
    /// The model has no price of the key's billing method.
    ModelNotPriced = "model_not_priced", 400, true;
    /// No channel of the model takes this kind of call.
    OperationNotSupported = "operation_not_supported", 400, true;
    /// The thinking budget is above what the key may use.
    MaxTokensExceeded = "max_tokens_exceeded", 400, true;
    /// The request is not what the route takes.
    InvalidRequest = "invalid_request", 400, true;
    /// The idempotency key is in use for the same request.
    IdempotencyConflict = "idempotency_conflict", 409, true;
    /// The idempotency key was used for another request.
    IdempotencyMismatch = "idempotency_mismatch", 422, true;
    /// The body is larger than the limit.
    RequestTooLarge = "request_too_large", 413, true;
    /// The body came too slowly.
    RequestTimeout = "request_timeout", 408, false;
    /// No channel can serve the call at present.
    NoChannel = "no_channel", 503, false;
    /// The gateway is shutting down.
    ShuttingDown = "shutting_down", 503, false;
    /// The books cannot be written; no call is admitted.
    BooksUnavailable = "books_unavailable", 503, false;
    /// Every channel failed.
    UpstreamFailed = "upstream_failed", 502, false;
    /// The provider refused the channel's own secret.
    UpstreamAuthFailed = "upstream_auth_failed", 502, false;
    /// The provider did not answer in time.
    UpstreamTimeout = "upstream_timeout", 504, false;
    /// The provider refused the request itself.
    UpstreamRejected = "upstream_rejected", 400, true;
}

/// A refusal as the caller's dialect will show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The stable code.
    pub code: RefusalCode,
    /// A sentence that says what to do.
    pub message: String,
    /// Seconds after which trying again can help.
    pub retry_after: Option<u64>,
    /// The field of the request that is wrong, where one is.
    pub field: Option<String>,
    /// A status that replaces the code's own (an upstream's 4xx about the request keeps its).
    pub status: Option<u16>,
}

impl Refusal {
    /// A refusal with its sentence.
    #[must_use]
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after: None, field: None, status: None }
    }

    /// The same, naming the field that is wrong.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same, with the seconds to wait.
    #[must_use]
    pub const fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The same, under another status.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.unwrap_or_else(|| self.code.status())
    }
}

impl Serialize for RefusalCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
