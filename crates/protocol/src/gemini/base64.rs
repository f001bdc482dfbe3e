//! Base64 as far as thought signatures and inline data need it: the standard alphabet, padded.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes in base64.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 0x3F;
            let known = ALPHABET.get(digit as usize).filter(|_| place <= group.len());
            out.push(char::from(*known.unwrap_or(&b'=')));
        }
    }
    out
}

/// The bytes behind base64, in either alphabet, padded or not; nothing where it is none.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    for group in digits.as_bytes().chunks(4) {
        let mut bits = 0;
        for place in 0..4 {
            bits = (bits << 6) | group.get(place).map_or(Some(0), |digit| value(*digit))?;
        }
        let bytes = u32::to_be_bytes(bits);
        let whole = match group.len() {
            4 => 3,
            3 => 2,
            2 => 1,
            _ => return None,
        };
        out.extend_from_slice(bytes.get(1..=whole)?);
    }
    Some(out)
}

/// The same base64 in the standard alphabet, padded. Google takes either alphabet, others do not.
pub(super) fn standard(text: &str) -> String {
    let mut out: String = text
        .trim_end_matches('=')
        .chars()
        .map(|digit| match digit {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    while !out.len().is_multiple_of(4) {
        out.push('=');
    }
    out
}

fn value(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rfc_4648s_vectors() {
        let vectors = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (length, encoded) in vectors.into_iter().enumerate() {
            assert_eq!(encode(&b"foobar"[..length]), encoded);
        }
        assert_eq!(standard("_-8"), "/+8=");
        assert_eq!(decode("not base64!"), None);
    }

    proptest! {
        #[test]
        fn bytes_read_back(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert_eq!(decode(&text), Some(bytes.clone()));
            let other = text.replace('+', "-").replace('/', "_");
            prop_assert_eq!(decode(other.trim_end_matches('=')), Some(bytes));
            prop_assert_eq!(standard(other.trim_end_matches('=')), text);
        }

        #[test]
        fn anything_is_read_without_a_panic(text: String) {
            decode(&text);
            standard(&text);
        }
    }
}
