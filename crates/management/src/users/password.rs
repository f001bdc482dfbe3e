//! Passwords are kept as argon2id hashes alone.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use domain::secret::Secret;
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Hashes that are made at once: each takes 19 MB, and anybody can ask for one.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// A hash that no password has, for users who have none, or who do not exist: checking it takes as
/// long as checking a real one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes a password, away from the threads that serve requests: it takes a while on purpose.
pub(crate) async fn hash(password: Secret) -> Result<Secret, Problem> {
    let _turn = AT_ONCE.acquire().await.map_err(Problem::internal)?;
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.expose().as_bytes()).map(|hash| hash.to_string())
    });
    match hashed.await {
        Ok(Ok(hash)) => Ok(Secret::new(hash)),
        Ok(Err(error)) => Err(Problem::internal(error)),
        Err(error) => Err(Problem::internal(error)),
    }
}

/// Whether a password has this hash; without a hash it takes as long, and is wrong.
pub(crate) async fn verify(password: Secret, hash: Option<Secret>) -> Result<bool, Problem> {
    let _turn = AT_ONCE.acquire().await.map_err(Problem::internal)?;
    let verified = tokio::task::spawn_blocking(move || {
        let known = hash.as_ref().map_or(NOBODY, Secret::expose);
        let fits = Argon2::default().verify_password(password.expose().as_bytes(), known).is_ok();
        fits && hash.is_some()
    });
    verified.await.map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As costly as the hashes that are made, or it would tell who exists.
    #[tokio::test]
    async fn nobody_s_hash_has_the_parameters_of_everybody_s() {
        let password = || Secret::new("correct horse".to_owned());
        let made = hash(password()).await.unwrap_or_else(|_| panic!("no hash"));
        let parameters = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(made.expose()), parameters(NOBODY));
        assert_eq!(made.expose().len(), NOBODY.len());
        assert!(verify(password(), Some(made)).await.is_ok_and(|fits| fits));
        assert!(verify(password(), None).await.is_ok_and(|fits| !fits));
    }
}
