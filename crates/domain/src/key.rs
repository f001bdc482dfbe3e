//! The form of a credential: `sk-` (calls models) or `mk-` (manages), 42 random characters and a
//! checksum of six, which tells a mistyped or cut-off key from an unknown one without any look-up.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;

use crate::secret::Secret;

/// The characters of a credential, in the order of their value.
pub const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Random characters in a credential.
pub const RANDOM_LENGTH: usize = 42;
const CHECKSUM_LENGTH: usize = 6;
const BODY_LENGTH: usize = RANDOM_LENGTH + CHECKSUM_LENGTH;

/// What a credential is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Calls models.
    Api,
    /// Uses the management API.
    Management,
}

impl Kind {
    /// The text that such credentials start with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Api => "sk-",
            Self::Management => "mk-",
        }
    }
}

/// Makes a credential from random bytes, of which the unusable ones (above 247) are passed over.
/// None if too few were usable; 96 bytes practically always do.
#[must_use]
pub fn generate(kind: Kind, random: &[u8]) -> Option<Secret> {
    let body: String = random
        .iter()
        .filter(|byte| usize::from(**byte) < ALPHABET.len() * 4)
        .filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()))
        .take(RANDOM_LENGTH)
        .map(|byte| char::from(*byte))
        .collect();
    if body.len() < RANDOM_LENGTH {
        return None;
    }
    let checksum = checksum(&body);
    Some(Secret::new(format!("{}{body}{checksum}", kind.prefix())))
}

/// What a presented text turns out to be, before any look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Ours, and its checksum holds.
    WellFormed(Kind),
    /// Ours by its prefix, but damaged.
    Damaged(Damage),
    /// Not of our making.
    Foreign,
}

/// How a credential of ours is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// Shorter than a whole one.
    CutOff,
    /// Longer than a whole one.
    TooLong,
    /// A character that none of ours holds.
    OddCharacter,
    /// The right length, but the checksum does not fit.
    Mistyped,
}

/// Examines a text without any look-up.
#[must_use]
pub fn examine(text: &str) -> Form {
    let (kind, body) = match (text.strip_prefix("sk-"), text.strip_prefix("mk-")) {
        (Some(body), _) => (Kind::Api, body),
        (_, Some(body)) => (Kind::Management, body),
        _ => return Form::Foreign,
    };
    // Other services' keys start with `sk-` too; theirs hold dashes or underscores.
    if body.starts_with("ant-")
        || body.starts_with("proj-")
        || body.starts_with("or-")
        || body.starts_with("svcacct-")
    {
        return Form::Foreign;
    }
    if !body.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Form::Damaged(Damage::OddCharacter);
    }
    match body.len().cmp(&BODY_LENGTH) {
        std::cmp::Ordering::Less => return Form::Damaged(Damage::CutOff),
        std::cmp::Ordering::Greater => return Form::Damaged(Damage::TooLong),
        std::cmp::Ordering::Equal => {}
    }
    let (random, sum) = body.split_at(RANDOM_LENGTH);
    if checksum(random) == sum { Form::WellFormed(kind) } else { Form::Damaged(Damage::Mistyped) }
}

/// CRC-32 (IEEE) of the text in Base62, most significant digit first, padded to six.
#[must_use]
pub fn checksum(random: &str) -> String {
    let mut rest = crc32fast::hash(random.as_bytes()) as usize;
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET.get(rest % ALPHABET.len()).copied().unwrap_or(b'0');
        rest /= ALPHABET.len();
    }
    digits.iter().map(|byte| char::from(*byte)).collect()
}

/// A credential as lists show it: `sk-9fQ2…Xa4c`.
#[must_use]
pub fn mask(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let (Some(head), Some(tail)) =
        (characters.get(..7), characters.len().checked_sub(4).and_then(|at| characters.get(at..)))
    else {
        return "…".to_owned();
    };
    if characters.len() < 16 {
        return "…".to_owned();
    }
    format!("{}…{}", head.iter().collect::<String>(), tail.iter().collect::<String>())
}

