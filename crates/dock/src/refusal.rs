//! What the companion refuses, in the language of the page: the refusals that a person is likely to
//! see. The companion's own sentences are English and speak of flags; they stand where none of these
//! fits.

use companion::accounts::AccountError;
use companion::companion::OpenError;
use companion::edit::EditError;
use companion::link::LinkError;
use companion::nodes::{NodeError, Unanswered};
use companion::plan::PlanError;
use companion::sites::SiteError;
use companion::tools::Unmet;
use companion::verify::VerifyError;
use companion::web::WebError;
use companion::write::WriteError;
use std::error::Error;

use crate::page::Message;

/// A refusal with words of its own here, and the one value in them.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// The message.
    pub(crate) message: Message,
    /// What `{ $what }` stands for in it.
    pub(crate) what: String,
}

/// The input that an error is about, where it is about one.
pub(crate) fn field(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let node = |error: &NodeError| match error {
        NodeError::Name | NodeError::Taken { .. } => Some("name"),
        NodeError::Url(_) => Some("url"),
        _ => None,
    };
    let site = |error: &SiteError| match error {
        SiteError::SignedOut { .. } | SiteError::Unsendable { .. } => Some("secret"),
        SiteError::UserIdMissing { .. } | SiteError::WrongUser { .. } => Some("user_id"),
        _ => None,
    };
    let account = |error: &AccountError| match error {
        AccountError::Name | AccountError::Taken { .. } => Some("name"),
        AccountError::Url(_) | AccountError::BaseUrl(_) => Some("url"),
        AccountError::UserIdMissing => Some("user_id"),
        AccountError::Empty { .. } | AccountError::Unsendable { .. } => Some("secret"),
        AccountError::Site(error) => site(error),
        AccountError::Node(error) => node(error),
        _ => None,
    };
    let link = error.downcast_ref::<LinkError>().map(|_| "link");
    let found = error.downcast_ref::<AccountError>().map_or(link, account);
    found.or_else(|| error.downcast_ref::<NodeError>().and_then(node))
}

