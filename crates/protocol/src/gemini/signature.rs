//! Thought signatures: what proves a thought or belongs to a call, between this dialect and the
//! canonical form.
//!
//! Between the dialects a seal of Gemini's own is marked by a prefix, so that it finds its way back
//! to Gemini and to nobody else. A seal of another provider that goes to a Gemini client must look
//! like a signature, which is base64; it is wrapped, and unwrapped when the client sends it back.

use super::base64;

/// Marks a seal as Gemini's own.
const OURS: &str = "gemini.";
/// Starts a wrapped seal of another provider.
const WRAPPED: &str = "tollkeeper.seal.v1:";
/// The same, of a thought whose words are hidden.
const WRAPPED_REDACTED: &str = "tollkeeper.redacted.v1:";

/// What Gemini 3 takes for the signature of a call that it did not make ("Thought signatures").
pub(super) const FOREIGN_CALL: &str = "skip_thought_signature_validator";
/// Another text that the documentation allows for it.
const FOREIGN_CALL_TOO: &str = "context_engineering_is_the_way_to_go";

/// A seal, and whether it is all there is of its thought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seal {
    pub(super) text: String,
    pub(super) redacted: bool,
}

/// The canonical seal of a signature that Gemini itself made.
pub(super) fn from_upstream(signature: &str) -> String {
    format!("{OURS}{signature}")
}

/// The canonical seal of a signature that a client sent back; nothing for a placeholder.
pub(super) fn from_client(signature: &str) -> Option<Seal> {
    if signature.is_empty() || [FOREIGN_CALL, FOREIGN_CALL_TOO].contains(&signature) {
        return None;
    }
    let wrapped = base64::decode(signature).and_then(|bytes| String::from_utf8(bytes).ok());
    if let Some(wrapped) = wrapped {
        for (prefix, redacted) in [(WRAPPED, false), (WRAPPED_REDACTED, true)] {
            if let Some(seal) = wrapped.strip_prefix(prefix) {
                return Some(Seal { text: seal.to_owned(), redacted });
            }
        }
    }
    Some(Seal { text: from_upstream(signature), redacted: false })
}

/// The signature to send to Gemini; nothing where the seal is another provider's.
pub(super) fn to_upstream(seal: &str) -> Option<&str> {
    seal.strip_prefix(OURS)
}

/// The signature to give a client.
pub(super) fn to_client(seal: &str, redacted: bool) -> String {
    match to_upstream(seal) {
        Some(signature) => signature.to_owned(),
        None => {
            let prefix = if redacted { WRAPPED_REDACTED } else { WRAPPED };
            base64::encode(format!("{prefix}{seal}").as_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_foreign_seal_comes_back(seal: String, redacted: bool) {
            prop_assume!(!seal.starts_with(OURS));
            let wanted = Seal { text: seal.clone(), redacted };
            prop_assert_eq!(from_client(&to_client(&seal, redacted)), Some(wanted));
            prop_assert_eq!(to_upstream(&seal), None);
        }
    }

    #[test]
    fn geminis_own_goes_back_as_it_came() {
        let seal = from_client("CiQB0e2Kb/8=").unwrap();
        assert_eq!(seal.text, "gemini.CiQB0e2Kb/8=");
        assert_eq!(to_upstream(&seal.text), Some("CiQB0e2Kb/8="));
        assert_eq!(to_client(&seal.text, false), "CiQB0e2Kb/8=");
        assert_eq!(from_client(FOREIGN_CALL), None);
    }
}
