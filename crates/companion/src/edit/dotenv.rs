//! Files of `NAME=value` lines, read as the `dotenv` package reads them and edited line by line.

use std::ops::Range;

use super::{Edit, EditError, Found, KeyPath, Value, Wanted, newline, next_line, splice};

/// One assignment.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) value: String,
    /// The value as it is spelled, with its quotation marks.
    spelling: Range<usize>,
    /// The whole of it, with its line end.
    whole: Range<usize>,
}

/// Every assignment of a text. Lines that are none are nobody's.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let (mut at, mut found) = (0, Vec::new());
    while at < text.len() {
        let line = assignment(text, at);
        at = line.as_ref().map_or_else(|| next_line(text, at), |line| line.whole.end);
        found.extend(line);
    }
    found
}

fn assignment(text: &str, start: usize) -> Option<Line> {
    let line = text.get(start..next_line(text, start))?;
    let body = line.trim_start();
    let body = body.strip_prefix("export ").map_or(body, str::trim_start);
    let length = body.find(|it: char| !(it.is_alphanumeric() || "_.-".contains(it)))?;
    let (name, rest) = body.split_at_checked(length)?;
    let value = rest.trim_start_matches([' ', '\t']).strip_prefix('=')?;
    if name.is_empty() {
        return None;
    }
    let value = value.trim_start_matches([' ', '\t']);
    let from = start + line.len() - value.len();
    let spelling = from..from + spelled(text.get(from..)?, value);
    let raw = text.get(spelling.clone())?;
    let whole = start..next_line(text, spelling.end);
    Some(Line { name: name.to_owned(), value: meaning(raw), spelling, whole })
}

/// How long a value is spelled: up to its closing quotation mark, which may be lines away, else up
/// to a comment or the end of its line.
fn spelled(rest: &str, line: &str) -> usize {
    if let Some(mark) = rest.chars().next().filter(|it| "\"'`".contains(*it)) {
        let mut escaped = false;
        for (at, letter) in rest.char_indices().skip(1) {
            if letter == mark && !escaped {
                return at + 1;
            }
            escaped = letter == '\\' && !escaped;
        }
    }
    line.split('#').next().unwrap_or_default().trim_end().len()
}

fn meaning(raw: &str) -> String {
    let inside = ["\"", "'", "`"]
        .into_iter()
        .find_map(|mark| raw.strip_prefix(mark)?.strip_suffix(mark).map(|inside| (mark, inside)));
    match inside {
        Some(("\"", inside)) => inside.replace("\\n", "\n").replace("\\r", "\r"),
        Some((_, inside)) => inside.to_owned(),
        None => raw.to_owned(),
    }
}

fn spell(value: &Value) -> String {
    let text = match value {
        Value::Text(text) => text.clone(),
        Value::List(texts) => texts.join(","),
        Value::Empty => String::new(),
    };
    let plain = |it: char| it.is_ascii_alphanumeric() || "_-.:/+=~@%".contains(it);
    if text.chars().all(plain) {
        return text;
    }
    let mark = ['\'', '"', '`'].into_iter().find(|mark| !text.contains(*mark)).unwrap_or('\'');
    format!("{mark}{text}{mark}")
}

/// The one line that assigns the name.
fn only(text: &str, path: &KeyPath) -> Result<Option<Line>, EditError> {
    let name = path.names().first().map(String::as_str).unwrap_or_default();
    let mut named = lines(text).into_iter().filter(|line| line.name == name);
    let found = named.next();
    if named.next().is_some() { Err(EditError::Twice(path.clone())) } else { Ok(found) }
}

pub(super) fn find(text: &str, path: &KeyPath) -> Result<Option<Found>, EditError> {
    let line = only(text, path)?;
    Ok(line.map(|line| Found {
        spelling: text.get(line.spelling).unwrap_or_default().to_owned(),
        value: Some(Value::Text(line.value)),
    }))
}

pub(super) fn edit(text: &str, edit: &Edit) -> Result<String, EditError> {
    let found = only(text, &edit.path)?;
    let spelling = match &edit.wanted {
        Wanted::Value(value) => spell(value),
        Wanted::Spelling(spelling) => spelling.clone(),
        Wanted::Nothing => {
            let whole = found.map(|line| line.whole);
            return Ok(whole.map_or_else(|| text.to_owned(), |whole| take_out(text, whole)));
        }
        Wanted::NothingIfEmpty => return Ok(text.to_owned()),
    };
    if let Some(line) = found {
        return Ok(splice(text, line.spelling, &spelling));
    }
    let name = edit.path.names().first().map(String::as_str).unwrap_or_default();
    let end = newline(text);
    let text = if text.trim().is_empty() { "" } else { text };
    Ok(if text.is_empty() || text.ends_with('\n') {
        format!("{text}{name}={spelling}{end}")
    } else {
        format!("{text}{end}{name}={spelling}")
    })
}

/// Without a line; a text whose last line had no end has none afterwards.
fn take_out(text: &str, whole: Range<usize>) -> String {
    let unended = whole.end == text.len() && !text.ends_with('\n');
    let mut left = splice(text, whole, "");
    if unended && left.ends_with('\n') {
        left.pop();
        if left.ends_with('\r') {
            left.pop();
        }
    }
    left
}
