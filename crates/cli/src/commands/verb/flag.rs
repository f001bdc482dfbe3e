//! What a flag sets, and how its value is written.

/// How a flag's value becomes a part of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// As it stands.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A whole number; `none`: null.
    Number,
    /// A decimal amount, sent as text so that no digit is lost; `none`: null.
    Amount,
    /// A time; `never`: null.
    Time,
    /// Several, separated by commas or given one by one; `none`: the empty list.
    List,
    /// `NAME=VALUE`, several.
    Pairs,
    /// `true` or `false`.
    Bool,
    /// No value: it sets this JSON.
    Switch(&'static str),
    /// The JSON that a file holds.
    Json,
    /// A secret text, from standard input or a file: the flags for each.
    Secret([&'static str; 2]),
    /// Secrets, one a line, from standard input or a file.
    Secrets([&'static str; 2]),
    /// A file that is the whole body, or the list in it: its argument comes without a name.
    Body,
    /// A header of the request.
    Header,
}

/// A flag.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Flag {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) help: &'static str,
    pub(super) required: bool,
    /// With it the verb changes nothing, so that there is nothing to ask.
    pub(super) harmless: bool,
    at: Option<&'static str>,
}

impl Flag {
    const fn new(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { name, kind, help, required: false, harmless: false, at: None }
    }

    pub(in super::super) const fn text(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Text, help)
    }

    pub(in super::super) const fn choice(
        name: &'static str,
        choices: &'static [&'static str],
        help: &'static str,
    ) -> Self {
        Self::new(name, Kind::Choice(choices), help)
    }

    pub(in super::super) const fn number(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Number, help)
    }

    pub(in super::super) const fn amount(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Amount, help)
    }

    pub(in super::super) const fn time(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Time, help)
    }

    pub(in super::super) const fn list(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::List, help)
    }

    pub(in super::super) const fn pairs(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Pairs, help)
    }

    pub(in super::super) const fn bool(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Bool, help)
    }

    pub(in super::super) const fn switch(
        name: &'static str,
        json: &'static str,
        help: &'static str,
    ) -> Self {
        Self::new(name, Kind::Switch(json), help)
    }

    pub(in super::super) const fn json(name: &'static str, help: &'static str) -> Self {
        Self::new(name, Kind::Json, help)
    }

    pub(in super::super) const fn secret(
        name: &'static str,
        sources: [&'static str; 2],
        help: &'static str,
    ) -> Self {
        Self::new(name, Kind::Secret(sources), help)
    }

    pub(in super::super) const fn secrets(
        name: &'static str,
        sources: [&'static str; 2],
        help: &'static str,
    ) -> Self {
        Self::new(name, Kind::Secrets(sources), help)
    }

    /// The body; `list` is the member that an array in the file stands for.
    pub(in super::super) const fn body(list: &'static str, help: &'static str) -> Self {
        Self::new("file", Kind::Body, help).at(list).required()
    }

    /// Sets another member than its name says; points lead into members.
    pub(in super::super) const fn at(self, at: &'static str) -> Self {
        Self { at: Some(at), ..self }
    }

    pub(in super::super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(in super::super) const fn harmless(self) -> Self {
        Self { harmless: true, ..self }
    }

    /// The member of the body, or the parameter of the query, that it sets.
    pub(super) fn member(&self) -> String {
        self.at.map_or_else(|| self.name.replace('-', "_"), str::to_owned)
    }

    /// As people write it.
    pub(super) fn shown(&self) -> String {
        match self.kind {
            Kind::Secret([piped, file]) | Kind::Secrets([piped, file]) => {
                format!("--{piped} or --{file}")
            }
            Kind::Body => self.name.to_uppercase(),
            _ => format!("--{}", self.name),
        }
    }
}

/// One page of a list, or all of them.
pub(in super::super) const PAGE: &[Flag] = &[
    Flag::text("limit", "So many at once, 1 to 200 [default: 50]"),
    Flag::text("cursor", "What the page before named as the next one"),
];

/// A stretch of time.
pub(in super::super) const FILTERS_OF_TIME: &[Flag] = &[
    Flag::text("since", "From this RFC 3339 time on, such as 2026-11-20T00:00:00Z"),
    Flag::text("until", "Before this RFC 3339 time"),
];

/// An edit that holds only for what was seen.
pub(in super::super) const IF_MATCH: &[Flag] =
    &[Flag::new("if-match", Kind::Header, "Only if its etag still is this one")];

/// A request that may be sent again.
pub(in super::super) const IDEMPOTENCY_KEY: &[Flag] = &[Flag::new(
    "idempotency-key",
    Kind::Header,
    "A word of your own: the same request with the same word is carried out once",
)];
