//! What the local page of the companion borrows: the assets, the document, the words, and small
//! pieces. It is no console: it knows neither the API nor anybody who is logged in.

use askama::Template;
use axum::Router;
use axum::routing::get;
use domain::money::Nanos;
use domain::time::UnixMillis;
use http::header::{ACCEPT_LANGUAGE, HeaderValue};
use http::{HeaderMap, HeaderName};
use std::borrow::Cow;

use crate::language::{Language, Words};
use crate::ui::{self, Column};
use crate::visit::{LANGUAGE, THEME, Theme, cookie};

pub use crate::language::Value;
pub use crate::ui::{At, Html};

/// The style sheet, scripts and icons, where every document expects them.
pub fn assets<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{name}", get(crate::assets::serve))
}

/// The headers of every page: nothing inline runs, nothing comes from elsewhere, nobody frames it.
#[must_use]
pub fn headers() -> [(HeaderName, HeaderValue); 6] {
    crate::security::HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value)))
}

/// Language and theme of a visit.
#[derive(Clone, Copy)]
pub struct Look {
    words: Words,
    theme: Theme,
}

#[derive(Template)]
#[template(path = "borrowed.html")]
struct Document<'a> {
    look: Look,
    title: &'a str,
    body: Html,
}

impl Look {
    /// As the visitor chose, else as their browser says.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let language = cookie(headers, LANGUAGE)
            .and_then(|name| Language::named(&name))
            .unwrap_or_else(|| Language::accepted(accepted.unwrap_or_default()));
        let theme = cookie(headers, THEME).map_or(Theme::Auto, |name| Theme::named(&name));
        Self { words: Words::of(language), theme }
    }

    /// The cookie that keeps a choice of `language` or `theme`; none for what is no choice.
    #[must_use]
    pub fn choice(what: &str, chosen: &str) -> Option<HeaderValue> {
        let (name, value) = match what {
            "language" => (LANGUAGE, Language::named(chosen)?.tag()),
            "theme" => (THEME, Theme::named(chosen).name()),
            _ => return None,
        };
        HeaderValue::try_from(format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax"))
            .ok()
    }

    /// The languages' tags, own names, and whether it is this one.
    #[must_use]
    pub fn languages(&self) -> [(&'static str, &'static str, bool); 2] {
        Language::ALL.map(|it| (it.tag(), it.own_name(), it == self.words.language()))
    }

    /// The language's tag.
    #[must_use]
    pub fn tag(&self) -> &'static str {
        self.words.language().tag()
    }

    /// The theme's name: `light`, `dark` or `auto`.
    #[must_use]
    pub fn theme(&self) -> &'static str {
        self.theme.name()
    }

    /// A message.
    #[must_use]
    pub fn t(&self, id: &str) -> Cow<'static, str> {
        self.words.t(id)
    }

    /// A message with one value.
    #[must_use]
    pub fn t1(&self, id: &str, name: &str, value: impl Value) -> String {
        self.words.t1(id, name, value)
    }

    /// A message with two values.
    #[must_use]
    pub fn t2(
        &self,
        id: &str,
        one: &str,
        first: impl Value,
        other: &str,
        second: impl Value,
    ) -> String {
        self.words.t2(id, one, first, other, second)
    }

    /// Dollars.
    #[must_use]
    pub fn usd(&self, amount: Nanos) -> String {
        self.words.usd(amount)
    }

    /// A time as people say it, the exact one on hover; a dash for never.
    #[must_use]
    pub fn moment(&self, at: impl At, now: UnixMillis) -> Html {
        ui::moment(self.words, at, now)
    }

    /// A day without its year.
    #[must_use]
    pub fn day(&self, at: UnixMillis) -> String {
        self.words.short_date(at)
    }

    /// The badge of a key's status.
    #[must_use]
    pub fn status(&self, name: &str) -> Html {
        ui::status(self.words, name)
    }

    /// A chart of columns: what stands below each, and how high it is.
    #[must_use]
    pub fn chart(&self, name: &str, columns: &[(String, Nanos)]) -> Html {
        let columns: Vec<Column> = columns
            .iter()
            .map(|(label, value)| Column {
                label: label.clone(),
                title: format!("{label}: {}", self.usd(*value)),
                value: *value,
                link: None,
            })
            .collect();
        ui::chart(self.words, name, &columns)
    }

    /// A template as a part of another.
    ///
    /// # Errors
    /// When the template fails.
    pub fn part(template: &impl Template) -> Result<Html, askama::Error> {
        Ok(Html(template.render()?))
    }

    /// A document around a template's text.
    ///
    /// # Errors
    /// When the template fails.
    pub fn document(&self, title: &str, body: &impl Template) -> Result<String, askama::Error> {
        Document { look: *self, title, body: Self::part(body)? }.render()
    }
}

/// An icon of the sprite.
#[must_use]
pub fn icon(name: &str) -> Html {
    ui::icon(name)
}

/// A badge with a dot: `good`, `new`, `off`, `warn` or `bad`.
#[must_use]
pub fn badge(tone: &str, text: &str) -> Html {
    ui::badge(tone, text)
}

/// A text as markup, its lines marked as a unified diff marks them.
#[must_use]
pub fn diff(text: &str) -> Html {
    let lines = text.lines().map(|line| {
        let tone = match line.as_bytes() {
            [b'@' | b'\\', ..] => "head",
            [b'+', ..] => "more",
            [b'-', ..] => "less",
            _ => "same",
        };
        format!("<span data-line=\"{tone}\">{}\n</span>", ui::escape(line))
    });
    Html(lines.collect())
}
