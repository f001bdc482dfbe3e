//! TOML, edited by span: `toml_edit` says where things stand, the text is ours to change.
//!
//! Printing its document would move dotted keys and scattered tables together and turn CRLF into
//! LF; a span does neither.

use std::ops::Range;
use toml_edit::{Document, Item, Table, Value as Node};

use super::members::Members;
use super::{
    Edit, EditError, Found, KeyPath, Value, Wanted, is_blank, line_end, line_start, newline,
    next_line, splice,
};

pub(super) fn parse(text: &str) -> Result<Document<&str>, EditError> {
    Document::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        EditError::syntax(text, at, error.message())
    })
}

pub(super) fn find(text: &str, path: &KeyPath) -> Result<Option<Found>, EditError> {
    let document = parse(text)?;
    let found = descend(document.as_item(), path);
    if !found.left.is_empty() {
        return Ok(None);
    }
    let spelling = found.item.span().and_then(|span| text.get(span)).unwrap_or_default();
    Ok(Some(Found { spelling: spelling.to_owned(), value: meaning(found.item) }))
}

pub(super) fn edit(text: &str, edit: &Edit) -> Result<String, EditError> {
    let document = parse(text)?;
    let found = descend(document.as_item(), &edit.path);
    let spelling = match &edit.wanted {
        Wanted::Nothing if found.left.is_empty() => return Ok(remove(text, &document, &found)),
        Wanted::NothingIfEmpty if found.left.is_empty() => {
            return Ok(remove_if_empty(text, &document, &found));
        }
        Wanted::Nothing | Wanted::NothingIfEmpty => return Ok(text.to_owned()),
        Wanted::Value(value)
            if found.left.is_empty() && meaning(found.item).as_ref() == Some(value) =>
        {
            return Ok(text.to_owned());
        }
        Wanted::Value(value) => spell(value),
        Wanted::Spelling(spelling) => spelling.clone(),
    };
    if found.left.is_empty() {
        return match (found.item, found.item.span()) {
            (Item::Value(_), Some(span)) => Ok(splice(text, span, &spelling)),
            _ => Err(EditError::NoContainer(edit.path.clone())),
        };
    }
    insert(text, &document, &found, &spelling, &edit.path)
}

/// As deep as a path goes.
struct Descent<'d, 'p> {
    item: &'d Item,
    /// The names that lead to `item`.
    taken: &'p [String],
    /// The names that lead on from it.
    left: &'p [String],
    /// The innermost table around or at `item` that has lines of its own.
    body: &'d Table,
    /// How many names lead to `body`.
    body_depth: usize,
    /// What `item` is a member of.
    parent: Option<&'d Item>,
}

fn descend<'d, 'p>(root: &'d Item, path: &'p KeyPath) -> Descent<'d, 'p> {
    static NO_TABLE: std::sync::LazyLock<Table> = std::sync::LazyLock::new(Table::new);
    let names = path.names();
    let body = root.as_table().unwrap_or(&NO_TABLE);
    let mut at = Descent { item: root, taken: &[], left: names, body, body_depth: 0, parent: None };
    while let Some((name, left)) = at.left.split_first() {
        let Some(next) = at.item.as_table_like().and_then(|table| table.get(name)) else { break };
        at.parent = Some(at.item);
        (at.item, at.left) = (next, left);
        let depth = names.len() - left.len();
        at.taken = names.get(..depth).unwrap_or_default();
        if let Item::Table(table) = next
            && !table.is_dotted()
        {
            (at.body, at.body_depth) = (table, depth);
        }
    }
    at
}

