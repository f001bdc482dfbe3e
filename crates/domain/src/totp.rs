//! One-time codes of an authenticator app: RFC 6238 with its defaults, which every app knows
//! (SHA-1, six digits, a new code every 30 seconds).

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use crate::time::UnixMillis;

/// Bytes of a secret: as many as SHA-1 gives, as RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;
/// How long a code stands, in milliseconds.
const STEP: i64 = 30_000;

/// The number of the step that a time falls into.
#[must_use]
pub const fn step(now: UnixMillis) -> i64 {
    now.get() / STEP
}

/// The six digits of a step.
#[must_use]
pub fn code(secret: &[u8], step: i64) -> String {
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return String::new() };
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest.last().copied().unwrap_or_default() & 15);
    let word =
        digest.iter().skip(offset).take(4).fold(0_u32, |word, byte| (word << 8) | u32::from(*byte));
    format!("{:06}", (word & 0x7fff_ffff) % 1_000_000)
}

/// The step whose code this is: the present one, or the one before or after, because clocks differ.
#[must_use]
pub fn matching_step(secret: &[u8], given: &str, now: UnixMillis) -> Option<i64> {
    let present = step(now);
    // All three are compared whole: how long it takes says nothing.
    [present - 1, present, present + 1]
        .into_iter()
        .filter(|candidate| same(code(secret, *candidate).as_bytes(), given.as_bytes()))
        .max()
}

fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six of the eight digits.
    #[test]
    fn the_standard_s_examples() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = UnixMillis::new(seconds * 1_000);
            assert_eq!(code(b"12345678901234567890", step(now)), expected);
        }
    }

    #[test]
    fn a_code_stands_for_a_step_before_and_after() {
        let (secret, now) = (b"12345678901234567890", UnixMillis::new(3_000_000));
        let present = step(now);
        for (offset, found) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let given = code(secret, present + offset);
            assert_eq!(matching_step(secret, &given, now), found.then_some(present + offset));
        }
        assert_eq!(matching_step(secret, "", now), None);
    }
}
