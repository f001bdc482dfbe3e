//! Reasons that programs tell apart and people read: a stable code, the values in the sentence, and
//! the sentence in English. Whoever speaks another language makes theirs of code and values.

/// A reason as answers carry it.
pub trait Reason: std::fmt::Display {
    /// Its stable name.
    fn code(&self) -> &'static str;

    /// What its sentence names, as texts.
    fn values(&self) -> std::collections::BTreeMap<&'static str, String>;
}

/// Makes an enum of reasons: each variant with its values, its code, and its sentence in English,
/// in which `{name}` stands for the value of that name. `SENTENCES` has all of them, so that a test
/// can hold the translations to it.
#[macro_export]
macro_rules! reasons {
    (
        $(#[$doc:meta])*
        $seen:vis enum $name:ident {
            $($variant:ident $({ $($value:ident: $kind:ty),* $(,)? })? = $code:literal, $text:literal;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        $seen enum $name {
            $(#[doc = $text] $variant $({ $(#[doc = "Stands in the sentence."] $value: $kind),* })?,)*
        }

        impl $name {
            /// Each code with its sentence.
            #[cfg(test)]
            $seen const SENTENCES: &'static [(&'static str, &'static str)] = &[$(($code, $text)),*];
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self { $(Self::$variant $({ $($value),* })? => write!(f, $text),)* }
            }
        }

        impl $crate::reason::Reason for $name {
            fn code(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $code,)* }
            }

            fn values(&self) -> std::collections::BTreeMap<&'static str, String> {
                match self {
                    $(Self::$variant $({ $($value),* })? => {
                        [$($((stringify!($value), $value.to_string())),*)?].into()
                    })*
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::Reason;

    reasons! {
        /// Why not.
        enum Why {
            Late = "late", "It is late.";
            Far { miles: u8, town: String } = "far", "It is {miles} miles to {town}.";
        }
    }

    #[test]
    fn a_reason_is_a_sentence_a_code_and_values() {
        let far = Why::Far { miles: 3, town: "Ulm".to_owned() };
        assert_eq!(far.to_string(), "It is 3 miles to Ulm.");
        assert_eq!((far.code(), far.values()["town"].as_str()), ("far", "Ulm"));
        assert!(Why::Late.values().is_empty());
        assert_eq!(
            Why::SENTENCES,
            [("late", "It is late."), ("far", "It is {miles} miles to {town}.")]
        );
    }
}
