//! Tables for spreadsheets: written page by page as they are read, so that a long one takes no more
//! memory than a short one.
//!
//! A text that a spreadsheet would take for a formula gets an apostrophe in front; amounts are exact
//! decimals.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use std::fmt::Write;

use crate::problem::Problem;

/// Rows of a table, one after the other.
#[derive(Default)]
pub(crate) struct Rows {
    text: String,
    in_row: bool,
}

impl Rows {
    /// A row of names.
    pub(crate) fn head(names: &[&str]) -> Self {
        let mut rows = Self::default();
        for name in names {
            rows.text(name);
        }
        rows.end();
        rows
    }

    /// A cell that somebody else may have chosen.
    pub(crate) fn text(&mut self, text: &str) {
        self.separate();
        let formula = text
            .trim_start()
            .starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
            || text.starts_with(['\t', '\r', '\n']);
        let quoted = formula || text.contains([',', '"', '\n', '\r', ';']);
        if !quoted {
            self.text.push_str(text);
            return;
        }
        self.text.push('"');
        if formula {
            self.text.push('\'');
        }
        self.text.push_str(&text.replace('"', "\"\""));
        self.text.push('"');
    }

    /// A number, an amount, a time or an id.
    pub(crate) fn value(&mut self, value: impl std::fmt::Display) {
        self.separate();
        // Writing to a text cannot fail.
        let _ = write!(self.text, "{value}");
    }

    /// The same where there may be none.
    pub(crate) fn optional(&mut self, value: Option<impl std::fmt::Display>) {
        match value {
            Some(value) => self.value(value),
            None => self.separate(),
        }
    }

    /// Ends a row.
    pub(crate) fn end(&mut self) {
        self.text.push_str("\r\n");
        self.in_row = false;
    }

    fn separate(&mut self) {
        if self.in_row {
            self.text.push(',');
        }
        self.in_row = true;
    }
}

/// A table whose pages are asked for one after the other, each with what the one before left; none:
/// it was the last.
pub(crate) fn pages<S, F>(
    name: &'static str,
    head: &[&str],
    first: S,
    page: impl Fn(S) -> F + Send + Sync + 'static,
) -> Response
where
    S: Send + 'static,
    F: Future<Output = Result<(Rows, Option<S>), Problem>> + Send + 'static,
{
    enum Step<S> {
        Head(String, S),
        Page(S),
        End,
    }
    let start = Step::Head(Rows::head(head).text, first);
    let page = std::sync::Arc::new(page);
    let stream = stream::unfold(start, move |step| {
        let page = std::sync::Arc::clone(&page);
        async move {
            match step {
                Step::Head(text, first) => Some((Ok(Bytes::from(text)), Step::Page(first))),
                Step::Page(state) => match page(state).await {
                    Ok((rows, next)) => {
                        let next = next.map_or(Step::End, Step::Page);
                        Some((Ok(Bytes::from(rows.text)), next))
                    }
                    // The head is out: a table that ends early must not look whole.
                    Err(_) => Some((Err(std::io::Error::other("the table broke off")), Step::End)),
                },
                Step::End => None,
            }
        }
    });
    let mut response = Body::from_stream(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str) -> String {
        let mut rows = Rows::default();
        rows.text(text);
        rows.text
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_a_text() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n@x", "＝1"] {
            assert_eq!(cell(text), format!("\"'{text}\""), "{text:?}");
        }
        assert_eq!(cell("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(cell("gpt-5"), "gpt-5");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"hi\"\r\n"), "\"say \"\"hi\"\"\r\n\"");
        let mut rows = Rows::head(&["a", "b", "c"]);
        rows.value(domain::money::Nanos::new(-1_500_000_000));
        rows.optional(None::<i64>);
        rows.text("");
        rows.end();
        assert_eq!(rows.text, "a,b,c\r\n-1.5,,\r\n");
    }
}
