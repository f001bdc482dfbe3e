//! Seals of thoughts on their way through a Responses client, which keeps one unread text with a
//! reasoning item (`encrypted_content`) and sends it back.
//!
//! OpenAI's own seals start with `gAAAA` and pass as they are. Another provider's are marked, so
//! that they come back as what they were and are never sent to OpenAI, which refuses what it did
//! not seal itself. A provider that seals calls (Gemini) has its seals carried by a reasoning item
//! of their own behind the call.

const OPENAIS: &str = "gAAAA";
const SEAL: &str = "tollkeeper.seal.v1:";
const REDACTED: &str = "tollkeeper.redacted.v1:";
const SIGNATURE: &str = "tollkeeper.signature.v1:";

/// What a client sent back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Returned {
    /// A thought's seal.
    Seal(String),
    /// The seal of a thought that is nothing else.
    Redacted(String),
    /// A call's seal.
    Signature { call: String, signature: String },
}

/// Whether OpenAI made the seal.
pub(super) fn is_openais(seal: &str) -> bool {
    seal.starts_with(OPENAIS)
}

/// A thought's seal, for a client to keep.
pub(super) fn for_client(seal: &str, redacted: bool) -> String {
    match redacted {
        true => format!("{REDACTED}{seal}"),
        false if is_openais(seal) => seal.to_owned(),
        false => format!("{SEAL}{seal}"),
    }
}

/// A call's seal, for a client to keep.
pub(super) fn signature_for_client(call: &str, signature: &str) -> String {
    format!("{SIGNATURE}{}:{call}{signature}", call.len())
}

/// What a client kept.
pub(super) fn from_client(kept: String) -> Returned {
    if let Some(seal) = kept.strip_prefix(SEAL) {
        return Returned::Seal(seal.to_owned());
    }
    if let Some(seal) = kept.strip_prefix(REDACTED) {
        return Returned::Redacted(seal.to_owned());
    }
    match kept.strip_prefix(SIGNATURE).and_then(call_and_signature) {
        Some((call, signature)) => {
            Returned::Signature { call: call.to_owned(), signature: signature.to_owned() }
        }
        None => Returned::Seal(kept),
    }
}

fn call_and_signature(text: &str) -> Option<(&str, &str)> {
    let (length, rest) = text.split_once(':')?;
    rest.split_at_checked(length.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn seals_come_back(seal: String, call: String, redacted: bool) {
            let back = from_client(for_client(&seal, redacted));
            let expected = if redacted { Returned::Redacted } else { Returned::Seal };
            prop_assert_eq!(back, expected(seal.clone()));
            prop_assert_eq!(
                from_client(signature_for_client(&call, &seal)),
                Returned::Signature { call, signature: seal }
            );
        }

        #[test]
        fn anything_can_come(text: String) {
            from_client(format!("{SIGNATURE}{text}"));
            prop_assert_eq!(from_client(text.clone()), Returned::Seal(text));
        }
    }

    #[test]
    fn openais_seals_are_not_marked() {
        assert_eq!(for_client("gAAAAx", false), "gAAAAx");
        assert_eq!(for_client("EqAB", false), "tollkeeper.seal.v1:EqAB");
    }
}
