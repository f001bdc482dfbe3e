//! Small pieces of pages, made by code where a template would be clumsy. Templates say
//! `{{ ui::icon("plus") }}`; each answers with [`Html`], which is not escaped again.

use askama::filters::{HtmlSafe, Safe};
use domain::money::Nanos;
use domain::time::UnixMillis;
use std::fmt::{self, Write as _};

use crate::assets::ICONS_SVG;
use crate::form::Form;
use crate::format::{Amount, Count};
use crate::language::{Message, Words};

/// Markup that is safe as it stands.
#[derive(Debug, Clone, Default)]
pub struct Html(pub(crate) String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

/// Whatever is a time, behind however many references.
pub trait At {
    /// The time; none: never.
    fn at(&self) -> Option<UnixMillis>;
}

impl At for UnixMillis {
    fn at(&self) -> Option<UnixMillis> {
        Some(*self)
    }
}

impl<T: At> At for Option<T> {
    fn at(&self) -> Option<UnixMillis> {
        self.as_ref().and_then(At::at)
    }
}

impl<T: At + ?Sized> At for &T {
    fn at(&self) -> Option<UnixMillis> {
        (**self).at()
    }
}

/// An icon of the sprite, hidden from screen readers: the words beside it say the same.
pub(crate) fn icon(name: &str) -> Html {
    Html(format!(
        "<svg class=\"icon\" aria-hidden=\"true\"><use href=\"{ICONS_SVG}#{name}\"/></svg>"
    ))
}

/// Text as markup.
pub(crate) fn escape(text: &str) -> String {
    match askama::filters::escape(text, askama::filters::Html) {
        Ok(escaped) => escaped.to_string(),
        Err(never) => match never {},
    }
}

/// A time as people say it, the exact one on hover; a dash for never.
pub(crate) fn moment(words: Words, at: impl At, now: UnixMillis) -> Html {
    let Some(at) = at.at() else { return Html("<span class=\"muted\">—</span>".to_owned()) };
    Html(format!(
        "<time datetime=\"{at}\" title=\"{}\" data-relative>{}</time>",
        words.exact(at),
        words.relative(at, now)
    ))
}

/// How much of a whole is used, as a bar: amber from four fifths on, red when it is full.
pub(crate) fn bar(used: impl Amount, whole: impl Amount) -> Html {
    drawn(used.nanos().get(), whole.nanos().get())
}

/// The same for counts.
pub(crate) fn bar_of(used: impl Count, whole: impl Count) -> Html {
    drawn(used.number(), whole.number())
}

fn drawn(used: i64, whole: i64) -> Html {
    let share = if whole <= 0 {
        100
    } else {
        i64::try_from((i128::from(used.max(0)) * 100 / i128::from(whole)).min(100)).unwrap_or(100)
    };
    let tone = match share {
        100 => "full",
        80.. => "near",
        _ => "fine",
    };
    let width = if used > 0 { share.max(2) } else { 0 };
    Html(format!(
        "<svg class=\"bar\" data-tone=\"{tone}\" viewBox=\"0 0 100 4\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{share}%\"><rect width=\"100\" height=\"4\"/><rect width=\"{width}\" height=\"4\"/></svg>"
    ))
}

/// A part of the largest, as a bar without a limit.
pub(crate) fn share(part: impl Amount, most: impl Amount) -> Html {
    Html(
        bar(part, most)
            .0
            .replace("data-tone=\"full\"", "data-tone=\"fine\"")
            .replace("data-tone=\"near\"", "data-tone=\"fine\""),
    )
}

/// The badge of a key's status.
pub(crate) fn status(words: Words, name: &str) -> Html {
    let (message, tone) = match name {
        "active" => (Message("status-active"), "good"),
        "not_used" => (Message("status-not-used"), "new"),
        "disabled" => (Message("status-disabled"), "off"),
        "expired" => (Message("status-expired"), "warn"),
        "exhausted" => (Message("status-exhausted"), "warn"),
        "limit_reached" => (Message("status-limit-reached"), "warn"),
        "revoked" => (Message("status-revoked"), "bad"),
        _ => (Message("status-unknown"), "off"),
    };
    badge(tone, words.say(message))
}

/// A badge with a dot: `good`, `new`, `off`, `warn` or `bad`.
pub(crate) fn badge(tone: &str, text: impl AsRef<str>) -> Html {
    Html(format!("<span class=\"status\" data-tone=\"{tone}\">{}</span>", escape(text.as_ref())))
}

/// A link that sorts a list; `order` as `aria-sort` says it.
pub(crate) fn sorting(link: &str, order: &str, name: &str) -> Html {
    let (link, name) = (escape(link), escape(name));
    Html(format!("<a href=\"{link}\" data-order=\"{order}\">{name}</a>"))
}

/// A column of a chart.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// What stands below it.
    pub(crate) label: String,
    /// What stands on it on hover.
    pub(crate) title: String,
    /// How high it is.
    pub(crate) value: Nanos,
    /// Where it is shown at a finer grain.
    pub(crate) link: Option<String>,
}

