//! A submitted form, and what the API found wrong with it.
//!
//! Inputs are named as the API names the fields, so `errors` of a problem find their inputs:
//! `daily_limit.amount` is one, and `ip_allowlist[2]` belongs to `ip_allowlist`.

use axum::extract::{FromRequest, Request};
use http_body_util::{BodyExt, Limited};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::language::{Message, Words};
use crate::trouble::{Problem, Trouble};

/// No form is larger.
const LARGEST: usize = 1 << 20;

/// What was typed in, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form {
    pairs: Vec<(String, String)>,
    errors: Vec<(String, String)>,
    /// What is wrong with the whole.
    pub(crate) problem: Option<String>,
}

/// What the API says of an input that was left empty, where it expects something.
const SAID_OF_NOTHING: [&str; 9] = [
    "amount",
    "email",
    "email_target",
    "length",
    "passphrase",
    "rate",
    "text",
    "whole_number",
    "whole_number_from_zero",
];

impl Form {
    /// A form with these values.
    pub(crate) fn of<V: Into<String>>(pairs: impl IntoIterator<Item = (&'static str, V)>) -> Self {
        let pairs =
            pairs.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Self { pairs, ..Self::default() }
    }

    /// The same form, with other values that go before its own.
    pub(crate) fn before(mut self, mut pairs: Vec<(String, String)>) -> Self {
        pairs.append(&mut self.pairs);
        self.pairs = pairs;
        self
    }

    /// With one more value.
    pub(crate) fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.pairs.push((name.into(), value.into()));
        self
    }

    /// Something of ours that is wrong with a field.
    pub(crate) fn add_error(&mut self, field: &str, message: String) {
        self.errors.push((field.to_owned(), message));
    }

    /// The same without an input's values, which are not to be sent back.
    pub(crate) fn forget(&mut self, name: &str) {
        self.pairs.retain(|(known, _)| known != name);
    }

    /// Shows what is wrong with a field, or with a member of it, beside another input: one input
    /// may hold a whole map.
    pub(crate) fn show_at(&mut self, field: &str, input: &str) {
        for (known, message) in &mut self.errors {
            let Some(rest) = known.strip_prefix(field) else { continue };
            let member = rest.strip_prefix('.').map(ToOwned::to_owned);
            if let Some(member) = member {
                *message = format!("{member}: {message}");
                *known = input.to_owned();
            } else if rest.is_empty() || rest.starts_with('[') {
                *known = format!("{input}{rest}");
            }
        }
    }

    /// The lines of an input that are not empty.
    pub(crate) fn lines(&self, name: &str) -> Vec<&str> {
        self.text(name).lines().map(str::trim).filter(|line| !line.is_empty()).collect()
    }

    /// The lines of an input as an object: a name and a value, parted by this sign.
    pub(crate) fn json_map(&self, name: &str, sign: char) -> Value {
        let pairs = self.lines(name).into_iter().map(|line| match line.split_once(sign) {
            Some((name, value)) => (name.trim().to_owned(), json!(value.trim())),
            None => (line.to_owned(), Value::Null),
        });
        Value::Object(pairs.collect())
    }

    /// The first value of an input, without blanks at its ends.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// Whether an input has this value.
    pub(crate) fn is(&self, name: &str, value: &str) -> bool {
        self.text(name) == value
    }

