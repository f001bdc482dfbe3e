//! The master key under a passphrase: Argon2id makes a key of it, XChaCha20-Poly1305 seals. What
//! else the head of the file says is bound to it, so that whoever alters one needs the passphrase.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use domain::secret::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Argon2id with 64 MiB and three passes: a guess costs a tenth of a second.
const MEMORY: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// A file cannot ask for more work than this.
const MOST_MEMORY: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 20;

/// A secret under a passphrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wrapped {
    memory_kib: u32,
    passes: u32,
    salt: String,
    nonce: String,
    sealed: String,
}

impl Wrapped {
    /// Wraps a secret; `bound` has to be the same when it is opened.
    pub(super) fn new(secret: &Secret, passphrase: &Secret, bound: &[u8]) -> Option<Self> {
        let (salt, nonce) = (rand::random::<[u8; 16]>(), rand::random::<[u8; 24]>());
        let cipher = cipher(passphrase, &salt, MEMORY, PASSES)?;
        let payload = Payload { msg: secret.expose().as_bytes(), aad: bound };
        Some(Self {
            memory_kib: MEMORY,
            passes: PASSES,
            salt: hex::encode(salt),
            nonce: hex::encode(nonce),
            sealed: hex::encode(cipher.encrypt(&XNonce::from(nonce), payload).ok()?),
        })
    }

    /// The secret, with the right passphrase.
    pub(super) fn open(&self, passphrase: &Secret, bound: &[u8]) -> Option<Secret> {
        if self.memory_kib > MOST_MEMORY || self.passes > MOST_PASSES {
            return None;
        }
        let (salt, sealed) = (hex::decode(&self.salt).ok()?, hex::decode(&self.sealed).ok()?);
        let nonce: [u8; 24] = hex::decode(&self.nonce).ok()?.try_into().ok()?;
        let cipher = cipher(passphrase, &salt, self.memory_kib, self.passes)?;
        let payload = Payload { msg: &sealed, aad: bound };
        let text = cipher.decrypt(&XNonce::from(nonce), payload).ok()?;
        String::from_utf8(text).ok().map(Secret::new)
    }
}

fn cipher(passphrase: &Secret, salt: &[u8], memory: u32, passes: u32) -> Option<XChaCha20Poly1305> {
    let parameters = Params::new(memory, passes, 1, Some(32)).ok()?;
    let mut key = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
        .hash_password_into(passphrase.expose().as_bytes(), salt, key.as_mut_slice())
        .ok()?;
    Some(XChaCha20Poly1305::new((&*key).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_passphrase_and_the_same_head_open_it() {
        let secret = |text: &str| Secret::new(text.to_owned());
        let wrapped = Wrapped::new(&secret("master"), &secret("correct horse"), b"head").unwrap();
        let open = |wrapped: &Wrapped, passphrase, bound| {
            wrapped.open(&secret(passphrase), bound).map(|it| it.expose().to_owned())
        };
        assert_eq!(open(&wrapped, "correct horse", b"head").as_deref(), Some("master"));
        assert_eq!(open(&wrapped, "correct horsE", b"head"), None);
        assert_eq!(open(&wrapped, "correct horse", b"heaD"), None);
        let greedy = Wrapped { memory_kib: u32::MAX, ..wrapped.clone() };
        assert_eq!(open(&greedy, "correct horse", b"head"), None);
        assert!(!format!("{wrapped:?}").contains("master"));
    }
}
