//! What people and scripts read: tables and sentences, or JSON.

use anyhow::Error;
use comfy_table::{ContentArrangement, Table, presets};
use std::io::Write;

/// Says what went wrong on standard error: the sentence, and its causes where they add something.
pub(crate) fn fail(error: &Error) {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let more = cause.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
    }
    // A full disk under the log must not change how the process ends.
    let _ = writeln!(std::io::stderr(), "tollkeeper: {text}");
}

/// Says something on standard output, if anybody listens.
pub(crate) fn say(text: &str) {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// Prints a text on standard output as it is.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout();
    let _ = write!(out, "{text}").and_then(|()| out.flush());
}

/// Says on standard error what is not to be mixed with what a script reads.
pub(crate) fn remark(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A table for people.
pub(crate) fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(head);
    for row in rows {
        table.add_row(row);
    }
    table.to_string()
}
