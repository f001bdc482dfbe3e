//! What a person should know before a tool uses a node, in the language of the page.

use companion::tools::{Effect, Says, Warning};
use console::look::Look;
use std::path::Path;

use crate::page::{Message, Page};

/// A warning's sentence.
pub(crate) fn said(page: &Page, warning: &Warning) -> String {
    told(page, warning, |path| page.path(path))
}

fn told(look: &Look, warning: &Warning, named: impl Fn(&Path) -> String) -> String {
    match warning {
        Warning::PlainHttp => look.t("dock-warned-plain-http").into_owned(),
        Warning::Variable { name, effect } => {
            let (message, file) = variable(*effect);
            look.t2(message.0, "name", *name, "file", file)
        }
        Warning::File { path, says } => {
            let (message, what) = file(says);
            look.t2(message.0, "file", named(path), "what", what)
        }
    }
}

fn variable(effect: Effect) -> (Message, &'static str) {
    match effect {
        Effect::Elsewhere => (Message("dock-warned-elsewhere"), ""),
        Effect::OnOthers => (Message("dock-warned-others"), ""),
        Effect::OnSomeVersions => (Message("dock-warned-some-versions"), ""),
        Effect::CountsMore(file) => (Message("dock-warned-counts-more"), file),
    }
}

fn file(says: &Says) -> (Message, &str) {
    match says {
        Says::ProjectSets(names) => (Message("dock-warned-project-sets"), names),
        Says::ManagedSets(names) => (Message("dock-warned-managed-sets"), names),
        Says::ProjectProvider | Says::ManagedProvider => (Message("dock-warned-provider"), ""),
        Says::Profile(name) => (Message("dock-warned-profile"), name),
        Says::HidesYours => (Message("dock-warned-hides-yours"), ""),
        Says::SignIn => (Message("dock-warned-sign-in"), ""),
        Says::Model => (Message("dock-warned-model"), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, HeaderValue};

    #[test]
    fn every_warning_is_said_in_the_language_of_the_page() {
        let variable = |effect| Warning::Variable { name: "SOME_KEY", effect };
        let file = |says| Warning::File { path: "a/b.toml".into(), says };
        let all = [
            (Warning::PlainHttp, "http"),
            (variable(Effect::Elsewhere), "SOME_KEY"),
            (variable(Effect::OnOthers), "unset SOME_KEY"),
            (variable(Effect::OnSomeVersions), "unset SOME_KEY"),
            (variable(Effect::CountsMore("~/.gemini/.env")), "~/.gemini/.env"),
            (file(Says::ProjectSets("env.A, env.B".to_owned())), "env.A, env.B"),
            (file(Says::ManagedSets("env.A".to_owned())), "env.A"),
            (file(Says::ProjectProvider), "a/b.toml"),
            (file(Says::ManagedProvider), "a/b.toml"),
            (file(Says::Profile("work".to_owned())), "work"),
            (file(Says::HidesYours), "a/b.toml"),
            (file(Says::SignIn), "a/b.toml"),
            (file(Says::Model), "a/b.toml"),
        ];
        for language in ["en", "zh-CN"] {
            let mut headers = HeaderMap::new();
            headers.insert("accept-language", HeaderValue::from_static(language));
            let look = Look::of(&headers);
            for (warning, named) in &all {
                let text = told(&look, warning, |path| path.display().to_string());
                assert!(text.contains(named) && !text.contains("dock-"), "{text}");
                let chinese = text.chars().any(|it| it > '\u{4e00}');
                assert_eq!(chinese, language == "zh-CN", "{text}");
            }
        }
    }
}
