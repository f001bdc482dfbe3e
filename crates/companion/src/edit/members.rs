//! Members between braces, separated by commas: JSON objects and TOML's inline tables.
//!
//! What is put in is put in so that taking it out again leaves the very bytes from before.

use std::ops::Range;

use super::{is_blank, line_end, line_start, newline, next_line, splice};

/// An object in a text.
pub(super) struct Members {
    /// From the brace to the brace.
    pub(super) span: Range<usize>,
    /// Each member, from its name to the end of its value.
    pub(super) members: Vec<Range<usize>>,
    /// What introduces a comment that reaches to the end of its line.
    pub(super) line_comment: &'static str,
}

impl Members {
    fn inner(&self) -> Range<usize> {
        self.span.start + 1..self.span.end.saturating_sub(1)
    }

    /// Whether there is nothing in it, not even a comment.
    pub(super) fn is_empty(&self, text: &str) -> bool {
        self.members.is_empty() && is_blank(text, self.inner())
    }

    /// Puts a member behind the others. `step` is one level of indentation; a text of one line
    /// stays one.
    pub(super) fn insert(&self, text: &str, member: &str, step: &str) -> String {
        match self.members.last() {
            Some(last) => self.insert_after(text, member, last.clone()),
            None => self.insert_first(text, member, step),
        }
    }

    fn insert_first(&self, text: &str, member: &str, step: &str) -> String {
        let (inner, end) = (self.inner(), newline(text));
        let within = text.get(inner.clone()).unwrap_or_default();
        if !text.contains('\n') && within.trim().is_empty() {
            return splice(text, inner, member);
        }
        let outer = indentation(text, self.span.start);
        if within.trim().is_empty() {
            let filled = format!("{end}{outer}{step}{member}{end}{outer}");
            return splice(text, inner, &filled);
        }
        let at = inner.start + within.trim_end().len();
        let close = if text.get(at..inner.end).is_some_and(|rest| rest.contains('\n')) {
            String::new()
        } else {
            format!("{end}{outer}")
        };
        splice(text, at..at, &format!("{end}{outer}{step}{member}{close}"))
    }

    fn insert_after(&self, text: &str, member: &str, last: Range<usize>) -> String {
        let comma = self.comma_after(text, last.end, self.inner().end);
        let own_line = is_blank(text, line_start(text, last.start)..last.start)
            && line_start(text, last.start) > self.span.start;
        if !own_line {
            let gap = self.gap(text);
            let at = comma.unwrap_or(last.end);
            return match comma {
                Some(_) => splice(text, at..at, &format!("{gap}{member},")),
                None => splice(text, at..at, &format!(",{gap}{member}")),
            };
        }
        let indent = indentation(text, last.start);
        let from = comma.unwrap_or(last.end);
        // Behind what else stands on the last member's line: a comment on it stays with it.
        let rest_of_line = from..line_end(text, from);
        let at = if self.is_trivia(text, rest_of_line.clone()) { rest_of_line.end } else { from };
        let trailing = if comma.is_some() { "," } else { "" };
        let line = format!("{}{indent}{member}{trailing}", newline(text));
        let text = splice(text, at..at, &line);
        if comma.is_some() { text } else { splice(&text, last.end..last.end, ",") }
    }

    /// Takes a member out, with its comma.
    pub(super) fn remove(&self, text: &str, index: usize) -> String {
        let Some(member) = self.members.get(index).cloned() else { return text.to_owned() };
        let following = self.members.get(index + 1);
        let limit = following.map_or(self.inner().end, |next| next.start);
        let comma = self.comma_after(text, member.end, limit);
        let end = comma.unwrap_or(member.end);
        let start_of_line = line_start(text, member.start);
        let alone = is_blank(text, start_of_line..member.start)
            && is_blank(text, end..line_end(text, end))
            && start_of_line > self.span.start;
        let previous = index.checked_sub(1).and_then(|before| self.members.get(before));
        let cut = if alone && next_line(text, end) <= self.inner().end {
            start_of_line..next_line(text, end)
        } else if let Some(next) = following {
            member.start..if is_blank(text, end..next.start) { next.start } else { end }
        } else {
            let before = text.get(..member.start).unwrap_or_default();
            let start = before.trim_end().len();
            let start = if previous.is_some() { start } else { member.start };
            start.max(self.span.start + 1)..end
        };
        let text = splice(text, cut.clone(), "");
        // The last one is gone: the one before it needs no comma any more.
        if let (None, None, Some(previous)) = (following, comma, previous) {
            let comma = self.comma_after(&text, previous.end, cut.start.max(previous.end));
            if let Some(after) = comma {
                return splice(&text, after - 1..after, "");
            }
        }
        self.collapse(text, index)
    }

    /// An object whose only member is gone is `{}` again, if nothing else stands in it.
    fn collapse(&self, text: String, index: usize) -> String {
        if index > 0 || self.members.len() > 1 {
            return text;
        }
        let open = self.span.start + 1;
        let rest = text.get(open..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start().len();
        if rest.trim_start().starts_with('}') {
            return splice(&text, open..open + blank, "");
        }
        text
    }

    /// The place behind the comma that follows this one, before `limit`.
    fn comma_after(&self, text: &str, from: usize, limit: usize) -> Option<usize> {
        let mut at = from;
        while at < limit {
            let rest = text.get(at..limit)?;
            if rest.starts_with(self.line_comment) {
                at = next_line(text, at);
            } else if self.line_comment == "//" && rest.starts_with("/*") {
                at += rest.find("*/")? + 2;
            } else {
                let next = rest.chars().next()?;
                at += next.len_utf8();
                if next == ',' {
                    return Some(at);
                }
                if !next.is_whitespace() {
                    return None;
                }
            }
        }
        None
    }

    /// Blanks, or blanks and a comment that ends on this line.
    fn is_trivia(&self, text: &str, span: Range<usize>) -> bool {
        let part = text.get(span).unwrap_or_default().trim();
        part.is_empty()
            || part.starts_with(self.line_comment)
            || (self.line_comment == "//"
                && part.starts_with("/*")
                && part.find("*/") == part.len().checked_sub(2))
    }

    /// What stands between a comma and the next member on one line.
    fn gap<'a>(&self, text: &'a str) -> &'a str {
        let first = self.members.first().map(|it| it.end);
        let second = self.members.get(1).map(|it| it.start);
        let between = first.zip(second).and_then(|(end, start)| text.get(end..start));
        match between.and_then(|it| it.split_once(',')) {
            Some((_, gap)) if gap.chars().all(|it| it == ' ' || it == '\t') => gap,
            _ if text.contains(": ") || text.contains(" = ") || !text.contains(':') => " ",
            _ => "",
        }
    }
}

/// The blanks before the first thing on the line of a place.
fn indentation(text: &str, at: usize) -> &str {
    let line = text.get(line_start(text, at)..).unwrap_or_default();
    let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
    line.get(..blanks).unwrap_or_default()
}
