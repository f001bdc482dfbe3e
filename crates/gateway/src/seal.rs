//! Upstream secrets as the database holds them, and the values of keys where a deployment keeps
//! them: sealed with XChaCha20-Poly1305.
//!
//! Each is bound to what it was saved for (a channel and its origin, or a key): moved anywhere else,
//! it does not open.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use domain::id::{ChannelId, KeyId};
use domain::secret::Secret;

/// Seals and opens secrets under the deployment's own key.
#[derive(Clone)]
pub struct Sealer(XChaCha20Poly1305);

/// A stored secret does not open: another master key, or saved for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the stored secret does not open under this deployment's master key for what it was saved for"
)]
pub struct CannotOpen;

const NONCE: usize = 24;

impl Sealer {
    /// A sealer under a key of 32 bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Seals a secret of the deployment's own for a purpose, which has to be named to open it.
    #[must_use]
    pub fn seal_for(&self, purpose: &str, secret: &Secret) -> String {
        self.seal_in(&format!("secret for\n{purpose}"), secret)
    }

    /// Opens a secret of the deployment's own.
    ///
    /// # Errors
    /// When it was sealed under another key, or for another purpose.
    pub fn open_for(&self, purpose: &str, sealed: &str) -> Result<Secret, CannotOpen> {
        self.open_in(&format!("secret for\n{purpose}"), sealed)
    }

    /// Seals a channel's secret for the origin (scheme, host and port) it will be sent to.
    #[must_use]
    pub fn seal(&self, channel: ChannelId, origin: &str, secret: &Secret) -> String {
        self.seal_in(&of_channel(channel, origin), secret)
    }

    /// Opens a channel's secret.
    ///
    /// # Errors
    /// When it was sealed under another key, or for another channel or origin.
    pub fn open(
        &self,
        channel: ChannelId,
        origin: &str,
        sealed: &str,
    ) -> Result<Secret, CannotOpen> {
        self.open_in(&of_channel(channel, origin), sealed)
    }

    /// Seals the value of an API key.
    #[must_use]
    pub fn seal_key(&self, key: KeyId, value: &Secret) -> String {
        self.seal_in(&of_key(key), value)
    }

    /// Opens the value of an API key.
    ///
    /// # Errors
    /// When it was sealed under another master key, or for another key.
    pub fn open_key(&self, key: KeyId, sealed: &str) -> Result<Secret, CannotOpen> {
        self.open_in(&of_key(key), sealed)
    }

    fn seal_in(&self, context: &str, secret: &Secret) -> String {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: secret.expose().as_bytes(), aad: context.as_bytes() };
        // Encryption fails only for texts of many gigabytes.
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        format!("v1:{}{}", hex::encode(nonce), hex::encode(sealed))
    }

    fn open_in(&self, context: &str, sealed: &str) -> Result<Secret, CannotOpen> {
        let bytes = sealed
            .strip_prefix("v1:")
            .and_then(|digits| hex::decode(digits).ok())
            .ok_or(CannotOpen)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or(CannotOpen)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| CannotOpen)?;
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        let text = self.0.decrypt(&XNonce::from(nonce), payload).map_err(|_| CannotOpen)?;
        String::from_utf8(text).map(Secret::new).map_err(|_| CannotOpen)
    }
}

fn of_channel(channel: ChannelId, origin: &str) -> String {
    format!("channel secret\n{channel}\n{origin}\n1")
}

fn of_key(key: KeyId) -> String {
    format!("key value\n{key}\n1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::time::UnixMillis;

    #[test]
    fn a_secret_opens_only_where_it_was_saved_for() {
        let sealer = Sealer::new(&[7; 32]);
        let channel = ChannelId::new(UnixMillis::new(1), [1; 10]);
        let sealed =
            sealer.seal(channel, "https://api.example.com:443", &Secret::new("s3cret".to_owned()));
        assert!(!sealed.contains("s3cret"));
        let opened = |sealer: &Sealer, channel, origin: &str| {
            sealer.open(channel, origin, &sealed).map(|s| s.expose().to_owned())
        };
        assert_eq!(
            opened(&sealer, channel, "https://api.example.com:443"),
            Ok("s3cret".to_owned())
        );
        assert_eq!(opened(&sealer, channel, "https://evil.example.com:443"), Err(CannotOpen));
        assert_eq!(
            opened(
                &sealer,
                ChannelId::new(UnixMillis::new(2), [1; 10]),
                "https://api.example.com:443"
            ),
            Err(CannotOpen)
        );
        assert_eq!(
            opened(&Sealer::new(&[8; 32]), channel, "https://api.example.com:443"),
            Err(CannotOpen)
        );
        assert!(sealer.open(channel, "", "v1:00").is_err());
    }

    #[test]
    fn a_keys_value_opens_only_as_that_keys() {
        let sealer = Sealer::new(&[7; 32]);
        let [one, other] = [1, 2].map(|n| KeyId::new(UnixMillis::new(n), [1; 10]));
        let sealed = sealer.seal_key(one, &Secret::new("sk-value".to_owned()));
        assert!(!sealed.contains("sk-value"));
        assert_eq!(
            sealer.open_key(one, &sealed).map(|s| s.expose().to_owned()),
            Ok("sk-value".to_owned())
        );
        assert_eq!(sealer.open_key(other, &sealed).err(), Some(CannotOpen));
        assert_eq!(Sealer::new(&[8; 32]).open_key(one, &sealed).err(), Some(CannotOpen));
    }
}
