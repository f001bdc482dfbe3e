//! `POST /v1/api-keys/{id}/reveal`

use argon2::{Argon2, PasswordHash, PasswordVerifier};
use domain::id::{KeyId, UserId};
use domain::secret::Secret;
use domain::time::UnixMillis;
use http::StatusCode;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use utoipa::ToSchema;

use super::create::Revealed;
use crate::access::{Access, KeysWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Body, Fields, Id, ReadBody};
use crate::state::Reveal;
use crate::wrong::Wrong;

/// So many times …
const MOST: usize = 20;
/// … in 20 minutes, in milliseconds.
const WINDOW: i64 = 20 * 60 * 1_000;

/// Who wants to see the value.
#[derive(ToSchema)]
pub(crate) struct RevealKey {
    /// The user's password, if they have one.
    #[schema(value_type = Option<String>)]
    password: Option<Secret>,
}

impl ReadBody for RevealKey {
    const OPTIONAL: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { password: fields.take("password", |value| value.string().map(Secret::new)) })
    }
}

/// The value of a key.
#[derive(Serialize, ToSchema)]
pub(crate) struct RevealedKey {
    /// `key_…`
    #[schema(value_type = String)]
    id: KeyId,
    /// The value, `sk-…`.
    #[schema(value_type = String)]
    key: Revealed,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/v1/api-keys/{id}/reveal", handle)
        .about(
            "API keys",
            "Show a key's value again",
            "Only to the key's owner, whoever else may manage it, and only where the deployment keeps values sealed. At most 20 times in 20 minutes.",
        )
        .answers::<RevealedKey>(200, "The value.")
        .fails(409, "The deployment shows values once, or this one is not kept.")
        .fails(429, "Too many values were asked for.")
}

async fn handle(
    access: Access<KeysWrite>,
    Id(id): Id<KeyId>,
    body: Body<RevealKey>,
) -> Result<Answer<RevealedKey>, Problem> {
    let key = access.database().api_key(id, access.owner()).await?;
    let user = access.principal.user;
    if key.owner != user {
        let detail = "Only the key's owner can see its value. Rotate the key to give it a new one.";
        return Err(Problem::forbidden("not_the_owner", detail));
    }
    if access.app.deployment.reveal == Reveal::Once {
        let detail =
            "This deployment shows a value once, when it is made. Rotate the key to get a new one.";
        return Err(Problem::conflict("reveal_off", detail));
    }
    access.app.reveals.count(user, access.now())?;
    authenticate(&access, body.value.password).await?;
    let Some(sealed) = access.database().sealed_key_value(id, user).await? else {
        let detail = "The value of this key is not kept. Rotate the key to get a new one.";
        return Err(Problem::conflict("value_not_kept", detail));
    };
    let value = access.app.gateway.sealer.open_key(id, &sealed).map_err(Problem::internal)?;
    tracing::info!(%user, key = %id, "the value of a key was shown again");
    Ok(Answer::ok(RevealedKey { id, key: Revealed(value) }))
}

/// Asks for the password again, if the user has one.
async fn authenticate(access: &Access<KeysWrite>, sent: Option<Secret>) -> Result<(), Problem> {
    let stored = access.database().password_hash(access.principal.user).await?;
    let Some(stored) = stored else { return Ok(()) };
    let Some(sent) = sent else {
        return Err(Problem::field("password", Wrong::PasswordToReveal));
    };
    // Away from the threads that serve requests: it takes a while on purpose.
    let verified = tokio::task::spawn_blocking(move || {
        let hash = PasswordHash::new(stored.expose());
        hash.is_ok_and(|hash| {
            Argon2::default().verify_password(sent.expose().as_bytes(), &hash).is_ok()
        })
    });
    if verified.await.map_err(Problem::internal)? {
        return Ok(());
    }
    Err(Problem::forbidden("wrong_password", "The password is wrong."))
}

/// How often each user asked lately.
#[derive(Default)]
pub(crate) struct Reveals(Mutex<HashMap<UserId, VecDeque<UnixMillis>>>);

impl Reveals {
    /// Counts a try, the ones with a wrong password too.
    fn count(&self, user: UserId, now: UnixMillis) -> Result<(), Problem> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, tries| tries.back().is_some_and(|last| now.since(*last) < WINDOW));
        let tries = all.entry(user).or_default();
        tries.retain(|at| now.since(*at) < WINDOW);
        if tries.len() >= MOST {
            let detail = "At most 20 values can be shown in 20 minutes. Try again later.";
            return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_reveals", detail));
        }
        tries.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_counted_for_twenty_minutes() {
        let reveals = Reveals::default();
        let [one, other] = [1, 2].map(|n| UserId::new(UnixMillis::new(n), [1; 10]));
        let now = UnixMillis::new(1_000_000_000);
        assert!((0..20).all(|_| reveals.count(one, now).is_ok()));
        assert!(reveals.count(one, now.plus(WINDOW - 1)).is_err());
        assert!(reveals.count(other, now).is_ok());
        assert!(reveals.count(one, now.plus(WINDOW)).is_ok());
    }
}