fn insert(
    text: &str,
    document: &Document<&str>,
    found: &Descent<'_, '_>,
    spelling: &str,
    path: &KeyPath,
) -> Result<String, EditError> {
    let left = found.left;
    match found.item {
        Item::Value(Node::InlineTable(_)) => {
            let Some(members) = members(found.item) else { return Ok(text.to_owned()) };
            let mut names = left.iter().rev();
            let innermost = names.next().map(|it| dotted_name(it)).unwrap_or_default();
            let member = names.fold(format!("{innermost} = {spelling}"), |inner, name| {
                format!("{} = {{ {inner} }}", dotted_name(name))
            });
            Ok(members.insert(text, &member, "  "))
        }
        Item::Table(table) => {
            let has_lines = found.taken.is_empty() || header(text, table).is_some();
            if table.is_dotted() || (left.len() == 1 && has_lines) {
                let names = path.names().get(found.body_depth..).unwrap_or_default();
                let line = format!("{} = {spelling}", dotted(names));
                let last = if table.is_dotted() { table } else { found.body };
                return Ok(insert_line(text, document, found, last, &line));
            }
            let (name, above) = path.names().split_last().ok_or(EditError::NotFaithful)?;
            let end = newline(text);
            let block = format!("[{}]{end}{} = {spelling}", dotted(above), dotted_name(name));
            Ok(append(text, &block))
        }
        _ => Err(EditError::NoContainer(KeyPath::new(found.taken))),
    }
}

/// Puts a line behind the last one of a table.
fn insert_line(
    text: &str,
    document: &Document<&str>,
    found: &Descent<'_, '_>,
    table: &Table,
    line: &str,
) -> String {
    let end = newline(text);
    let last = last_value(table).or_else(|| header(text, table).map(|it| it.end));
    let Some(last) = last else { return insert_at_top(text, document, line) };
    let at = line_end(text, last);
    // Tables may be indented, and then their lines are.
    let indent = last_value(found.body).map_or("", |last| {
        let start = line_start(text, last);
        let line = text.get(start..last).unwrap_or_default();
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..blanks).unwrap_or_default()
    });
    splice(text, at..at, &format!("{end}{indent}{line}"))
}

/// The first line of the root table: behind what the file says of itself, before every header.
fn insert_at_top(text: &str, document: &Document<&str>, line: &str) -> String {
    let end = newline(text);
    if text.trim().is_empty() {
        return format!("{line}{end}");
    }
    let first = first_header(document).map_or(text.len(), |at| line_start(text, at));
    let (mut at, mut seen) = (0, 0);
    while at < first {
        let next = next_line(text, at);
        let this = text.get(at..next).unwrap_or_default();
        if this.trim().is_empty() {
            seen = at;
            break;
        }
        if this.starts_with("#:") {
            seen = next;
        }
        at = next;
    }
    if at >= first && first == text.len() {
        let gap = if text.ends_with('\n') { "" } else { end };
        let last = if text.ends_with('\n') { end } else { "" };
        return format!("{text}{gap}{line}{last}");
    }
    let gap = if is_blank(text, seen..next_line(text, seen)) { "" } else { end };
    splice(text, seen..seen, &format!("{line}{end}{gap}"))
}

/// Puts a table at the end of the file, behind a blank line.
fn append(text: &str, block: &str) -> String {
    let end = newline(text);
    if text.trim().is_empty() {
        format!("{block}{end}")
    } else if text.ends_with('\n') {
        format!("{text}{end}{block}{end}")
    } else {
        format!("{text}{end}{end}{block}")
    }
}

fn remove(text: &str, document: &Document<&str>, found: &Descent<'_, '_>) -> String {
    if let Some(parent) = found.parent
        && let (Some(members), Some(name)) = (members(parent), found.taken.last())
    {
        let index =
            parent.as_table_like().and_then(|it| it.iter().position(|(key, _)| key == name));
        return index.map_or_else(|| text.to_owned(), |index| members.remove(text, index));
    }
    let (Item::Value(_), Some(span)) = (found.item, found.item.span()) else {
        return text.to_owned();
    };
    // An empty root table's line came with a blank one.
    let start = line_start(text, span.start);
    let cut = cut_line(text, start, span.end);
    let left = splice(text, cut.clone(), "");
    let only = first_header(document).is_some()
        && found.body_depth == 0
        && document.as_table().iter().filter(|(_, item)| item.is_value()).count() == 1;
    let followed = is_blank(text, cut.end..next_line(text, cut.end)) && cut.end < text.len();
    let led = cut.start == 0 || left.get(..cut.start).is_some_and(|it| it.trim_end().is_empty());
    if only && followed && led {
        return splice(&left, cut.start..next_line(&left, cut.start), "");
    }
    left
}

