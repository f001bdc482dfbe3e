//! Telling an answer: JSON as the gateway wrote it, or tables; values that are shown once stand alone
//! on standard output, and everything else about them on standard error.

use anyhow::Result;
use clap::ArgMatches;

use super::run::is_text;
use super::{Show, Verb, text};
use crate::output;

/// Tells it.
pub(super) fn show(verb: &Verb, matches: &ArgMatches, answer: &str) -> Result<()> {
    if is_text(verb, matches) {
        output::print(answer);
        return Ok(());
    }
    if matches.get_flag("json") {
        output::say(answer);
        return Ok(());
    }
    let found = verb.once.map(|path| text::all_at(answer, Some(path))).unwrap_or_default();
    let values: Vec<String> = found.into_iter().map(text::plain).collect();
    let values: Vec<String> = values.into_iter().filter(|value| !value.is_empty()).collect();
    let told = told(verb, matches, answer);
    if values.is_empty() {
        output::say(&told);
    } else {
        output::remark(&told);
        output::remark("Shown this once:");
        values.iter().for_each(|value| output::say(value));
    }
    let next = text::at(answer, "next_cursor").map(text::plain).unwrap_or_default();
    if !next.is_empty() {
        output::remark(&format!("There are more: --cursor {next}, or --all"));
    }
    Ok(())
}

fn told(verb: &Verb, matches: &ArgMatches, answer: &str) -> String {
    match verb.show {
        Show::Sentence(sentence) => filled(sentence, verb, matches),
        Show::Rows(list, columns) => match text::at(answer, list).and_then(text::entries) {
            Some(rows)
                if rows.is_empty()
                    && text::at(answer, "next_cursor")
                        .is_some_and(|next| !text::plain(next).is_empty()) =>
            {
                "There is none so far.".to_owned()
            }
            Some(rows) if rows.is_empty() => "There is none.".to_owned(),
            Some(rows) => table(&rows, columns),
            None => members(answer, verb.once),
        },
        Show::Members | Show::Text => members(answer, verb.once),
    }
}

/// A sentence with what was named on the command line.
pub(super) fn filled(sentence: &str, verb: &Verb, matches: &ArgMatches) -> String {
    verb.names.iter().fold(sentence.to_owned(), |sentence, (name, _, _)| {
        let given = matches.get_one::<String>(name).map_or("", String::as_str);
        sentence.replace(&format!("{{{name}}}"), given)
    })
}

/// A table of some members; columns without any value are left out.
fn table(rows: &[&str], columns: &[&str]) -> String {
    let cell = |row: &str, path: &str| {
        let values: Vec<String> =
            text::all_at(row, Some(path)).into_iter().map(text::plain).collect();
        values.join(", ")
    };
    let is_told = |path: &&&str| rows.iter().any(|row| !cell(row, path).is_empty());
    let columns: Vec<&str> = columns.iter().filter(is_told).copied().collect();
    let heads: Vec<String> = columns.iter().map(|path| path.replace(['_', '.'], " ")).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let cells = rows.iter().map(|row| columns.iter().map(|path| cell(row, path)).collect());
    output::table(&heads, cells)
}

/// Every member a line; lists of objects as tables below.
fn members(answer: &str, once: Option<&str>) -> String {
    let mut lines = Lines { once, ..Lines::default() };
    lines.add("", answer);
    let mut told = output::table(&["field", "value"], lines.cells);
    for (name, rows) in lines.lists {
        told.push_str(&format!("\n\n{name}:\n{rows}"));
    }
    told
}

/// The members of an answer, flattened.
#[derive(Default)]
struct Lines<'a> {
    once: Option<&'a str>,
    cells: Vec<Vec<String>>,
    lists: Vec<(String, String)>,
}

impl Lines<'_> {
    fn add(&mut self, path: &str, json: &str) {
        for (name, value) in text::members(json) {
            let path = if path.is_empty() { name } else { format!("{path}.{name}") };
            if self.once == Some(path.as_str()) {
                continue;
            }
            let rows = text::entries(value).unwrap_or_default();
            if value.starts_with('{') {
                self.add(&path, value);
            } else if rows.iter().any(|row| row.starts_with('{')) {
                self.lists.push((path, flat_table(&rows)));
            } else {
                self.cells.push(vec![path, text::plain(value)]);
            }
        }
    }
}

/// A table of everything in some objects.
fn flat_table(rows: &[&str]) -> String {
    let mut columns: Vec<String> = Vec::new();
    for row in rows {
        paths("", row, &mut columns);
    }
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    table(rows, &columns)
}

fn paths(path: &str, json: &str, found: &mut Vec<String>) {
    for (name, value) in text::members(json) {
        let path = if path.is_empty() { name } else { format!("{path}.{name}") };
        if value.starts_with('{') {
            paths(&path, value, found);
        } else if !found.contains(&path) {
            found.push(path);
        }
    }
}
