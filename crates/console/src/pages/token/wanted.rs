//! Which tokens are to be made at once: numbered ones, or those of a pasted table; and what of that
//! the API refused, beside its input.

use domain::time::UnixMillis;
use serde_json::{Map, Value, json};

use super::{table, terms};
use crate::form::Form;
use crate::language::{Message, Words};
use crate::trouble::{FieldError, Problem};

/// So many are made at once.
const MOST: usize = 1_000;

/// So many mistakes of a table are told at once.
const TOLD: usize = 5;

/// What the columns of a table can be called.
pub(super) const COLUMNS: &[&str] = &[
    "name",
    "owner",
    "template",
    "billing_method",
    "permissions",
    "expires_at",
    "quota",
    "daily_limit",
    "monthly_limit",
    "max_tokens_per_request",
    "requests_per_minute",
    "tokens_per_minute",
    "parallel",
    "allowed_models",
    "ip_allowlist",
    "groups",
    "tags",
];

/// The keys as the API takes them, and the line of the table that each is from.
pub(super) struct Wanted {
    pub(super) keys: Vec<Value>,
    lines: Vec<usize>,
}

/// What the form asks for. Where that cannot be read, the form says why.
pub(super) fn read(form: &mut Form, words: Words, now: UnixMillis) -> Option<Wanted> {
    if form.is("source", "table") { of_table(form, words, now) } else { numbered(form, words, now) }
}

fn numbered(form: &mut Form, words: Words, now: UnixMillis) -> Option<Wanted> {
    let count = form.text("count").parse().ok().filter(|count| (1..=MOST).contains(count));
    let Some(count) = count else {
        form.fail("count", words.t1("token-bulk-count-wrong", "most", MOST));
        return None;
    };
    if form.text("pattern").is_empty() {
        form.fail("pattern", words.say(Message("form-required")));
        return None;
    }
    let keys = names(form.text("pattern"), count).into_iter().map(|name| {
        let mut key = shared(form);
        key.insert("name".to_owned(), json!(name));
        finished(key, now)
    });
    Some(Wanted { keys: keys.collect(), lines: Vec::new() })
}

/// Names by a pattern: a `#` is the number, else it follows at the end.
fn names(pattern: &str, count: usize) -> Vec<String> {
    let width = count.to_string().len();
    let name = |number: usize| {
        let number = format!("{number:0width$}");
        match pattern {
            _ if pattern.contains('#') => pattern.replace('#', &number),
            _ if count == 1 => pattern.to_owned(),
            _ => format!("{pattern}-{number}"),
        }
    };
    (1..=count).map(name).collect()
}

fn of_table(form: &mut Form, words: Words, now: UnixMillis) -> Option<Wanted> {
    let mut rows = table::rows(form.text("table"));
    let Some((_, first)) = rows.first() else {
        form.fail("table", words.say(Message("form-required")));
        return None;
    };
    let columns: Vec<String> = if first.iter().any(|cell| cell.eq_ignore_ascii_case("name")) {
        rows.remove(0).1.iter().map(|cell| cell.to_ascii_lowercase()).collect()
    } else {
        vec!["name".to_owned()]
    };
    if let Some(unknown) = columns.iter().find(|column| !COLUMNS.contains(&column.as_str())) {
        form.fail("table", words.t1("token-bulk-column-unknown", "name", unknown));
        return None;
    }
    if rows.is_empty() || rows.len() > MOST {
        form.fail("table", words.t1("token-bulk-rows-wrong", "most", MOST));
        return None;
    }
    if let Some((line, _)) = rows.iter().find(|(_, row)| row.len() > columns.len()) {
        form.fail("table", words.t1("token-bulk-row-long", "line", line));
        return None;
    }
    let lines = rows.iter().map(|(line, _)| *line).collect();
    let keys = rows.into_iter().map(|(_, row)| {
        let mut key = shared(form);
        for (column, text) in columns.iter().zip(&row).filter(|(_, text)| !text.is_empty()) {
            set(&mut key, column, text);
        }
        finished(key, now)
    });
    Some(Wanted { keys: keys.collect(), lines })
}

