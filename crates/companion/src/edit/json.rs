//! JSON and its relatives with comments, edited by span.

use jsonc_parser::ast::{Object, Value as Node};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::members::Members;
use super::{Edit, EditError, Found, KeyPath, Value, Wanted, line_of, newline, splice};

/// How much beyond JSON a tool takes in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Nothing: a comment makes the tool ignore the file.
    Strict,
    /// Comments.
    Comments,
    /// Comments and trailing commas.
    CommentsAndTrailingCommas,
}

impl Dialect {
    fn options(self) -> ParseOptions {
        ParseOptions {
            allow_comments: self != Self::Strict,
            allow_trailing_commas: self == Self::CommentsAndTrailingCommas,
            allow_loose_object_property_names: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        }
    }
}

/// The tree of a text; `None` for an empty one.
pub(super) fn parse(dialect: Dialect, text: &str) -> Result<Option<Node<'_>>, EditError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let parsed = parse_to_ast(text, &CollectOptions::default(), &dialect.options());
    let parsed = parsed.map_err(|error| {
        let at = error.range().start;
        match beyond(dialect, text) {
            Some(what) => EditError::ToolIgnoresFile { line: line_of(text, at), what },
            None => EditError::syntax(text, at, error.kind().to_string()),
        }
    })?;
    // What the one parser lets pass, the tool's might not.
    if dialect == Dialect::Strict
        && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text)
    {
        return Err(EditError::Syntax { line: error.line(), message: error.to_string() });
    }
    Ok(parsed.value)
}

/// What a person may have put in that this tool does not take.
fn beyond(dialect: Dialect, text: &str) -> Option<&'static str> {
    let comments = ParseOptions { allow_comments: true, ..dialect.options() };
    let commas = ParseOptions { allow_trailing_commas: true, ..dialect.options() };
    let both = Dialect::CommentsAndTrailingCommas.options();
    let reads =
        |options: &ParseOptions| parse_to_ast(text, &CollectOptions::default(), options).is_ok();
    if dialect == Dialect::Strict && reads(&comments) {
        Some("a comment")
    } else if reads(&commas) {
        Some("a trailing comma")
    } else if reads(&both) {
        Some("a comment or a trailing comma")
    } else {
        None
    }
}

pub(super) fn find(
    dialect: Dialect,
    text: &str,
    path: &KeyPath,
) -> Result<Option<Found>, EditError> {
    let Some(root) = parse(dialect, text)? else { return Ok(None) };
    let (node, left) = descend(&root, path)?;
    if !left.is_empty() {
        return Ok(None);
    }
    let range = node.range();
    let spelling = text.get(range.start..range.end).unwrap_or_default().to_owned();
    Ok(Some(Found { spelling, value: meaning(node) }))
}

pub(super) fn edit(dialect: Dialect, text: &str, edit: &Edit) -> Result<String, EditError> {
    let Some(root) = parse(dialect, text)? else {
        if matches!(edit.wanted, Wanted::Nothing | Wanted::NothingIfEmpty) {
            return Ok(text.to_owned());
        }
        let end = newline(text);
        let made = format!("{{{end}}}{end}");
        return self::edit(dialect, &made, edit);
    };
    let (node, left) = descend(&root, &edit.path)?;
    match &edit.wanted {
        Wanted::Nothing | Wanted::NothingIfEmpty if !left.is_empty() => Ok(text.to_owned()),
        Wanted::NothingIfEmpty => match node {
            Node::Object(object) if members(object).is_empty(text) => remove(&root, text, edit),
            _ => Ok(text.to_owned()),
        },
        Wanted::Nothing => remove(&root, text, edit),
        Wanted::Value(value) if left.is_empty() && meaning(node).as_ref() == Some(value) => {
            Ok(text.to_owned())
        }
        Wanted::Value(value) => place(dialect, text, edit, node, left, &spell(value)),
        Wanted::Spelling(spelling) => place(dialect, text, edit, node, left, spelling),
    }
}

