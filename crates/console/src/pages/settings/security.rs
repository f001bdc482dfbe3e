//! `/console/settings/security`: the password, and whether logging in needs a one-time code.

use askama::Template;
use axum::response::Response;
use serde_json::{Value, json};

use super::account::Account;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::{Message, Words};
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/settings/security.html")]
struct Security {
    page: Frame,
    tab: &'static str,
    account: Account,
    form: Form,
    totp_form: Form,
}

pub(crate) async fn page(user: SignedIn) -> Result<Response, Trouble> {
    show(user, Form::default(), Form::default()).await
}

pub(crate) async fn password(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    let mut body = vec![
        ("current_password", json!(form.exact("current_password"))),
        ("new_password", json!(form.exact("new_password"))),
    ];
    if !form.text("code").is_empty() {
        body.push(("code", json!(form.text("code"))));
    }
    match user.api().post::<_, Value>("/api/v1/me/password", &object(body)).await {
        Ok(_) => {
            let notice = Notice::new(Message("settings-password-changed"), "");
            Ok(user.frame(links::SETTINGS).go(links::SECURITY, notice))
        }
        Err(trouble) => {
            refused(&mut form, trouble, user.visit.words)?;
            show(user, form, Form::default()).await
        }
    }
}

/// Proves the password again, for what needs that; else says what is wrong with it.
pub(crate) async fn prove(user: &SignedIn, form: &mut Form) -> Result<bool, Trouble> {
    let mut body = vec![("password", json!(form.exact("password")))];
    if !form.text("code").is_empty() {
        body.push(("code", json!(form.text("code"))));
    }
    match user.api().post::<_, Value>("/api/v1/sessions/current/proof", &object(body)).await {
        Ok(_) => Ok(true),
        Err(trouble) => {
            refused(form, trouble, user.visit.words)?;
            Ok(false)
        }
    }
}

/// A wrong password is told beside the form: it does not mean that the session has ended.
fn refused(form: &mut Form, trouble: Trouble, words: Words) -> Result<(), Trouble> {
    match trouble {
        Trouble::Refused(problem)
            if matches!(
                problem.code.as_str(),
                "wrong_credentials" | "wrong_code" | "code_required"
            ) =>
        {
            let message = match problem.code.as_str() {
                "wrong_credentials" => words.say(Message("settings-wrong-password")).into_owned(),
                _ => problem.sentence(words),
            };
            form.problem = Some(message);
            Ok(())
        }
        other => form.refused(other, words),
    }
}

/// The page, with what is wrong with the form of one-time codes.
pub(super) async fn show_totp(user: SignedIn, totp_form: Form) -> Result<Response, Trouble> {
    show(user, Form::default(), totp_form).await
}

async fn show(user: SignedIn, form: Form, totp_form: Form) -> Result<Response, Trouble> {
    let account = Account::of(&user).await?;
    let page = super::frame(&user);
    let security = Security { page, tab: links::SECURITY, account, form, totp_form };
    security.page.show(&security)
}
