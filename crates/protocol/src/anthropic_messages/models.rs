//! `GET /v1/models` and `GET /v1/models/{id}` in Anthropic's shape, and the answer of
//! `POST /v1/messages/count_tokens`.

use bytes::Bytes;

use crate::json::push_string;

/// One model of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model<'a> {
    /// The name to call it by.
    pub id: &'a str,
    /// The name to show.
    pub display_name: &'a str,
    /// When it was made, in seconds since 1970.
    pub created: i64,
}

/// The list, all on one page: `{"data":[…],"has_more":false,"first_id":…,"last_id":…}`.
#[must_use]
pub fn model_list<'a>(models: impl IntoIterator<Item = Model<'a>>) -> Bytes {
    let mut out = b"{\"data\":[".to_vec();
    let (mut first, mut last) = (None, None);
    for model in models {
        if last.is_some() {
            out.push(b',');
        }
        push_model(&mut out, &model);
        first = first.or(Some(model.id));
        last = Some(model.id);
    }
    out.extend_from_slice(b"],\"has_more\":false,\"first_id\":");
    push_or_null(&mut out, first);
    out.extend_from_slice(b",\"last_id\":");
    push_or_null(&mut out, last);
    out.push(b'}');
    Bytes::from(out)
}

/// One model alone.
#[must_use]
pub fn model_body(model: &Model<'_>) -> Bytes {
    let mut out = Vec::new();
    push_model(&mut out, model);
    Bytes::from(out)
}

/// A count of input tokens.
#[must_use]
pub fn count_body(tokens: u64) -> Bytes {
    Bytes::from(format!("{{\"input_tokens\":{tokens}}}"))
}

fn push_model(out: &mut Vec<u8>, model: &Model<'_>) {
    out.extend_from_slice(b"{\"type\":\"model\",\"id\":");
    push_string(out, model.id);
    out.extend_from_slice(b",\"display_name\":");
    push_string(out, model.display_name);
    out.extend_from_slice(b",\"created_at\":");
    push_string(out, &timestamp(model.created));
    out.push(b'}');
}

fn push_or_null(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => push_string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

/// A time in the form of RFC 3339. (H. Hinnant, "chrono-compatible low-level date algorithms",
/// `civil_from_days`: eras of 400 years that begin in March.)
fn timestamp(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_anthropics_shape() {
        let model = |id| Model { id, display_name: "X", created: 1_700_000_000 };
        let list = model_list([model("claude-x"), model("a/b:c\"")]);
        insta::assert_snapshot!(
            std::str::from_utf8(&list).unwrap(),
            @r#"{"data":[{"type":"model","id":"claude-x","display_name":"X","created_at":"2023-11-14T22:13:20Z"},{"type":"model","id":"a/b:c\"","display_name":"X","created_at":"2023-11-14T22:13:20Z"}],"has_more":false,"first_id":"claude-x","last_id":"a/b:c\""}"#
        );
        insta::assert_snapshot!(
            std::str::from_utf8(&model_list([])).unwrap(),
            @r#"{"data":[],"has_more":false,"first_id":null,"last_id":null}"#
        );
        assert_eq!(&*count_body(42), b"{\"input_tokens\":42}");
    }

    #[test]
    fn times_are_dates() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(-1), "1969-12-31T23:59:59Z");
        assert_eq!(timestamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(timestamp(1_735_689_599), "2024-12-31T23:59:59Z");
    }
}
