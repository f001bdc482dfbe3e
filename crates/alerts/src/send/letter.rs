//! A message as a letter: plain text in UTF-8, encoded so that nothing in it can become a header or
//! end it early.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A letter with its headers, each line ended by CR and LF.
pub(super) fn of(body: &str, id: &str, from: &str, to: &str, date: &str) -> String {
    let message: Value = serde_json::from_str(body).unwrap_or_default();
    let data = message.get("data").cloned().unwrap_or_default();
    let text = data.get("text").and_then(Value::as_str).unwrap_or_default();
    let severity = data.get("severity").and_then(Value::as_str).unwrap_or("info");
    let subject = encoded_word(&format!("[Tollkeeper] {severity}: {text}"));
    let host = from.rsplit_once('@').map_or("localhost", |(_, host)| host);
    let content = wrapped(&STANDARD.encode(content(text, &data)));
    format!(
        "From: Tollkeeper <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nDate: {date}\r\n\
         Message-ID: <{id}@{host}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{content}"
    )
}

fn content(text: &str, data: &Value) -> String {
    let mut lines = vec![text.to_owned(), String::new()];
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    for name in ["kind", "subject", "id", "raised_at", "resolved_at"] {
        if let Some(value) = data.get(name).filter(|value| !value.is_null()) {
            lines.push(format!("{name}: {}", plain(value)));
        }
    }
    for (name, value) in data.get("numbers").and_then(Value::as_object).into_iter().flatten() {
        lines.push(format!("{name}: {}", plain(value)));
    }
    lines.push(String::new());
    lines.join("\r\n")
}

/// RFC 2047: words of at most 75 characters, each a whole number of UTF-8 characters.
fn encoded_word(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut part = String::new();
    for character in text.chars().take(200) {
        if part.len() + character.len_utf8() > 42 {
            words.push(std::mem::take(&mut part));
        }
        part.push(character);
    }
    words.push(part);
    let encode = |word: &String| format!("=?UTF-8?B?{}?=", STANDARD.encode(word));
    words.iter().map(encode).collect::<Vec<_>>().join("\r\n ")
}

fn wrapped(base64: &str) -> String {
    let bytes: Vec<char> = base64.chars().collect();
    bytes.chunks(76).map(|line| line.iter().collect::<String>() + "\r\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_becomes_a_header() {
        let body = serde_json::json!({"data": {"severity": "warning", "numbers": {"used": "1.5"},
            "text": "The key \"a\r\nBcc: evil@example.com\r\n.\r\n\" 令牌 has used a lot, and its name is far too long for one line"}});
        let letter = of(&body.to_string(), "msg_1", "a@example.com", "b@example.com", "now");
        let (head, content) = letter.split_once("\r\n\r\n").unwrap();
        assert!(!letter.contains("Bcc") && !letter.contains("\r\n.\r\n"), "{letter}");
        assert!(head.contains("Message-ID: <msg_1@example.com>"), "{head}");
        assert!(letter.lines().all(|line| line.len() <= 78), "{letter}");
        let text = STANDARD.decode(content.replace("\r\n", "")).unwrap();
        assert!(String::from_utf8(text).unwrap().contains("used: 1.5"));
    }
}
