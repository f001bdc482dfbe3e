//! The proof of an edit: what a program reads in the new text differs from what it read in the old
//! one at the edited paths only.

use std::collections::BTreeMap;

use jsonc_parser::ast::Value as JsonNode;
use jsonc_parser::common::Ranged;
use toml_edit::{Item, TableLike, Value as TomlNode};

use super::{Edit, EditError, Format, KeyPath, Wanted, dotenv, find, json, toml};

/// Every leaf of a file with its spelling. Lists are numbered, so that order counts; an empty
/// container is a leaf.
type Leaves = BTreeMap<Vec<String>, Vec<String>>;

/// Whether only the edited paths differ, and they are as wanted.
pub(super) fn faithful(
    format: Format,
    before: &str,
    after: &str,
    edits: &[Edit],
) -> Result<bool, EditError> {
    let (old, new) = (leaves(format, before)?, leaves(format, after)?);
    let ours = |path: &[String]| {
        edits.iter().any(|edit| {
            let names = edit.path.names();
            // An empty container on our way is made, filled or taken away.
            path.starts_with(names) || (names.starts_with(path))
        })
    };
    let rest = |leaves: &Leaves| {
        leaves
            .iter()
            .filter(|(path, _)| !ours(path))
            .map(|(path, spelling)| (path.clone(), spelling.clone()))
            .collect::<Vec<_>>()
    };
    if rest(&old) != rest(&new) {
        return Ok(false);
    }
    for edit in last_of_each(edits) {
        let found = find(format, after.as_bytes(), &edit.path)?;
        let right = match (&edit.wanted, found) {
            (Wanted::Value(wanted), Some(found)) => found.value.as_ref() == Some(wanted),
            (Wanted::Spelling(wanted), Some(found)) => *wanted == found.spelling,
            (Wanted::Nothing, found) => found.is_none(),
            (Wanted::NothingIfEmpty, _) => true,
            (Wanted::Value(_) | Wanted::Spelling(_), None) => false,
        };
        if !right {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A later edit of the same path wins; an emptied container may be filled again.
fn last_of_each(edits: &[Edit]) -> Vec<&Edit> {
    let mut last: BTreeMap<&KeyPath, &Edit> = BTreeMap::new();
    for edit in edits {
        last.insert(&edit.path, edit);
    }
    let shadowed = |edit: &Edit| {
        let names = edit.path.names();
        edits.iter().any(|other| {
            other.path.names().len() > names.len() && other.path.names().starts_with(names)
        })
    };
    last.into_values().filter(|edit| !shadowed(edit)).collect()
}

fn leaves(format: Format, text: &str) -> Result<Leaves, EditError> {
    let mut leaves = Leaves::new();
    match format {
        Format::Json(dialect) => {
            if let Some(root) = json::parse(dialect, text)? {
                of_json(text, &root, &mut Vec::new(), &mut leaves);
            }
        }
        Format::Toml => {
            of_table(text, toml::parse(text)?.as_table(), &mut Vec::new(), &mut leaves);
        }
        Format::Dotenv => {
            for line in dotenv::lines(text) {
                leaves.entry(vec![line.name]).or_default().push(line.value);
            }
        }
    }
    Ok(leaves)
}

fn of_json(text: &str, node: &JsonNode<'_>, path: &mut Vec<String>, leaves: &mut Leaves) {
    match node {
        JsonNode::Object(object) if !object.properties.is_empty() => {
            for member in &object.properties {
                path.push(member.name.as_str().to_owned());
                of_json(text, &member.value, path, leaves);
                path.pop();
            }
            return;
        }
        JsonNode::Array(array) if !array.elements.is_empty() => {
            for (index, element) in array.elements.iter().enumerate() {
                path.push(format!("[{index}]"));
                of_json(text, element, path, leaves);
                path.pop();
            }
            return;
        }
        _ => {}
    }
    let range = node.range();
    let spelling = if node.as_object().is_some() {
        "{}"
    } else {
        text.get(range.start..range.end).unwrap_or_default()
    };
    leaves.entry(path.clone()).or_default().push(spelling.to_owned());
}

fn of_table(text: &str, table: &dyn TableLike, path: &mut Vec<String>, leaves: &mut Leaves) {
    if table.is_empty() {
        leaves.entry(path.clone()).or_default().push("{}".to_owned());
    }
    for (name, item) in table.iter() {
        path.push(name.to_owned());
        of_item(text, item, path, leaves);
        path.pop();
    }
}

fn of_item(text: &str, item: &Item, path: &mut Vec<String>, leaves: &mut Leaves) {
    if let Some(table) = item.as_table_like() {
        return of_table(text, table, path, leaves);
    }
    match item {
        Item::ArrayOfTables(tables) => {
            for (index, table) in tables.iter().enumerate() {
                path.push(format!("[{index}]"));
                of_table(text, table, path, leaves);
                path.pop();
            }
        }
        Item::Value(value) => of_value(text, value, path, leaves),
        _ => {}
    }
}

fn of_value(text: &str, value: &TomlNode, path: &mut Vec<String>, leaves: &mut Leaves) {
    match value {
        TomlNode::InlineTable(table) => of_table(text, table, path, leaves),
        TomlNode::Array(array) if !array.is_empty() => {
            for (index, element) in array.iter().enumerate() {
                path.push(format!("[{index}]"));
                of_value(text, element, path, leaves);
                path.pop();
            }
        }
        other => {
            let plain = other.span().and_then(|span| text.get(span)).unwrap_or_default();
            leaves.entry(path.clone()).or_default().push(plain.to_owned());
        }
    }
}
