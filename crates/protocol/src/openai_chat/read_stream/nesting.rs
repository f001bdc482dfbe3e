//! Whether a JSON object that comes in pieces is complete, told without keeping it.

/// How deep the text so far is nested.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Nesting {
    depth: u32,
    in_string: bool,
    escaped: bool,
    complete: bool,
}

impl Nesting {
    /// Takes the next piece.
    pub(super) fn feed(&mut self, piece: &str) {
        for byte in piece.bytes() {
            self.take(byte);
        }
    }

    /// Whether one whole object or array came, and nothing else behind it.
    pub(super) const fn is_complete(self) -> bool {
        self.complete
    }

    const fn take(&mut self, byte: u8) {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' => return,
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.complete = self.depth == 0;
                return;
            }
            _ => {}
        }
        self.complete = false;
    }
}

#[cfg(test)]
mod tests {
    use super::Nesting;

    #[test]
    fn the_end_of_an_object_is_found_wherever_it_is_cut() {
        let text = r#" {"a\"}":[{"b":"]"},"\\"],"c":{}} "#;
        let whole = text.trim_end().len();
        for cut in 0..=text.len() {
            let (before, after) = text.split_at(cut);
            let mut nesting = Nesting::default();
            nesting.feed(before);
            assert_eq!(nesting.is_complete(), cut >= whole, "{before}");
            nesting.feed(after);
            assert!(nesting.is_complete());
            nesting.feed("{");
            assert!(!nesting.is_complete());
        }
    }
}
