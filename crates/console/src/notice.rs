//! A message from an action to the page that follows it, in a cookie that lives a moment.

use http::HeaderValue;

use crate::language::{Message, Words};

/// Its cookie.
pub(crate) const COOKIE: &str = "tollkeeper_notice";

/// What was done, and to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    message: String,
    name: String,
}

impl Notice {
    /// That something was done to the thing of this name.
    pub(crate) fn new(message: Message, name: impl Into<String>) -> Self {
        Self { message: message.0.to_owned(), name: name.into() }
    }

    /// From its cookie.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut pairs = form_urlencoded::parse(text.as_bytes());
        let (_, message) = pairs.find(|(name, _)| name == "m")?;
        let (_, name) = pairs.find(|(name, _)| name == "n").unwrap_or_default();
        Some(Self { message: message.into_owned(), name: name.into_owned() })
    }

    /// As its cookie.
    pub(crate) fn cookie(&self) -> Option<HeaderValue> {
        let name: String = self.name.chars().take(100).collect();
        let text = form_urlencoded::Serializer::new(String::new())
            .append_pair("m", &self.message)
            .append_pair("n", &name)
            .finish();
        HeaderValue::try_from(format!(
            "{COOKIE}={text}; Path=/console; Max-Age=20; HttpOnly; SameSite=Lax"
        ))
        .ok()
    }

    /// The cookie that takes it away once it was shown.
    pub(crate) const fn shown() -> HeaderValue {
        HeaderValue::from_static(
            "tollkeeper_notice=; Path=/console; Max-Age=0; HttpOnly; SameSite=Lax",
        )
    }

    /// What it says; nothing if no action of ours says so.
    pub(crate) fn text(&self, words: Words) -> Option<String> {
        words.known(&self.message, &self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_survives_its_cookie() {
        let notice = Notice::new(Message("token-notice-deleted"), "a; b=c 中");
        let cookie = notice.cookie().unwrap();
        let text = cookie.to_str().unwrap();
        let value = text.split(';').next().and_then(|pair| pair.split_once('=')).unwrap().1;
        assert_eq!(Notice::read(value), Some(notice));
    }
}
