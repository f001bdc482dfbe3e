//! Free text in a dialect that has none: a function's one text named `input`.

use std::borrow::Cow;

use serde_json::Value;

/// The arguments of a function that stands for a free tool.
pub(super) fn wrap(text: &str) -> String {
    let mut out = b"{\"input\":".to_vec();
    crate::json::push_string(&mut out, text);
    out.push(b'}');
    String::from_utf8(out).unwrap_or_default()
}

/// The free text behind such arguments; they themselves where they are something else.
pub(super) fn unwrap(arguments: &str) -> Cow<'_, str> {
    match serde_json::from_str(arguments) {
        Ok(Value::Object(mut members)) if members.len() == 1 => match members.remove("input") {
            Some(Value::String(text)) => Cow::Owned(text),
            _ => Cow::Borrowed(arguments),
        },
        _ => Cow::Borrowed(arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::{unwrap, wrap};

    #[test]
    fn a_free_text_goes_there_and_back() {
        for text in ["", "*** Begin Patch\n+\"x\"\n", "{\"input\":\"x\"}"] {
            assert_eq!(unwrap(&wrap(text)), text);
        }
        for other in ["", "*** Begin Patch", "{\"input\":1}", "{\"input\":\"a\",\"b\":1}", "[]"] {
            assert_eq!(unwrap(other), other);
        }
    }
}