/// A chart of amounts, with the highest of them below it.
pub(crate) fn chart(words: Words, name: &str, columns: &[Column]) -> Html {
    let highest = columns.iter().map(|column| column.value.get()).max().unwrap_or(0);
    if highest <= 0 {
        return columns_chart(name, columns, "");
    }
    let mut caption = words.t1("chart-peak", "amount", words.usd(Nanos::new(highest)));
    if columns.iter().any(|column| column.link.is_some()) {
        caption = format!("{caption} · {}", words.t("chart-zoom"));
    }
    columns_chart(name, columns, &caption)
}

/// A chart of columns, drawn here: it needs no script and prints. Nothing is said below it where there
/// is no caption. A column is a link where it can be
/// seen at a finer grain; the script adds that several of them are dragged over.
pub(crate) fn columns_chart(name: &str, columns: &[Column], caption: &str) -> Html {
    let (width, height) = (720_usize, 160_i64);
    let highest = columns.iter().map(|column| column.value.get()).max().unwrap_or(0).max(1);
    let step = width / columns.len().max(1);
    let thick = (step * 7 / 10).clamp(1, 48);
    let mut html = format!(
        "<figure class=\"day-chart\"><svg viewBox=\"0 0 {} {height}\" preserveAspectRatio=\"none\" role=\"{}\" aria-label=\"{}\">",
        step * columns.len().max(1),
        if columns.iter().any(|column| column.link.is_some()) { "group" } else { "img" },
        escape(name)
    );
    for line in 0..=2 {
        let y = 1 + (height - 2) * line / 2;
        let _ =
            write!(html, "<line class=\"rule\" x1=\"0\" x2=\"{width}\" y1=\"{y}\" y2=\"{y}\"/>");
    }
    for (at, column) in columns.iter().enumerate() {
        let part = i128::from(column.value.get().max(0)) * i128::from(height - 2);
        let tall = i64::try_from(part / i128::from(highest)).unwrap_or(0);
        let tall = if column.value.get() > 0 { tall.max(2) } else { 0 };
        let title = escape(&column.title);
        let (open, close) = column.link.as_ref().map_or_else(
            || ("<g>".to_owned(), "</g>"),
            |link| {
                let link = escape(link);
                (format!("<a href=\"{link}\" aria-label=\"{title}\">"), "</a>")
            },
        );
        let _ = write!(
            html,
            "{open}<title>{title}</title><rect class=\"hit\" x=\"{}\" y=\"0\" width=\"{step}\" height=\"{height}\"/><rect class=\"column\" x=\"{}\" y=\"{}\" width=\"{thick}\" height=\"{tall}\"/>{close}",
            at * step,
            at * step + (step - thick) / 2,
            height - tall,
        );
    }
    html.push_str("</svg>");
    html.push_str(&axis(columns));
    if !caption.is_empty() {
        let _ = write!(html, "<figcaption>{}</figcaption>", escape(caption));
    }
    html.push_str("</figure>");
    Html(html)
}

/// A chart has no more labels than this.
const LABELS: usize = 8;

/// The labels below the columns, each under its own. The last column has one, and from it as many
/// columns are left out each time as must be; no label stands there twice.
fn axis(columns: &[Column]) -> String {
    let mut html = String::from("<svg class=\"axis\" aria-hidden=\"true\">");
    let (count, each) = (columns.len(), columns.len().div_ceil(LABELS).max(1));
    let mut before = "";
    for (at, column) in columns.iter().enumerate() {
        if (count - 1 - at) % each != 0 || column.label == before {
            continue;
        }
        before = &column.label;
        // In thousandths of a percent of the width. What stands near an edge begins or ends there.
        let (left, right) = (at * 100_000 / count, (at + 1) * 100_000 / count);
        let (anchor, x) = match (left + right) / 2 {
            ..1_000 => ("start", left),
            99_001.. => ("end", right),
            middle => ("middle", middle),
        };
        let (whole, part) = (x / 1_000, x % 1_000);
        let label = escape(&column.label);
        let _ = write!(
            html,
            "<text x=\"{whole}.{part:03}%\" y=\"12\" text-anchor=\"{anchor}\">{label}</text>"
        );
    }
    html.push_str("</svg>");
    html
}

