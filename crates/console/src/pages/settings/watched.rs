//! What a rule watches: how it is said, and how a token is found by what somebody types.
//!
//! There may be very many tokens. So the form has no list of all of them: a token is typed, and the
//! API's search offers some that fit.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use super::notify::frame;
use super::rules::Rule;
use crate::api::{List, segment, with_query};
use crate::form::Form;
use crate::language::{Message, Words};
use crate::trouble::Trouble;
use crate::visit::SignedIn;

/// A token to choose.
#[derive(Clone, Deserialize)]
pub(super) struct Key {
    id: String,
    name: String,
    masked: String,
}

/// What rules watch, by its name.
pub(super) struct Watched {
    id: String,
    name: String,
}

/// What was typed so far.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    key: String,
}

#[derive(Template)]
#[template(path = "pages/settings/rule_keys.html")]
struct Offered {
    keys: Vec<Key>,
}

#[derive(Deserialize)]
struct Person {
    name: String,
}

impl Key {
    /// How it is written in the form: no two tokens look alike.
    pub(super) fn written(&self) -> String {
        format!("{} ({})", self.name, self.masked)
    }
}

/// Some tokens that fit what was typed; without anything the newest.
pub(super) async fn keys(user: &SignedIn, typed: &str) -> Result<Vec<Key>, Trouble> {
    let typed = masked(typed).unwrap_or(typed);
    let path = with_query("/v1/api-keys", &[("limit", "20"), ("q", typed)]);
    let keys: Option<List<Key>> = user.api().find(&path).await?;
    Ok(keys.map_or_else(Vec::new, |keys| keys.data))
}

/// `…/rules/keys?key=`: the tokens that are offered while somebody types.
pub(crate) async fn offer(user: SignedIn, Query(typed): Query<Typed>) -> Result<Response, Trouble> {
    let keys = keys(&user, typed.key.trim()).await?;
    frame(&user).show(&Offered { keys })
}

/// The names of what these rules watch; what is gone is left out.
pub(super) async fn of(
    user: &SignedIn,
    rules: impl IntoIterator<Item = &Rule>,
) -> Result<Vec<Watched>, Trouble> {
    let mut watched: Vec<Watched> = Vec::new();
    for rule in rules {
        let member = |name: &str| rule.scope().get(name).and_then(Value::as_str);
        let name = match (member("key_id"), member("user_id")) {
            (Some(id), _) if watched.iter().all(|it| it.id != id) => {
                let key: Option<Key> =
                    user.api().find(&format!("/v1/api-keys/{}", segment(id))).await?;
                key.map(|key| (id, key.written()))
            }
            (None, Some(id)) if watched.iter().all(|it| it.id != id) => {
                person(user, id).await?.map(|name| (id, name))
            }
            _ => None,
        };
        watched.extend(name.map(|(id, name)| Watched { id: id.to_owned(), name }));
    }
    Ok(watched)
}

/// What a person is called; none: it is nobody's id, or not the visitor's to know.
pub(super) async fn person(user: &SignedIn, id: &str) -> Result<Option<String>, Trouble> {
    if id == user.me.id {
        return Ok(Some(user.me.name.clone()));
    }
    if !id.starts_with("usr_") {
        return Ok(None);
    }
    let person: Option<Person> = user.api().find(&format!("/api/v1/users/{}", segment(id))).await?;
    Ok(person.map(|person| person.name))
}

/// A scope of the API's as people say it.
pub(super) fn text(scope: &Value, watched: &[Watched], words: Words) -> String {
    let member = |name: &str| scope.get(name).and_then(Value::as_str);
    match (member("key_id").or_else(|| member("user_id")), member("tag")) {
        (Some(id), _) => {
            watched.iter().find(|it| it.id == id).map_or(id, |it| it.name.as_str()).to_owned()
        }
        (None, Some(tag)) => format!("#{tag}"),
        (None, None) => words.t("settings-everything").into_owned(),
    }
}

/// The scope that the form says, as the API takes it; none: the form says what is wrong.
pub(super) async fn chosen(user: &SignedIn, form: &mut Form) -> Result<Option<Value>, Trouble> {
    let words = user.visit.words;
    match form.text("scope") {
        "tag" => return Ok(Some(json!({ "tag": form.text("tag") }))),
        "" | "all" => return Ok(Some(json!("all"))),
        id if id.starts_with("usr_") => return Ok(Some(json!({ "user_id": id }))),
        _ => {}
    }
    let typed = form.text("key").trim().to_owned();
    if typed.is_empty() {
        form.fail("key", words.say(Message("form-required")));
        return Ok(None);
    }
    if typed.starts_with("key_") {
        return Ok(Some(json!({ "key_id": typed })));
    }
    let found = keys(user, &typed).await?;
    let mut fits = found.iter().filter(|key| key.written() == typed || key.name == typed);
    match (fits.next(), fits.next()) {
        (Some(key), None) => Ok(Some(json!({ "key_id": key.id }))),
        (Some(_), Some(_)) => {
            form.fail("key", words.say(Message("settings-key-several")));
            Ok(None)
        }
        (None, _) => {
            form.fail("key", words.say(Message("settings-key-unknown")));
            Ok(None)
        }
    }
}

/// The masked value in what the form wrote itself: `name (sk-9fQ2…Xa4c)`.
fn masked(typed: &str) -> Option<&str> {
    let (_, masked) = typed.strip_suffix(')')?.rsplit_once(" (")?;
    masked.starts_with("sk-").then_some(masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_looked_up_by_what_tells_it_apart() {
        let key = Key { id: "key_1".into(), name: "a (b)".into(), masked: "sk-aa…zz".into() };
        assert_eq!(masked(&key.written()), Some("sk-aa…zz"));
        assert_eq!(masked("a (b)"), None);
        assert_eq!(masked("plain"), None);
    }
}