/// A line with its end, or with the end before it where it is the last and has none.
fn cut_line(text: &str, start: usize, end: usize) -> Range<usize> {
    let next = next_line(text, end);
    if next < text.len() || text.ends_with('\n') {
        return start..next;
    }
    let before = text.get(..start).unwrap_or_default();
    let before = before.strip_suffix('\n').unwrap_or(before);
    before.strip_suffix('\r').unwrap_or(before).len()..next
}

fn remove_if_empty(text: &str, document: &Document<&str>, found: &Descent<'_, '_>) -> String {
    match found.item {
        Item::Value(Node::InlineTable(_)) => match members(found.item) {
            Some(members) if members.is_empty(text) => remove(text, document, found),
            _ => text.to_owned(),
        },
        Item::Table(table) if table.is_empty() => {
            let Some(header) = header(text, table) else { return text.to_owned() };
            // Comments under the header belong to somebody.
            let next = next_header(document, header.end).unwrap_or(text.len());
            if !is_blank(text, header.end..next) {
                return text.to_owned();
            }
            let cut = cut_line(text, line_start(text, header.start), header.end);
            let before = text.get(..cut.start).unwrap_or_default();
            let blank = cut.start > 0 && (before.ends_with("\n\n") || before.ends_with("\n\r\n"));
            let start = if blank { line_start(text, cut.start - 1) } else { cut.start };
            let start = if blank || text.ends_with('\n') {
                start
            } else {
                before.trim_end_matches(['\r', '\n']).len()
            };
            splice(text, start..cut.end, "")
        }
        _ => text.to_owned(),
    }
}

fn members(item: &Item) -> Option<Members> {
    let table = item.as_inline_table()?;
    let mut members = Vec::new();
    for (name, _) in table {
        let (key, value) = table.get_key_value(name)?;
        members.push(key.span()?.start..end_of(value)?);
    }
    Some(Members { span: table.span()?, members, line_comment: "#" })
}

/// Where the last value of an item ends, dotted keys followed to their end.
fn end_of(item: &Item) -> Option<usize> {
    match item {
        Item::Value(Node::InlineTable(table)) if table.is_dotted() => {
            table.iter().filter_map(|(name, _)| end_of(table.get_key_value(name)?.1)).max()
        }
        Item::Value(value) => value.span().map(|span| span.end),
        Item::Table(table) if table.is_dotted() => last_value(table),
        _ => None,
    }
}

/// Where the last value of a table's own lines ends.
fn last_value(table: &Table) -> Option<usize> {
    table.iter().filter_map(|(_, item)| end_of(item)).max()
}

/// The table's own `[header]`.
fn header(text: &str, table: &Table) -> Option<Range<usize>> {
    let span = table.span()?;
    let is_header = !table.is_dotted() && text.get(span.clone())?.starts_with('[');
    is_header.then_some(span)
}

fn first_header(document: &Document<&str>) -> Option<usize> {
    next_header(document, 0)
}

/// Where the next header begins, at or behind a place.
fn next_header(document: &Document<&str>, from: usize) -> Option<usize> {
    let mut headers = Vec::new();
    collect_headers(document.raw(), document.as_table(), &mut headers);
    headers.into_iter().filter(|at| *at >= from).min()
}

fn collect_headers(text: &str, table: &Table, headers: &mut Vec<usize>) {
    for (_, item) in table {
        match item {
            Item::Table(table) => {
                headers.extend(header(text, table).map(|it| it.start));
                collect_headers(text, table, headers);
            }
            Item::ArrayOfTables(tables) => {
                for table in tables {
                    headers.extend(header(text, table).map(|it| it.start));
                    collect_headers(text, table, headers);
                }
            }
            _ => {}
        }
    }
}

fn meaning(item: &Item) -> Option<Value> {
    match item {
        Item::Value(Node::String(text)) => Some(Value::Text(text.value().clone())),
        Item::Value(Node::Array(array)) => {
            let texts = array.iter().map(|it| it.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().map(Value::List)
        }
        Item::Value(Node::InlineTable(table)) if table.is_empty() => Some(Value::Empty),
        Item::Table(table) if table.is_empty() => Some(Value::Empty),
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

/// A basic string: JSON's escapes are a part of TOML's.
fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn dotted(names: &[String]) -> String {
    names.iter().map(|name| dotted_name(name)).collect::<Vec<_>>().join(".")
}

fn dotted_name(name: &str) -> String {
    let bare = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quote(name) }
}