/// Puts a spelled value in the place of another, or into the deepest object that there is.
fn place(
    dialect: Dialect,
    text: &str,
    edit: &Edit,
    node: &Node<'_>,
    left: &[String],
    spelling: &str,
) -> Result<String, EditError> {
    let Some((name, deeper)) = left.split_first() else {
        let range = node.range();
        return Ok(splice(text, range.start..range.end, spelling));
    };
    let Node::Object(object) = node else {
        let depth = edit.path.names().len() - left.len();
        let names = edit.path.names().get(..depth).unwrap_or_default();
        return Err(EditError::NoContainer(KeyPath::new(names)));
    };
    let value = if deeper.is_empty() { spelling } else { "{}" };
    let member = format!("{}{}{value}", quote(name), colon(object, text));
    let text = members(object).insert(text, &member, step(text));
    if deeper.is_empty() { Ok(text) } else { self::edit(dialect, &text, edit) }
}

fn remove(root: &Node<'_>, text: &str, edit: &Edit) -> Result<String, EditError> {
    let names = edit.path.names();
    let Some((name, above)) = names.split_last() else { return Ok(text.to_owned()) };
    let above = KeyPath::new(above);
    let (node, left) = descend(root, &above)?;
    let (Node::Object(object), []) = (node, left) else { return Ok(text.to_owned()) };
    let index = object.properties.iter().position(|it| it.name.as_str() == name);
    Ok(index.map_or_else(|| text.to_owned(), |index| members(object).remove(text, index)))
}

/// As deep as the path goes, and what of it is left.
fn descend<'n, 'p, 't>(
    root: &'n Node<'t>,
    path: &'p KeyPath,
) -> Result<(&'n Node<'t>, &'p [String]), EditError> {
    let (mut node, mut left) = (root, path.names());
    while let (Node::Object(object), Some((name, deeper))) = (node, left.split_first()) {
        let mut named = object.properties.iter().filter(|it| it.name.as_str() == name);
        let Some(found) = named.next() else { break };
        if named.next().is_some() {
            let depth = path.names().len() - deeper.len();
            return Err(EditError::Twice(KeyPath::new(
                path.names().get(..depth).unwrap_or_default(),
            )));
        }
        (node, left) = (&found.value, deeper);
    }
    Ok((node, left))
}

fn members(object: &Object<'_>) -> Members {
    let member = |it: &jsonc_parser::ast::ObjectProp<'_>| it.range.start..it.range.end;
    Members {
        span: object.range.start..object.range.end,
        members: object.properties.iter().map(member).collect(),
        line_comment: "//",
    }
}

fn meaning(node: &Node<'_>) -> Option<Value> {
    match node {
        Node::StringLit(text) => Some(Value::Text(text.value.to_string())),
        Node::Object(object) if object.properties.is_empty() => Some(Value::Empty),
        Node::Array(array) => {
            let texts = array.elements.iter().map(|it| Some(it.as_string_lit()?.value.to_string()));
            texts.collect::<Option<_>>().map(Value::List)
        }
        _ => None,
    }
}

fn spell(value: &Value) -> String {
    match value {
        Value::Text(text) => quote(text),
        Value::List(texts) => {
            format!("[{}]", texts.iter().map(|it| quote(it)).collect::<Vec<_>>().join(", "))
        }
        Value::Empty => "{}".to_owned(),
    }
}

fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// What stands between a name and its value in this object, or in a text like this.
fn colon<'t>(object: &Object<'_>, text: &'t str) -> &'t str {
    let used = object.properties.last().and_then(|last| {
        text.get(last.name.range().end..last.value.range().start)
            .filter(|it| it.chars().all(|it| matches!(it, ' ' | '\t' | ':')))
    });
    used.unwrap_or(if text.contains('\n') || !text.contains("\":") || text.contains("\": ") {
        ": "
    } else {
        ":"
    })
}

/// One level of indentation: that of the first line that has one.
fn step(text: &str) -> &str {
    text.lines()
        .filter(|line| line.trim_start().starts_with('"'))
        .map(|line| line.get(..line.len() - line.trim_start().len()).unwrap_or_default())
        .find(|blanks| !blanks.is_empty())
        .unwrap_or("  ")
}
