//! Words in the visitor's language: messages of `locales/`, numbers, money, dates and spans.
//!
//! A template says `{{ page.t("token-title") }}`. Where the id is chosen by code, it stands in a
//! [`Message`], so that `cargo xtask tidy` finds every use of every message.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::format;

include!(concat!(env!("OUT_DIR"), "/messages.rs"));

static ENGLISH_WORDS: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| bundle(Language::English));
static CHINESE_WORDS: LazyLock<FluentBundle<FluentResource>> =
    LazyLock::new(|| bundle(Language::Chinese));

/// A language that pages come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// `en`
    English,
    /// `zh-CN`
    Chinese,
}

/// The id of a message that code chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Message(pub(crate) &'static str);

impl AsRef<Self> for Message {
    fn as_ref(&self) -> &Self {
        self
    }
}

/// Everything that is said in one language.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    language: Language,
}

impl Language {
    /// Every language.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// By its tag.
    pub(crate) fn named(tag: &str) -> Option<Self> {
        let main = tag.split(['-', '_']).next().unwrap_or_default();
        match main.to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }

    /// The one that a browser likes best, by its `Accept-Language`.
    pub(crate) fn accepted(header: &str) -> Self {
        let mut best = (0.0, Self::English);
        for part in header.split(',').take(20) {
            let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
            let weight: f32 = weight.trim().parse().unwrap_or(0.0);
            if let Some(language) = Self::named(tag.trim())
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }

    /// Its tag, as `<html lang>` has it.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// What its speakers call it.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    const fn sources(self) -> &'static [&'static str] {
        match self {
            Self::English => ENGLISH,
            Self::Chinese => CHINESE,
        }
    }

    fn words(self) -> &'static FluentBundle<FluentResource> {
        match self {
            Self::English => &ENGLISH_WORDS,
            Self::Chinese => &CHINESE_WORDS,
        }
    }
}

impl Words {
    /// The words of a language.
    pub(crate) const fn of(language: Language) -> Self {
        Self { language }
    }

    /// The language.
    pub(crate) const fn language(self) -> Language {
        self.language
    }

    /// A message.
    pub(crate) fn t(self, id: &str) -> Cow<'static, str> {
        self.format(id, None).unwrap_or_else(|| Cow::Owned(id.to_owned()))
    }

    /// A message with one value.
    pub(crate) fn t1(self, id: &str, name: &str, value: impl Value) -> String {
        self.with(id, &[(name, value.value())])
    }

    /// A message with two values.
    pub(crate) fn t2(
        self,
        id: &str,
        one: &str,
        first: impl Value,
        other: &str,
        second: impl Value,
    ) -> String {
        self.with(id, &[(one, first.value()), (other, second.value())])
    }

    /// A message that code chose, with texts for its values.
    pub(crate) fn say_with(self, message: Message, values: &BTreeMap<String, String>) -> String {
        let values: Vec<_> = values.iter().map(|(name, it)| (name.as_str(), it.value())).collect();
        self.with(message.0, &values)
    }

    /// What the API said with a code and values: the message of that code behind this prefix, if
    /// there is one. `cargo xtask tidy` counts all messages of the prefix as used.
    pub(crate) fn coded(
        self,
        prefix: &str,
        code: &str,
        values: &BTreeMap<String, String>,
    ) -> Option<String> {
        let id = format!("{prefix}-{}", code.replace('_', "-"));
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set(name.as_str(), value.as_str());
        }
        self.format(&id, Some(&arguments)).map(Cow::into_owned)
    }

    /// A message that code chose.
    pub(crate) fn say(self, message: impl AsRef<Message>) -> Cow<'static, str> {
        self.t(message.as_ref().0)
    }

    /// A message that code chose, with the name of what it is about.
    pub(crate) fn known(self, id: &str, name: &str) -> Option<String> {
        let mut arguments = FluentArgs::new();
        arguments.set("name", name);
        self.format(id, Some(&arguments)).map(Cow::into_owned)
    }

    /// A message with these values.
    pub(crate) fn with(self, id: &str, values: &[(&str, FluentValue<'static>)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set(*name, value.clone());
        }
        self.format(id, Some(&arguments)).map_or_else(|| id.to_owned(), Cow::into_owned)
    }

    fn format(self, id: &str, arguments: Option<&FluentArgs<'_>>) -> Option<Cow<'static, str>> {
        let words = self.language.words();
        let pattern = words.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = match arguments {
            None => words.format_pattern(pattern, None, &mut errors),
            some => Cow::Owned(words.format_pattern(pattern, some, &mut errors).into_owned()),
        };
        if !errors.is_empty() {
            tracing::warn!(id, ?errors, "a message lacks a value");
        }
        Some(text)
    }
}

/// What a message can have in it. Numbers choose plurals, and are grouped by thousands.
pub trait Value {
    /// As Fluent takes it.
    fn value(&self) -> FluentValue<'static>;
}

impl<T: Value + ?Sized> Value for &T {
    fn value(&self) -> FluentValue<'static> {
        (**self).value()
    }
}

macro_rules! numbers {
    ($($kind:ty),*) => {
        $(impl Value for $kind {
            fn value(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        })*
    };
}

numbers!(i64, u64, i32, u32, usize, u16);

impl Value for str {
    fn value(&self) -> FluentValue<'static> {
        FluentValue::from(self.to_owned())
    }
}

impl Value for String {
    fn value(&self) -> FluentValue<'static> {
        FluentValue::from(self.clone())
    }
}

impl Value for Cow<'_, str> {
    fn value(&self) -> FluentValue<'static> {
        FluentValue::from(self.clone().into_owned())
    }
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let tag = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(format::grouped(&number.as_string())),
        _ => None,
    }));
    for source in language.sources() {
        // A test reads all of them; what cannot be read here is only missing from the page.
        let resource = FluentResource::try_new((*source).to_owned());
        let resource = resource.unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_can_be_read() {
        for language in Language::ALL {
            for source in language.sources() {
                if let Err((_, errors)) = FluentResource::try_new((*source).to_owned()) {
                    panic!("{}: {errors:?} in {source}", language.tag());
                }
            }
        }
    }

    #[test]
    fn the_browser_chooses_a_language() {
        assert_eq!(Language::accepted("zh-CN,zh;q=0.9,en;q=0.8"), Language::Chinese);
        assert_eq!(Language::accepted("de, en;q=0.8, zh;q=0.7"), Language::English);
        assert_eq!(Language::accepted("fr"), Language::English);
    }

    #[test]
    fn numbers_are_grouped_and_choose_plurals() {
        let words = Words::of(Language::English);
        assert_eq!(words.t1("token-count", "count", 1), "1 token");
        assert_eq!(words.t1("token-count", "count", 12_345), "12,345 tokens");
        let words = Words::of(Language::Chinese);
        assert_eq!(words.t1("token-count", "count", 12_345), "12,345 个令牌");
    }
}