/// What is said of all of them.
fn shared(form: &Form) -> Map<String, Value> {
    let mut key = Map::new();
    for name in ["template", "permissions", "billing_method", "tags", "groups"] {
        if !form.text(name).is_empty() {
            set(&mut key, name, form.text(name));
        }
    }
    for name in ["quota", "monthly_limit"] {
        if !form.text(name).is_empty() {
            set(&mut key, name, form.text(name));
        }
    }
    if !form.text("expires").is_empty() {
        key.insert("expires".to_owned(), json!(form.text("expires")));
    }
    key
}

/// Sets what a column holds.
fn set(key: &mut Map<String, Value>, column: &str, text: &str) {
    let cell = Form::default().with("it", text);
    let entries = || {
        let parted = |c: char| matches!(c, ',' | ';' | '，' | '；') || c.is_whitespace();
        text.split(parted).filter(|entry| !entry.is_empty()).collect::<Vec<&str>>()
    };
    let value = match column {
        "quota" => cell.json_usd("it"),
        "daily_limit" | "monthly_limit" => json!({ "amount": cell.json_usd("it") }),
        "max_tokens_per_request" => cell.json_number("it"),
        "requests_per_minute" | "tokens_per_minute" | "parallel" => {
            let rates = key.entry("rate_limits").or_insert_with(|| json!({}));
            if let Value::Object(rates) = rates {
                rates.insert(column.to_owned(), cell.json_number("it"));
            }
            return;
        }
        "allowed_models" | "ip_allowlist" | "groups" | "tags" => json!(entries()),
        "permissions" => match entries().as_slice() {
            [preset @ ("full" | "inference" | "read_only")] => json!(preset),
            names => json!(names),
        },
        "expires_at" => {
            key.remove("expires");
            match text {
                "never" => Value::Null,
                day if day.len() == 10 => json!(format!("{day}T00:00:00Z")),
                at => json!(at),
            }
        }
        _ => json!(text),
    };
    key.insert(column.to_owned(), value);
}

/// With what stands for what nobody said: without a template, as in the form for one token.
fn finished(mut key: Map<String, Value>, now: UnixMillis) -> Value {
    let expires = key.remove("expires");
    let mut expires = expires.as_ref().and_then(Value::as_str).unwrap_or_default();
    if !key.contains_key("template") {
        key.entry("permissions").or_insert_with(|| json!("inference"));
        if expires.is_empty() {
            expires = "90";
        }
    }
    if !expires.is_empty() && !key.contains_key("expires_at") {
        let form = Form::of([("expires", expires)]);
        key.insert("expires_at".to_owned(), terms::expiry(&form, now));
    }
    Value::Object(key)
}

impl Wanted {
    /// Moves what is wrong with single keys beside the inputs that they came from.
    pub(super) fn place(&self, problem: &mut Problem, words: Words) {
        let errors = std::mem::take(&mut problem.errors);
        let mut told: Vec<String> = Vec::new();
        for mut error in errors {
            let Some((index, field)) = place_of(&error.field) else {
                problem.errors.push(error);
                continue;
            };
            let field = match field {
                "monthly_limit.amount" => "monthly_limit",
                field => field,
            };
            if let Some(line) = self.lines.get(index) {
                let message = error.sentence(words);
                let what = format!("{field}: {message}");
                told.push(words.t2("token-bulk-line", "line", line, "what", what));
                continue;
            }
            let field = if field == "name" { "pattern" } else { field }.to_owned();
            error.field = field;
            if problem.errors.iter().all(|known| known.field != error.field) {
                problem.errors.push(error);
            }
        }
        if !told.is_empty() {
            let more = told.len().saturating_sub(TOLD);
            told.truncate(TOLD);
            if more > 0 {
                told.push(words.t1("token-bulk-lines-more", "count", more));
            }
            let message = told.join(" ");
            problem.errors.push(FieldError {
                field: "table".to_owned(),
                code: "invalid".to_owned(),
                message,
                ..FieldError::default()
            });
        }
    }
}

