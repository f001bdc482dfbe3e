//! Bodies as no writer of JSON would make them, each from its seed.

use domain::dialect::Dialect::{self, Chat, Gemini, Messages, Responses};

use crate::stage::crossing::model;

/// What the user says in every body.
pub(super) const WORDS: &str = r#"one \"two\" \u4f60\/\ud83d\ude00 é three"#;

/// A source of odd bodies (SplitMix64).
pub(super) struct Odd(u64);

impl Odd {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From 0 to `end`, `end` not included.
    pub(super) fn up_to(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (end.max(1) as u64)).unwrap_or_default()
    }

    fn pick(&mut self, all: &[&'static str]) -> &'static str {
        all.get(self.up_to(all.len())).copied().unwrap_or_default()
    }

    /// A request of at most 101 tokens that the dialect takes, with whatever else.
    pub(super) fn body(&mut self, dialect: Dialect, stream: bool) -> String {
        let text = format!("\"{WORDS}\"");
        let mut members = Vec::new();
        let mut put = |name: &str, value: String| members.push((format!("\"{name}\""), value));
        match dialect {
            Chat => {
                let message = self.object(vec![quoted("role", "user"), raw("content", &text)]);
                put("messages", self.array(vec![message]));
                put("max_tokens", "101".to_owned());
                if stream {
                    let option = raw("include_usage", "true");
                    put("stream_options", self.object(vec![option]));
                }
            }
            Responses => {
                let item = self.object(vec![quoted("role", "user"), raw("content", &text)]);
                put("input", self.array(vec![item]));
                put("max_output_tokens", "101".to_owned());
                put("store", "false".to_owned());
            }
            Messages => {
                let block = self.object(vec![quoted("type", "text"), raw("text", &text)]);
                let content = self.array(vec![block]);
                let message = self.object(vec![quoted("role", "user"), raw("content", &content)]);
                put("messages", self.array(vec![message]));
                put("max_tokens", "101".to_owned());
            }
            Gemini => {
                let part = self.object(vec![raw("text", &text)]);
                let parts = self.array(vec![part]);
                let content = self.object(vec![quoted("role", "user"), raw("parts", &parts)]);
                put("contents", self.array(vec![content]));
                put("generationConfig", self.object(vec![raw("maxOutputTokens", "101")]));
            }
        }
        if dialect != Gemini {
            put("model", format!("\"{}\"", model(dialect)));
            put("stream", stream.to_string());
        }
        let body = self.object(members);
        format!("{}{body}{}", self.blank(), self.blank())
    }

    /// An object of these members and of some that nobody knows, in any order.
    fn object(&mut self, mut members: Vec<(String, String)>) -> String {
        for number in 0..self.up_to(4) {
            let name = self.pick(&["x", "\\u0078\\u002d", "größe", "", "x y", "😀"]);
            members.push((format!("\"{name}_{number}\""), self.value(3)));
        }
        let mut written = Vec::new();
        while !members.is_empty() {
            let (name, value) = members.swap_remove(self.up_to(members.len()));
            let blanks = [self.blank(), self.blank(), self.blank(), self.blank()];
            let [a, b, c, d] = blanks;
            written.push(format!("{a}{name}{b}:{c}{value}{d}"));
        }
        format!("{{{}}}", written.join(","))
    }

    fn array(&mut self, items: Vec<String>) -> String {
        let (before, after) = (self.blank(), self.blank());
        format!("[{before}{}{after}]", items.join(","))
    }

    fn value(&mut self, depth: usize) -> String {
        match self.up_to(if depth == 0 { 3 } else { 5 }) {
            0 => self.number().to_owned(),
            1 => self.pick(&["true", "false", "null"]).to_owned(),
            2 => self.text(),
            3 => {
                let items = (0..self.up_to(4)).map(|_| self.value(depth - 1)).collect();
                self.array(items)
            }
            _ => {
                let inner = self.value(depth - 1);
                self.object(vec![raw("inner", &inner)])
            }
        }
    }

    fn number(&mut self) -> &'static str {
        self.pick(&[
            "0",
            "-0",
            "1.0",
            "1e300",
            "-1.5E-300",
            "0.1000",
            "123456789012345678901234567890",
        ])
    }

    fn text(&mut self) -> String {
        let pieces =
            ["plain", r"\u00e9", r"\ud83d\ude00", r"\/", r#"\""#, "é", "你好", r"\n\t", " "];
        let pieces: String = (0..self.up_to(8)).map(|_| self.pick(&pieces)).collect();
        format!("\"{pieces}\"")
    }

    fn blank(&mut self) -> &'static str {
        self.pick(&["", "", " ", "\n", "\t", "\r\n", "  "])
    }
}

fn raw(name: &str, value: &str) -> (String, String) {
    (format!("\"{name}\""), value.to_owned())
}

fn quoted(name: &str, value: &str) -> (String, String) {
    raw(name, &format!("\"{value}\""))
}