/// The keyed hash under which a credential is stored and looked up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyDigest([u8; 32]);

impl KeyDigest {
    /// The digest's bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest as 64 hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The digest behind 64 hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0_u8; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Debug for KeyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyDigest(…)")
    }
}

/// Hashes credentials with the deployment's own key: HMAC-SHA-256 of the SHA-256 of the value.
///
/// The inner hash lets keys be imported from systems that store a SHA-256.
#[derive(Clone)]
pub struct KeyHasher(Hmac<Sha256>);

impl KeyHasher {
    /// A hasher under the deployment's HMAC key.
    #[must_use]
    pub fn new(hmac_key: &[u8; 32]) -> Self {
        // HMAC pads a short key with zeros to the hash's block; doing it here needs no error path.
        let mut block = [0_u8; 64];
        for (slot, byte) in block.iter_mut().zip(hmac_key) {
            *slot = *byte;
        }
        Self(Hmac::<Sha256>::new(&block.into()))
    }

    /// The digest of a credential.
    #[must_use]
    pub fn digest(&self, text: &str) -> KeyDigest {
        self.digest_of_sha256(Sha256::digest(text.as_bytes()).into())
    }

    /// The digest of a credential of which only the SHA-256 is known.
    #[must_use]
    pub fn digest_of_sha256(&self, inner: [u8; 32]) -> KeyDigest {
        let mut mac = self.0.clone();
        mac.update(&inner);
        KeyDigest(mac.finalize().into_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(kind: Kind) -> Secret {
        let random: Vec<u8> = (0..=255).map(|n: u16| (n * 7 % 256) as u8).collect();
        generate(kind, &random).unwrap()
    }

    #[test]
    fn a_new_key_is_well_formed() {
        let key = sample(Kind::Api);
        assert_eq!(key.expose().len(), 51);
        assert_eq!(examine(key.expose()), Form::WellFormed(Kind::Api));
        assert_eq!(examine(sample(Kind::Management).expose()), Form::WellFormed(Kind::Management));
    }

    #[test]
    fn each_single_mistake_is_noticed() {
        let key = sample(Kind::Api).expose().to_owned();
        for at in 3..key.len() {
            let mut damaged = key.clone().into_bytes();
            damaged[at] = if damaged[at] == b'x' { b'y' } else { b'x' };
            assert_eq!(
                examine(std::str::from_utf8(&damaged).unwrap()),
                Form::Damaged(Damage::Mistyped),
                "{at}"
            );
        }
        assert_eq!(examine(&key[..50]), Form::Damaged(Damage::CutOff));
        assert_eq!(examine(&format!("{key}0")), Form::Damaged(Damage::TooLong));
        assert_eq!(examine("sk-ant-api03-abc"), Form::Foreign);
        assert_eq!(examine("AIza"), Form::Foreign);
        assert_eq!(examine(""), Form::Foreign);
    }

    #[test]
    fn the_checksum_is_crc32_in_base62() {
        // CRC-32 of "123456789" is 0xCBF43926 = 3421780262.
        assert_eq!(checksum("123456789"), "3jZRME");
    }

    #[test]
    fn the_mask_shows_the_ends_only() {
        assert_eq!(mask("sk-9fQ2aaaaaaaaaaaaaaaaaaaaXa4c"), "sk-9fQ2…Xa4c");
        assert_eq!(mask("short"), "…");
    }

    #[test]
    fn a_digest_depends_on_the_deployment() {
        let (one, two) = (KeyHasher::new(&[1; 32]), KeyHasher::new(&[2; 32]));
        assert_ne!(one.digest("sk-a"), two.digest("sk-a"));
        let digest = one.digest("sk-a");
        assert_eq!(KeyDigest::from_hex(&digest.to_hex()), Some(digest));
    }
}
