//! What stands behind the question mark: filters and paging. A parameter that nobody asked for is
//! a mistake, because a misspelt filter would otherwise show everything.

use axum::extract::FromRequestParts;
use http::request::Parts;
use std::str::FromStr;
use utoipa::openapi::path::ParameterIn;

use super::value::Invalid;
use crate::endpoint::{Description, Part};
use crate::problem::{FieldError, Problem};
use crate::state::App;
use crate::wrong::Wrong;

/// What a query is read as.
pub(crate) trait ReadQuery: Send + Sized {
    /// The parameters and what they mean.
    const PARAMETERS: &'static [(&'static str, &'static str)];

    /// Reads the parameters.
    fn read(parameters: &mut Parameters) -> Option<Self>;
}

/// A request's query.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: ReadQuery> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let mut parameters = Parameters::of(parts)?;
        let value = T::read(&mut parameters);
        let errors = parameters.finish();
        match value {
            Some(value) if errors.is_empty() => Ok(Self(value)),
            _ => Err(Problem::fields(errors)),
        }
    }
}

impl<T: ReadQuery> Part for Query<T> {
    fn describe(description: &mut Description) {
        for (name, text) in T::PARAMETERS {
            description.parameter(ParameterIn::Query, name, text);
        }
        description.problem(422, "A parameter is unknown or wrong.");
    }
}

/// A query that is being read.
#[derive(Debug, Default)]
pub(crate) struct Parameters {
    pairs: Vec<(String, String)>,
    asked: Vec<&'static str>,
    errors: Vec<FieldError>,
}

impl Parameters {
    fn of(parts: &Parts) -> Result<Self, Problem> {
        let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| Problem::field("query", Wrong::Query))?;
        Ok(Self { pairs: query.0, ..Self::default() })
    }

    /// A parameter; an empty one counts as missing. None if it is missing or wrong.
    pub(crate) fn take<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.asked.push(name);
        let mut values =
            self.pairs.iter().filter(|(known, value)| known == name && !value.is_empty());
        let (first, second) = (values.next(), values.next());
        if second.is_some() {
            self.error(name, "duplicate", &Wrong::ParameterGivenTwice);
            return None;
        }
        let (_, value) = first?;
        match read(value) {
            Ok(found) => Some(found),
            Err(invalid) => {
                self.error(name, "invalid", &invalid.wrong);
                None
            }
        }
    }

    /// A parameter that parses from its text.
    pub(crate) fn parse<T: FromStr>(&mut self, name: &'static str) -> Option<T>
    where
        T::Err: Into<Wrong>,
    {
        self.take(name, |text| text.parse().map_err(|error: T::Err| Invalid::new(error)))
    }

    /// A parameter that is any text, at most 200 characters; empty if it is missing.
    pub(crate) fn text(&mut self, name: &'static str) -> String {
        self.take(name, |text| super::value::checked_text(&(0..=200), text.to_owned()))
            .unwrap_or_default()
    }

    fn finish(mut self) -> Vec<FieldError> {
        let unknown: Vec<String> = self
            .pairs
            .iter()
            .filter(|(name, _)| !self.asked.contains(&name.as_str()))
            .map(|(name, _)| name.chars().take(100).collect())
            .collect();
        let wrong = Wrong::NoSuchParameter { names: self.asked.join(", ") };
        for name in unknown {
            self.error(&name, "unknown", &wrong);
        }
        self.errors
    }

    fn error(&mut self, name: &str, code: &'static str, wrong: &Wrong) {
        self.errors.push(FieldError::new(name, code, wrong));
    }

    /// The names that a query asks for.
    #[cfg(test)]
    pub(crate) fn asked_by<T: ReadQuery>() -> Vec<&'static str> {
        let mut parameters = Self::default();
        T::read(&mut parameters);
        parameters.asked
    }
}

/// Reads a date and time.
pub(crate) fn time(text: &str) -> Result<domain::time::UnixMillis, Invalid> {
    domain::time::UnixMillis::parse_rfc3339(text).map_err(|_| Invalid::new(Wrong::TimeParameter))
}

/// Which part of a list is asked for.
#[derive(Debug)]
pub(crate) struct Page<T> {
    /// The last thing of the page before.
    pub(crate) after: Option<T>,
    /// The most things to give.
    pub(crate) limit: u32,
}

/// What `limit` means, for descriptions.
pub(crate) const LIMIT: (&str, &str) =
    ("limit", "The most things to give, 1 to 200; 50 if left out.");
/// What `cursor` means, for descriptions.
pub(crate) const CURSOR: (&str, &str) = ("cursor", "`next_cursor` of the page before.");

impl<T: FromStr> Page<T> {
    /// Reads `limit` and `cursor`.
    pub(crate) fn read(parameters: &mut Parameters) -> Self {
        let limit = parameters.take("limit", |text| {
            let number = text.parse().ok().filter(|number| (1..=200).contains(number));
            number.ok_or_else(|| Invalid::new(Wrong::WholeNumber { least: 1, most: 200 }))
        });
        let after =
            parameters.take("cursor", |text| text.parse().map_err(|_| Invalid::new(Wrong::Cursor)));
        Self { after, limit: limit.unwrap_or(50) }
    }
}

impl<T> Page<T> {
    /// One more than the page holds: if it comes, there is a next page.
    pub(crate) const fn look_ahead(&self) -> u32 {
        self.limit.saturating_add(1)
    }
}
