//! Passwords are kept as argon2id hashes alone.

use argon2::{Argon2, PasswordHasher};
use domain::secret::Secret;

use crate::problem::Problem;

/// Hashes a password, away from the threads that serve requests: it takes a while on purpose.
pub(super) async fn hash(password: Secret) -> Result<Secret, Problem> {
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password(password.expose().as_bytes()).map(|hash| hash.to_string())
    });
    match hashed.await {
        Ok(Ok(hash)) => Ok(Secret::new(hash)),
        Ok(Err(error)) => Err(Problem::internal(error)),
        Err(error) => Err(Problem::internal(error)),
    }
}