/// The refusal that an error is, if it is known here.
pub(crate) fn of(error: &(dyn Error + 'static)) -> Option<Refusal> {
    let account = error.downcast_ref::<AccountError>().and_then(account);
    let site = || error.downcast_ref::<SiteError>().and_then(site);
    let plan = || error.downcast_ref::<PlanError>().and_then(plan);
    let verify = || error.downcast_ref::<VerifyError>().map(verify);
    let open = || error.downcast_ref::<OpenError>().and_then(open);
    let written = || error.downcast_ref::<WriteError>().and_then(written);
    let node = || error.downcast_ref::<NodeError>().and_then(node);
    let link = || error.downcast_ref::<LinkError>().map(link);
    account
        .or_else(site)
        .or_else(plan)
        .or_else(verify)
        .or_else(open)
        .or_else(written)
        .or_else(node)
        .or_else(link)
}

fn said(message: Message, what: impl ToString) -> Option<Refusal> {
    Some(Refusal { message, what: what.to_string() })
}

fn account(error: &AccountError) -> Option<Refusal> {
    let known = match error {
        AccountError::Site(error) => return site(error),
        AccountError::Node(error) => return node(error),
        AccountError::Name => (Message("dock-refused-account-name"), ""),
        AccountError::Taken { name } => (Message("dock-refused-account-taken"), name.as_str()),
        AccountError::Url(_) => (Message("dock-refused-site-url"), ""),
        AccountError::UserIdMissing => (Message("dock-refused-user-id"), ""),
        AccountError::Empty { .. } => (Message("dock-refused-empty"), ""),
        AccountError::Unsendable { .. } => (Message("dock-refused-unsendable"), ""),
        AccountError::NoSecret { name } => (Message("dock-refused-no-secret"), name.as_str()),
        AccountError::NoToken { token, .. } => (Message("dock-refused-no-token"), token.as_str()),
        AccountError::NotUsable { token, .. } => {
            (Message("dock-refused-not-usable"), token.as_str())
        }
        AccountError::OtherValue { masked, .. } => {
            (Message("dock-refused-other-value"), masked.as_str())
        }
        AccountError::MaskedValue => (Message("dock-refused-masked"), ""),
        _ => return None,
    };
    Some(Refusal { message: known.0, what: known.1.to_owned() })
}

fn site(error: &SiteError) -> Option<Refusal> {
    let (message, site) = match error {
        SiteError::Web(error) => return web(error),
        SiteError::BotWall { site } => (Message("dock-refused-bot-wall"), site),
        SiteError::NotJson { site, .. } | SiteError::NoRoute { site, .. } => {
            (Message("dock-refused-not-a-site"), site)
        }
        SiteError::SignedOut { site, .. } => (Message("dock-refused-signed-out"), site),
        SiteError::UserIdMissing { .. } => (Message("dock-refused-user-id"), &String::new()),
        SiteError::WrongUser { site, .. } => (Message("dock-refused-wrong-user"), site),
        SiteError::Banned { site } => (Message("dock-refused-banned"), site),
        SiteError::TooOften { site, .. } => (Message("dock-refused-too-often"), site),
        SiteError::Failed { site, .. } => (Message("dock-refused-failed"), site),
        SiteError::Person { site } => (Message("dock-refused-person"), site),
        SiteError::NotRevealed { .. } => (Message("dock-refused-not-revealed"), &String::new()),
        SiteError::NoCheckIn { site } => (Message("dock-refused-no-check-in"), site),
        SiteError::KeyAlone { .. } => (Message("dock-refused-key-alone"), &String::new()),
        SiteError::Unsendable { .. } => (Message("dock-refused-unsendable"), &String::new()),
        // The site's own words, or something odd: as it is.
        _ => return None,
    };
    Some(Refusal { message, what: site.clone() })
}

fn web(error: &WebError) -> Option<Refusal> {
    let (message, host) = match error {
        WebError::Unresolved(host) => (Message("dock-refused-unresolved"), host),
        WebError::Unreachable(host, _) => (Message("dock-refused-unreachable"), host),
        WebError::TimedOut(host, _) => (Message("dock-refused-timed-out"), host),
        WebError::Broken(host, _) => (Message("dock-refused-broken-off"), host),
        WebError::NotLoopback(host) => (Message("dock-refused-not-loopback"), host),
        WebError::Tls(host, _) => (Message("dock-refused-tls"), host),
        WebError::TooLarge(host) => (Message("dock-refused-too-large"), host),
        _ => return None,
    };
    Some(Refusal { message, what: host.clone() })
}

fn node(error: &NodeError) -> Option<Refusal> {
    match error {
        NodeError::Name => said(Message("dock-refused-node-name"), ""),
        NodeError::Taken { .. } => said(Message("dock-refused-node-taken"), ""),
        NodeError::Url(_) | NodeError::Provider(_) => said(Message("dock-refused-site-url"), ""),
        NodeError::Unknown { name, .. } => said(Message("dock-refused-no-node"), name),
        NodeError::BuiltIn { name } => said(Message("dock-refused-built-in"), name),
        NodeError::File(_) => None,
    }
}

/// Why a node does not answer.
pub(crate) fn unanswered(error: &Unanswered) -> Refusal {
    let failed = |status: String| Refusal { message: Message("dock-node-failed"), what: status };
    match error {
        Unanswered::Failed(status) => failed(status.to_string()),
        Unanswered::Web(error) => {
            let other = Refusal { message: Message("dock-node-silent"), what: String::new() };
            web(error).unwrap_or(other)
        }
    }
}

fn plan(error: &PlanError) -> Option<Refusal> {
    match error {
        PlanError::File { path, error } => Some(file(path, error)),
        PlanError::Write(error) => written(error),
        PlanError::NoChange => said(Message("dock-refused-no-change"), ""),
        PlanError::NotConfigured { tool } => said(Message("dock-refused-not-configured"), tool),
        PlanError::ChangedSince { path } => said(Message("dock-refused-changed-since"), path),
        PlanError::Wish(Unmet::NoCommand) => said(Message("dock-refused-no-command"), ""),
        PlanError::Wish(Unmet::ModelNeeded) => said(Message("dock-refused-model-needed"), ""),
        PlanError::Wish(Unmet::ModelName) => said(Message("dock-refused-model-name"), ""),
    }
}

/// A file that is left as it is, and where to look in it.
fn file(path: &str, error: &EditError) -> Refusal {
    let (message, what) = match error {
        EditError::Syntax { line, .. } => {
            (Message("dock-refused-syntax"), format!("{path}:{line}"))
        }
        EditError::ToolIgnoresFile { line, .. } => {
            (Message("dock-refused-ignored"), format!("{path}:{line}"))
        }
        EditError::Twice(key) => (Message("dock-refused-twice"), format!("{path}: {key}")),
        EditError::NotText | EditError::NoContainer(_) | EditError::NotFaithful => {
            (Message("dock-refused-not-editable"), path.to_owned())
        }
    };
    Refusal { message, what }
}

fn written(error: &WriteError) -> Option<Refusal> {
    match error {
        WriteError::Changed(path) => said(Message("dock-refused-changed"), path.display()),
        WriteError::Io { .. } | WriteError::NoFile { .. } => {
            said(Message("dock-refused-unwritable"), error)
        }
        WriteError::Own(_) => None,
    }
}

fn verify(error: &VerifyError) -> Refusal {
    let (message, what) = match error {
        VerifyError::NotThere(path) => (Message("dock-refused-not-there"), path.clone()),
        VerifyError::NotFound => (Message("dock-refused-verify-file"), String::new()),
        VerifyError::Probe(error) => (Message("dock-refused-verify-node"), error.to_string()),
        VerifyError::Write(error) => (Message("dock-refused-unwritable"), error.to_string()),
    };
    Refusal { message, what }
}

fn open(error: &OpenError) -> Option<Refusal> {
    match error {
        OpenError::Busy => said(Message("dock-refused-busy"), ""),
        OpenError::Write(error) => written(error),
    }
}

fn link(error: &LinkError) -> Refusal {
    let message = match error {
        LinkError::NotAProvider => Message("dock-refused-link-kind"),
        _ => Message("dock-refused-link"),
    };
    Refusal { message, what: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use console::look::Look;
    use http::{HeaderMap, HeaderValue};

    fn look(language: &'static str) -> Look {
        let mut headers = HeaderMap::new();
        headers.insert("accept-language", HeaderValue::from_static(language));
        Look::of(&headers)
    }

    #[test]
    fn what_people_meet_is_said_in_their_language() {
        let site = || "relay.example.com".to_owned();
        let line = |line| EditError::Syntax { line, message: "expected `}`".to_owned() };
        let known: [(Box<dyn Error>, &str); 6] = [
            (Box::new(SiteError::BotWall { site: site() }), "relay.example.com"),
            (
                Box::new(AccountError::Site(SiteError::WrongUser {
                    site: site(),
                    sign_in: "access token",
                    user_id: 7,
                })),
                "relay.example.com",
            ),
            (
                Box::new(SiteError::SignedOut { site: site(), sign_in: "cookie" }),
                "relay.example.com",
            ),
            (
                Box::new(PlanError::File { path: "settings.json".to_owned(), error: line(3) }),
                "settings.json:3",
            ),
            (Box::new(WriteError::Changed("a/config.toml".into())), "config.toml"),
            (Box::new(VerifyError::Probe(companion::verify::ProbeError("401".to_owned()))), "401"),
        ];
        for (error, value) in known {
            let refusal = of(error.as_ref()).expect("it is known");
            for language in ["en", "zh-CN"] {
                let text = look(language).t1(refusal.message.0, "what", refusal.what.as_str());
                assert!(text.contains(value) && !text.contains("--"), "{text}");
                let chinese = text.chars().any(|it| it > '\u{4e00}');
                assert_eq!(chinese, language == "zh-CN", "{text}");
            }
        }
    }

    #[test]
    fn a_sites_own_words_stay_as_they_are() {
        let error = SiteError::Refused { site: "a".to_owned(), message: "配额不足".to_owned() };
        assert!(of(&error).is_none());
    }
}