/// A line of a few values, without axes.
pub(crate) fn sparkline(values: &[Nanos]) -> Html {
    let highest = values.iter().map(|value| value.get()).max().unwrap_or(0);
    if values.len() < 2 || highest <= 0 {
        return Html::default();
    }
    let last = values.len() - 1;
    let mut points = String::new();
    for (at, value) in values.iter().enumerate() {
        let y = 26 - i128::from(value.get().max(0)) * 24 / i128::from(highest);
        let _ = write!(points, "{},{y} ", at * 100 / last);
    }
    Html(format!(
        "<svg class=\"sparkline\" viewBox=\"0 0 100 28\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><polygon points=\"0,28 {points}100,28\"/><polyline points=\"{points}\"/></svg>"
    ))
}

/// What is wrong with a field, below it.
pub(crate) fn field_error(form: &Form, name: &str) -> Html {
    form.error(name).map_or_else(Html::default, |error| {
        Html(format!(
            "<p class=\"field-error\" id=\"error-{}\" role=\"alert\">{}</p>",
            escape(name),
            escape(error)
        ))
    })
}

/// The attributes of an input whose field is wrong.
pub(crate) fn invalid(form: &Form, name: &str) -> Html {
    form.error(name).map_or_else(Html::default, |_| {
        Html(format!("aria-invalid=\"true\" aria-describedby=\"error-{}\"", escape(name)))
    })
}

/// `selected` where two values are the same.
pub(crate) fn selected(one: impl AsRef<str>, other: impl AsRef<str>) -> Safe<&'static str> {
    Safe(if one.as_ref() == other.as_ref() { "selected" } else { "" })
}

/// `checked` where it holds.
pub(crate) const fn checked(holds: bool) -> Safe<&'static str> {
    Safe(if holds { "checked" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn bars_say_how_full_they_are() {
        let bar = |used: i64, whole: i64| bar_of(used, whole).0;
        assert!(bar(50, 100).contains("data-tone=\"fine\""));
        assert!(bar(85, 100).contains("data-tone=\"near\""));
        assert!(bar(i64::MAX, i64::MAX).contains("data-tone=\"full\""));
        assert!(bar(0, 0).contains("100%"));
    }

    #[test]
    fn labels_stand_under_their_columns() {
        let column =
            |label: String| Column { label, title: String::new(), value: Nanos::ZERO, link: None };
        let places = |count: usize| -> Vec<String> {
            let columns: Vec<Column> = (0..count).map(|at| column(at.to_string())).collect();
            let axis = axis(&columns);
            let texts = axis.split("<text x=\"").skip(1);
            texts.map(|text| text.replace("</text>", "").replace("</svg>", "")).collect()
        };
        let week = places(7);
        assert_eq!(week.len(), 7);
        assert_eq!(week[0], "7.142%\" y=\"12\" text-anchor=\"middle\">0");
        assert_eq!(week[6], "92.857%\" y=\"12\" text-anchor=\"middle\">6");
        // Of thirty days every fourth up to the last.
        let month = places(30);
        assert_eq!(month.len(), 8);
        assert_eq!(month[0], "4.999%\" y=\"12\" text-anchor=\"middle\">1");
        assert_eq!(month[7], "98.333%\" y=\"12\" text-anchor=\"middle\">29");
        // Where columns are thin, the last label does not leave the chart.
        assert!(places(200)[7].starts_with("100.000%\" y=\"12\" text-anchor=\"end\""));
        let same = [column("Nov 1".into()), column("Nov 1".into())];
        assert_eq!(axis(&same).matches("Nov 1").count(), 1);
        assert_eq!(places(0).len(), 0);
    }

    #[test]
    fn markup_in_data_stays_text() {
        let words = Words::of(Language::English);
        let evil = "<script>\"'";
        let link = Some(evil.into());
        let column = Column { label: evil.into(), title: evil.into(), value: Nanos::ZERO, link };
        for html in [badge("good", evil), chart(words, evil, &[column])] {
            assert!(!html.0.contains("<script>"), "{html}");
        }
    }
}
