//! Rust text without what is not code, so that a rule is not misled by a comment or a literal.

use std::iter::Peekable;
use std::str::Chars;

/// The text twice, line for line: without comments and the insides of literals, and without
/// comments only.
pub(super) fn strip(text: &str) -> (String, String) {
    let mut stripper = Stripper::new(text);
    while stripper.next_part() {}
    (stripper.code, stripper.uncommented)
}

struct Stripper<'a> {
    rest: Peekable<Chars<'a>>,
    code: String,
    uncommented: String,
    /// The character before, to tell `r"` from the end of a name.
    previous: char,
}

#[derive(Clone, Copy)]
enum Part {
    Code,
    Literal,
    Comment,
}

impl<'a> Stripper<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            rest: text.chars().peekable(),
            code: String::with_capacity(text.len()),
            uncommented: String::with_capacity(text.len()),
            previous: ' ',
        }
    }

    fn take(&mut self, part: Part) -> Option<char> {
        let taken = self.rest.next()?;
        let blank = if taken == '\n' { '\n' } else { ' ' };
        self.code.push(if matches!(part, Part::Code) { taken } else { blank });
        self.uncommented.push(if matches!(part, Part::Comment) { blank } else { taken });
        self.previous = taken;
        Some(taken)
    }

    fn ahead(&self, at: usize) -> Option<char> {
        self.rest.clone().nth(at)
    }

    fn next_part(&mut self) -> bool {
        let Some(next) = self.rest.peek().copied() else { return false };
        let in_name = self.previous.is_alphanumeric() || self.previous == '_';
        match (next, self.ahead(1)) {
            ('/', Some('/')) => self.line_comment(),
            ('/', Some('*')) => self.block_comment(),
            ('"', _) => self.string(),
            ('r', Some('"' | '#')) if !in_name => self.raw_string(),
            ('b' | 'c', Some('r')) if !in_name && matches!(self.ahead(2), Some('"' | '#')) => {
                self.take(Part::Code);
                self.raw_string();
            }
            ('\'', Some(after)) => self.quote(after),
            _ => {
                self.take(Part::Code);
            }
        }
        true
    }

    fn line_comment(&mut self) {
        while self.rest.peek().is_some_and(|next| *next != '\n') {
            self.take(Part::Comment);
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            match (self.rest.peek().copied(), self.ahead(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.take(Part::Comment);
                    continue;
                }
            }
            self.take(Part::Comment);
            self.take(Part::Comment);
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        self.take(Part::Code);
        loop {
            match self.rest.peek() {
                None => return,
                Some('"') => {
                    self.take(Part::Code);
                    return;
                }
                Some('\\') => {
                    self.take(Part::Literal);
                    self.take(Part::Literal);
                }
                Some(_) => {
                    self.take(Part::Literal);
                }
            }
        }
    }

    /// `r"…"`, `r#"…"#`; `r#name` is code.
    fn raw_string(&mut self) {
        self.take(Part::Code);
        let hashes = self.rest.clone().take_while(|next| *next == '#').count();
        if self.ahead(hashes) != Some('"') {
            return;
        }
        for _ in 0..=hashes {
            self.take(Part::Code);
        }
        let end: String = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
        loop {
            if self.rest.clone().take(end.len()).eq(end.chars()) {
                for _ in 0..end.len() {
                    self.take(Part::Code);
                }
                return;
            }
            if self.take(Part::Literal).is_none() {
                return;
            }
        }
    }

    /// A character, or a lifetime's quotation mark.
    fn quote(&mut self, after: char) {
        self.take(Part::Code);
        if after == '\\' {
            self.take(Part::Literal);
            self.take(Part::Literal);
            while self.rest.peek().is_some_and(|next| *next != '\'') {
                self.take(Part::Literal);
            }
            self.take(Part::Code);
        } else if self.ahead(1) == Some('\'') {
            self.take(Part::Literal);
            self.take(Part::Code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::strip;

    #[test]
    fn comments_and_literals_are_blanks() {
        let text = "let a = \"x // \\\" y\"; // why\n/* a /* b */ c */ f('\"', '\\'', &'a b)";
        let code = "let a = \"         \";       \n                  f(' ', '  ', &'a b)";
        assert_eq!(strip(text).0, code);
    }

    #[test]
    fn raw_strings_keep_their_lines() {
        let (code, uncommented) = strip("r#\"a\"\n b\"# + r#type + br\"c\" // d");
        assert_eq!(code, "r#\"  \n  \"# + r#type + br\" \"     ");
        assert_eq!(uncommented, "r#\"a\"\n b\"# + r#type + br\"c\"     ");
    }
}