/// Which key, and which of its fields: `keys[3].name`.
fn place_of(field: &str) -> Option<(usize, &str)> {
    let (index, field) = field.strip_prefix("keys[")?.split_once("].")?;
    Some((index.parse().ok()?, field))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    fn keys(form: Form) -> Result<Vec<Value>, Form> {
        let mut form = form;
        let words = Words::of(Language::English);
        match read(&mut form, words, UnixMillis::new(0)) {
            Some(wanted) => Ok(wanted.keys),
            None => Err(form),
        }
    }

    #[test]
    fn names_are_numbered() {
        assert_eq!(names("team-#-x", 2), ["team-1-x", "team-2-x"]);
        assert_eq!(names("team", 10)[9], "team-10");
        assert_eq!(names("team", 10)[0], "team-01");
        assert_eq!(names("one", 1), ["one"]);
    }

    #[test]
    fn without_a_template_they_are_like_a_single_new_token() {
        let form = Form::of([("source", "numbers"), ("count", "2"), ("pattern", "ci")]);
        let made = keys(form).unwrap();
        assert_eq!(
            made[1],
            json!({"name": "ci-2", "permissions": "inference", "expires_at": "1970-04-01T00:00:00Z"})
        );
        let form = Form::of([("count", "1"), ("pattern", "ci"), ("template", "production")]);
        assert_eq!(keys(form).unwrap(), [json!({"name": "ci", "template": "production"})]);
        let form = Form::of([("count", "1001"), ("pattern", "ci")]);
        assert!(keys(form).unwrap_err().error("count").is_some());
    }

    #[test]
    fn a_table_says_more_than_the_form() {
        let text = "Name,monthly_limit,tags,permissions,expires_at,parallel\na,$25,x;y,chat,2027-01-01,3\nb";
        let form = Form::of([
            ("source", "table"),
            ("table", text),
            ("tags", "all"),
            ("monthly_limit", "5"),
            ("expires", "never"),
        ]);
        let made = keys(form).unwrap();
        assert_eq!(
            made[0],
            json!({"name": "a", "monthly_limit": {"amount": "25"}, "tags": ["x", "y"],
                "permissions": ["chat"], "expires_at": "2027-01-01T00:00:00Z", "rate_limits": {"parallel": 3}})
        );
        assert_eq!(
            made[1],
            json!({"name": "b", "monthly_limit": {"amount": "5"}, "tags": ["all"],
                "permissions": "inference", "expires_at": null})
        );
        let names = Form::of([("source", "table"), ("table", "first\nsecond\n")]);
        assert_eq!(keys(names).unwrap().len(), 2);
        for wrong in ["name,colour\na,red", "name\na,b", "name", ""] {
            let form = Form::of([("source", "table"), ("table", wrong)]);
            assert!(keys(form).unwrap_err().error("table").is_some(), "{wrong:?}");
        }
    }

    #[test]
    fn mistakes_are_told_by_their_line() {
        let words = Words::of(Language::English);
        let error = |field: &str| FieldError {
            field: field.to_owned(),
            code: "invalid".to_owned(),
            message: "Wrong.".to_owned(),
            ..FieldError::default()
        };
        let wanted = Wanted { keys: Vec::new(), lines: vec![2, 5] };
        let mut problem =
            Problem { errors: vec![error("keys[1].quota"), error("keys")], ..Problem::default() };
        wanted.place(&mut problem, words);
        assert_eq!(problem.errors[1].message, "Line 5, quota: Wrong.");
        let wanted = Wanted { keys: Vec::new(), lines: Vec::new() };
        let mut problem = Problem {
            errors: vec![error("keys[0].name"), error("keys[1].name")],
            ..Problem::default()
        };
        wanted.place(&mut problem, words);
        assert_eq!(problem.errors.len(), 1);
        assert_eq!(problem.errors[0].field, "pattern");
    }
}
