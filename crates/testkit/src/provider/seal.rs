//! Seals: what the provider issues with a thought and knows again when it is sent back.
//!
//! Anthropic's `signature`, OpenAI's `encrypted_content` and Gemini's `thoughtSignature` are
//! opaque to everyone else. Here each is a check sum over its content, in base64: enough to see
//! that a gateway carried it untouched and with the content that it belongs to.

/// What a seal is for; one kind's seal is no good for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Thinking,
    Reasoning,
    FunctionCall,
}

/// The seal of this content.
pub(super) fn seal(kind: Kind, content: &str) -> String {
    let name = match kind {
        Kind::Thinking => "thinking",
        Kind::Reasoning => "reasoning",
        Kind::FunctionCall => "function-call",
    };
    let first = fnv(&[name, "\u{0}", content]);
    let second = fnv(&[content, "\u{1}", name]);
    let mut bytes = b"simulated ".to_vec();
    bytes.extend(first.to_be_bytes());
    bytes.extend(second.to_be_bytes());
    base64(&bytes)
}

/// Whether this is the content's seal.
pub(super) fn is_genuine(kind: Kind, content: &str, found: &str) -> bool {
    found == seal(kind, content)
}

/// 64-bit FNV-1a: the same in every build, which the standard hasher does not promise.
pub(super) fn fnv(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Standard base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4_usize {
            let digit = (bits >> (18 - 6 * place)) & 63;
            let digit = DIGITS.get(digit as usize).map_or('=', |&digit| char::from(digit));
            text.push(if place > three.len() { '=' } else { digit });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        assert_eq!(base64(b"f"), "Zg==");
        assert_eq!(base64(b"fo"), "Zm8=");
        assert_eq!(base64(b"foo"), "Zm9v");
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
    }

    #[test]
    fn a_seal_is_good_for_its_content_and_kind_alone() {
        let sealed = seal(Kind::Thinking, "let me see");
        assert!(is_genuine(Kind::Thinking, "let me see", &sealed));
        assert!(!is_genuine(Kind::Thinking, "let me look", &sealed));
        assert!(!is_genuine(Kind::Reasoning, "let me see", &sealed));
    }
}
