//! A place in a request's JSON that knows its path, and what can be wrong there.
//!
//! The dialects' checks walk a body with it; `refusal.rs` puts a [`Fault`] into a dialect's words.

use serde_json::{Map, Value};

/// A value and where it stands: `messages[0].content`; the root's path is empty.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pub(super) path: String,
}

/// What is wrong with a request, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) path: String,
    pub(super) problem: Problem,
    /// The error's `code`, where a dialect has one.
    pub(super) code: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    Missing,
    /// A field that nobody knows; the path names it.
    Unknown,
    WrongType {
        expected: &'static str,
        got: &'static str,
    },
    NotOneOf {
        got: String,
        allowed: Vec<String>,
    },
    /// In the words given.
    Said(String),
}

pub(super) type Checked<T = ()> = Result<T, Fault>;

impl<'a> Node<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    /// A field; `None` if it is absent or null.
    pub(super) fn field(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Self { value, path: self.path_of(name) })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.field(name).is_some()
    }

    pub(super) fn need(&self, name: &str) -> Checked<Self> {
        self.field(name).ok_or_else(|| Fault {
            path: self.path_of(name),
            problem: Problem::Missing,
            code: Some("missing_required_parameter"),
        })
    }

    pub(super) fn text(&self) -> Checked<&'a str> {
        self.value.as_str().ok_or_else(|| self.wrong("a string"))
    }

    pub(super) fn whole(&self) -> Checked<u64> {
        self.value.as_u64().ok_or_else(|| self.wrong("an integer"))
    }

    pub(super) fn flag(&self) -> Checked<bool> {
        self.value.as_bool().ok_or_else(|| self.wrong("a boolean"))
    }

    pub(super) fn object(&self) -> Checked<&'a Map<String, Value>> {
        self.value.as_object().ok_or_else(|| self.wrong("an object"))
    }

    pub(super) fn items(&self) -> Checked<Vec<Self>> {
        let items = self.value.as_array().ok_or_else(|| self.wrong("an array"))?;
        let at = |(index, value)| Self { value, path: format!("{}[{index}]", self.path) };
        Ok(items.iter().enumerate().map(at).collect())
    }

    /// Refuses every field but these.
    pub(super) fn only(&self, known: &[&str]) -> Checked {
        match self.object()?.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(Fault {
                path: self.path_of(name),
                problem: Problem::Unknown,
                code: Some("unknown_parameter"),
            }),
        }
    }

    pub(super) fn one_of(&self, allowed: &[&str]) -> Checked<&'a str> {
        let text = self.text()?;
        if allowed.contains(&text) {
            return Ok(text);
        }
        let allowed = allowed.iter().map(|&it| it.to_owned()).collect();
        Err(Fault {
            path: self.path.clone(),
            problem: Problem::NotOneOf { got: text.to_owned(), allowed },
            code: Some("invalid_value"),
        })
    }

    pub(super) fn number_within(&self, least: f64, most: f64) -> Checked {
        let number = self.value.as_f64().ok_or_else(|| self.wrong("a decimal"))?;
        if (least..=most).contains(&number) {
            return Ok(());
        }
        let bound = if number < least { ("minimum", ">=", least) } else { ("maximum", "<=", most) };
        let (side, sign, value) = bound;
        Err(self.fault(format!(
            "Invalid '{}': decimal {side} value exceeded. Expected a value {sign} {value}, but got \
             {number} instead.",
            self.path
        )))
    }

    pub(super) fn whole_from(&self, least: u64) -> Checked<u64> {
        let number = self.whole()?;
        if number >= least {
            return Ok(number);
        }
        Err(self.fault(format!(
            "Invalid '{}': integer below minimum value. Expected a value >= {least}, but got \
             {number} instead.",
            self.path
        )))
    }

    /// Checks the fields that are there, by name.
    pub(super) fn each_if_there(
        &self,
        names: &[&str],
        check: impl Fn(&Self) -> Checked,
    ) -> Checked {
        names.iter().filter_map(|name| self.field(name)).try_for_each(|field| check(&field))
    }

    /// Something wrong here, in these words.
    pub(super) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault { path: self.path.clone(), problem: Problem::Said(message.into()), code: None }
    }

    pub(super) fn wrong(&self, expected: &'static str) -> Fault {
        let got = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(number) if number.is_f64() => "a decimal",
            Value::Number(_) => "an integer",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        Fault {
            path: self.path.clone(),
            problem: Problem::WrongType { expected, got },
            code: Some("invalid_type"),
        }
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// A name as OpenAI and Anthropic want tools to have.
pub(super) fn is_tool_name(name: &str, longest: usize) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !name.is_empty() && name.len() <= longest && name.bytes().all(good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_name_the_place() {
        let body = json!({"messages": [{"role": "user", "extra": 1}], "model": null});
        let root = Node::root(&body);
        let message = &root.need("messages").unwrap().items().unwrap()[0];
        assert_eq!(message.only(&["role"]).unwrap_err().path, "messages[0].extra");
        assert_eq!(root.need("model").unwrap_err().problem, Problem::Missing);
        let fault = message.need("extra").unwrap().text().unwrap_err();
        assert_eq!(fault.problem, Problem::WrongType { expected: "a string", got: "an integer" });
    }
}
