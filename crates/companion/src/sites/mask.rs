//! Masked values: telling them from whole ones, and whether a whole one fits.

/// Whether a text has its middle left out.
#[must_use]
pub fn is_masked(text: &str) -> bool {
    text.contains(['*', '…', '•']) || text.contains("...")
}

/// Whether a value could be the one behind a mask. A mask that shows nothing fits every value.
#[must_use]
pub fn fits(value: &str, mask: &str) -> bool {
    let bare = |text: &str| text.strip_prefix("sk-").unwrap_or(text).to_owned();
    let (value, mask) = (bare(value.trim()), bare(mask.trim()));
    let hidden = |character: char| matches!(character, '*' | '…' | '•' | '.');
    let head = mask.split(hidden).next().unwrap_or_default();
    let tail = mask.rsplit(hidden).next().unwrap_or_default();
    !is_masked(&value)
        && value.len() > head.len() + tail.len()
        && value.starts_with(head)
        && value.ends_with(tail)
}

/// A whole value as lists show it, `sk-` included.
#[must_use]
pub fn mask(value: &str) -> String {
    domain::key::mask(&with_prefix(value))
}

/// The value as clients send it: lists of new-api leave `sk-` out.
#[must_use]
pub fn with_prefix(value: &str) -> String {
    if value.starts_with("sk-") { value.to_owned() } else { format!("sk-{value}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "sk-aB3dEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghxY9z";

    #[test]
    fn a_value_fits_its_own_mask() {
        for mask in [
            "aB3d**********xY9z",
            "sk-aB3d**********xY9z",
            "sk-aB3d…xY9z",
            "sk-aB3d...xY9z",
            "**********",
            "aB3d**********",
        ] {
            assert!(is_masked(mask), "{mask}");
            assert!(fits(VALUE, mask) && fits(&VALUE[3..], mask), "{mask}");
        }
    }

    #[test]
    fn another_value_or_a_mask_does_not() {
        assert!(!fits(VALUE, "aB3e**********xY9z"));
        assert!(!fits(VALUE, "aB3d**********xY9Z"));
        assert!(!fits("aB3d**********xY9z", "aB3d**********xY9z"));
        assert!(!fits("sk-aB3dxY9z", "aB3d**********xY9z"));
        assert!(!fits("", "****"));
        assert!(!is_masked(VALUE));
    }

    #[test]
    fn a_whole_value_is_masked() {
        assert_eq!(mask(&VALUE[3..]), "sk-aB3d…xY9z");
        assert_eq!(mask("short"), "…");
    }
}
