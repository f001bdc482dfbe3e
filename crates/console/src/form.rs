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

impl Form {
    /// A form with these values.
    pub(crate) fn of<V: Into<String>>(pairs: impl IntoIterator<Item = (&'static str, V)>) -> Self {
        let pairs =
            pairs.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        Self { pairs, ..Self::default() }
    }

    /// The first value of an input, without blanks at its ends.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
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

    /// The same for any problem.
    pub(crate) fn take(&mut self, problem: &Problem, words: Words) {
        for error in &problem.errors {
            let message = match error.code.as_str() {
                "required" => words.say(Message("form-required")).into_owned(),
                _ => error.message.clone(),
            };
            self.errors.push((error.field.clone(), message));
        }
        self.problem = Some(problem.sentence(words));
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