    /// Every value of an input.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let pairs = self.pairs.iter().filter(|(known, _)| known == name);
        pairs.map(|(_, value)| value.as_str()).collect()
    }

    /// Whether one of an input's values is this.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.pairs.iter().any(|(known, other)| known == name && other == value)
    }

    /// The entries of an input that takes several: one a line, or parted by commas or blanks.
    pub(crate) fn entries(&self, name: &str) -> Vec<&str> {
        let parted = |c: char| c == ',' || c == '，' || c.is_whitespace();
        self.text(name).split(parted).filter(|entry| !entry.is_empty()).collect()
    }

    /// What is wrong with a field.
    pub(crate) fn error(&self, name: &str) -> Option<&str> {
        let of = |field: &str| {
            field == name || field.strip_prefix(name).is_some_and(|rest| rest.starts_with('['))
        };
        self.errors.iter().find(|(field, _)| of(field)).map(|(_, message)| message.as_str())
    }

    /// Whether anything is wrong.
    pub(crate) fn is_wrong(&self) -> bool {
        self.problem.is_some() || !self.errors.is_empty()
    }

    /// Whether any of these fields is wrong, so that the part which holds them is opened.
    pub(crate) fn any_error(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.error(name).is_some())
    }

    /// Takes the API's refusal of what was typed in; another trouble is given back.
    pub(crate) fn refused(&mut self, trouble: Trouble, words: Words) -> Result<(), Trouble> {
        match trouble {
            Trouble::Refused(problem) if matches!(problem.status, 400 | 409 | 412 | 422 | 429) => {
                self.take(&problem, words);
                Ok(())
            }
            other => Err(other),
        }
    }

    /// The first value of an input as it was typed: blanks belong to a password.
    pub(crate) fn exact(&self, name: &str) -> &str {
        self.pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    /// The same values, with nothing wrong.
    pub(crate) fn again(self) -> Self {
        Self { pairs: self.pairs, ..Self::default() }
    }

    /// Says what is wrong with a field.
    pub(crate) fn fail(&mut self, field: &str, message: impl Into<String>) {
        self.errors.push((field.to_owned(), message.into()));
    }

    /// The same for any problem.
    pub(crate) fn take(&mut self, problem: &Problem, words: Words) {
        for error in &problem.errors {
            let message = match error.code.as_str() {
                "required" => words.say(Message("form-required")).into_owned(),
                _ if SAID_OF_NOTHING.contains(&error.reason.as_str())
                    && self.is_blank(&error.field) =>
                {
                    words.say(Message("form-required")).into_owned()
                }
                _ => error.sentence(words),
            };
            self.errors.push((error.field.clone(), message));
        }
        self.problem = Some(problem.sentence(words));
    }

    /// Whether an input is there and was left empty.
    fn is_blank(&self, name: &str) -> bool {
        let mut values = self.pairs.iter().filter(|(known, _)| known == name).peekable();
        values.peek().is_some() && values.all(|(_, value)| value.trim().is_empty())
    }

    /// The value of an input as JSON: a text, or null if it is empty.
    pub(crate) fn json(&self, name: &str) -> Value {
        let text = self.text(name);
        if text.is_empty() { Value::Null } else { json!(text) }
    }

    /// A whole number as JSON; what is none goes as it is, and the API says what it expects.
    pub(crate) fn json_number(&self, name: &str) -> Value {
        let text = self.text(name).replace([',', '_'], "");
        match text.parse::<i64>() {
            _ if text.is_empty() => Value::Null,
            Ok(number) => json!(number),
            Err(_) => json!(text),
        }
    }

    /// An amount of dollars as JSON; a dollar sign and groups of digits are taken away.
    pub(crate) fn json_usd(&self, name: &str) -> Value {
        let text = self.text(name).replace(['$', ',', '，', ' '], "");
        if text.is_empty() { Value::Null } else { json!(text) }
    }
}

/// An object of the members that are given.
pub(crate) fn object(members: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::Object(
        members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>(),
    )
}

/// A time as `<input type="datetime-local">` has it, in UTC, as JSON; null if it is empty.
pub(crate) fn utc(text: &str) -> Value {
    let seconds = if text.len() == 16 { ":00Z" } else { "Z" };
    if text.is_empty() { Value::Null } else { json!(format!("{text}{seconds}")) }
}

impl FromRequest<App> for Form {
    type Rejection = Trouble;

    async fn from_request(request: Request, _: &App) -> Result<Self, Trouble> {
        let body = Limited::new(request.into_body(), LARGEST);
        let bytes = body.collect().await.map_err(|_| Trouble::BadForm)?.to_bytes();
        let pairs = form_urlencoded::parse(&bytes)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        Ok(Self { pairs, ..Self::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;
    use crate::trouble::FieldError;

    #[test]
    fn errors_find_their_inputs() {
        let mut form = Form::of([("ip_allowlist", "10.0.0.0/8，x\n::1")]);
        assert_eq!(form.entries("ip_allowlist"), ["10.0.0.0/8", "x", "::1"]);
        let error = |field: &str| FieldError {
            field: field.into(),
            code: "invalid".into(),
            message: format!("wrong {field}"),
            ..FieldError::default()
        };
        let errors = vec![error("ip_allowlist[1]"), error("daily_limit.amount")];
        let problem = Problem { status: 422, errors, ..Problem::default() };
        form.take(&problem, Words::of(Language::English));
        assert_eq!(form.error("ip_allowlist"), Some("wrong ip_allowlist[1]"));
        assert_eq!(form.error("daily_limit.amount"), Some("wrong daily_limit.amount"));
        assert_eq!(form.error("daily_limit"), None);
        assert!(form.any_error(&["name", "ip_allowlist"]));
    }

    #[test]
    fn amounts_are_read_as_people_type_them() {
        let form = Form::of([("a", "$1,000.50"), ("b", ""), ("c", "1,000"), ("d", "many")]);
        assert_eq!(form.json_usd("a"), json!("1000.50"));
        assert_eq!(form.json_usd("b"), Value::Null);
        assert_eq!(form.json_number("c"), json!(1000));
        assert_eq!(form.json_number("d"), json!("many"));
    }
}
