//! The templates that everybody has. A user's own of the same name takes their place.

/// Names and fields.
pub(super) const fn all() -> [(&'static str, &'static str); 3] {
    [
        (
            "development",
            r#"{"monthly_limit":{"amount":10},"rate_limits":{"requests_per_minute":60,"parallel":4},"tags":["development"]}"#,
        ),
        (
            "production",
            r#"{"monthly_limit":{"amount":500},"soft_limit":{"window":"month","amount":400},"tags":["production"]}"#,
        ),
        (
            "temporary",
            r#"{"expires_in_seconds":604800,"quota":5,"permissions":"inference","tags":["temporary"]}"#,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use crate::keys::templates::TemplateFields;
    use crate::request::body::read;

    #[test]
    fn each_can_be_read() {
        for (name, body) in super::all() {
            assert!(read::<TemplateFields>(body.as_bytes()).is_ok(), "{name}");
        }
    }
}
