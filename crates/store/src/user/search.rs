//! What a person typed into a search field, as a `LIKE` pattern.

/// A pattern for texts that contain this one literally, to be used with `ESCAPE '\'`; empty for
/// the empty text, which searches for nothing in particular.
pub(crate) fn containing(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return String::new();
    }
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::containing;

    #[test]
    fn wildcards_are_taken_literally() {
        assert_eq!(containing(r"50%_\x"), r"%50\%\_\\x%");
        assert_eq!(containing("  "), "");
    }
}
