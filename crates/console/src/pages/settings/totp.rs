//! One-time codes: a secret as a QR code, the app's first code, recovery codes shown once.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::qr;
use super::security::{prove, show_totp};
use crate::api::Anything;
use crate::form::{Form, object};
use crate::frame::Frame;
use crate::language::Message;
use crate::notice::Notice;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/settings/totp.html")]
struct Confirm<'a> {
    page: &'a Frame,
    qr: Option<ui::Html>,
    form: Form,
}

#[derive(Template)]
#[template(path = "pages/settings/recovery.html")]
struct Codes<'a> {
    page: &'a Frame,
    codes: Vec<String>,
}

impl Codes<'_> {
    fn all(&self) -> String {
        self.codes.join("\n")
    }
}

#[derive(Deserialize)]
struct Enrolment {
    secret: String,
    url: String,
}

#[derive(Deserialize)]
struct RecoveryCodes {
    recovery_codes: Vec<String>,
}

pub(crate) async fn begin(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    if !prove(&user, &mut form).await? {
        return show_totp(user, form).await;
    }
    let made = user.api().act::<Enrolment>("/api/v1/me/totp").await?.body;
    confirm_page(user, Form::of([("secret", made.secret), ("url", made.url)]))
}

pub(crate) async fn confirm(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    let code: String = form.text("code").chars().filter(|c| !c.is_whitespace()).collect();
    let body = object([("code", json!(code))]);
    match user.api().post::<_, RecoveryCodes>("/api/v1/me/totp/confirm", &body).await {
        Ok(reply) => codes_page(user, reply.body),
        Err(trouble) => {
            form.refused(trouble, user.visit.words)?;
            if form.error("code").is_some() {
                let said = user.visit.words.t("settings-totp-wrong");
                form = form.again();
                form.fail("code", said);
            }
            confirm_page(user, form)
        }
    }
}

pub(crate) async fn end(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    if !prove(&user, &mut form).await? {
        return show_totp(user, form).await;
    }
    user.api().delete::<Anything>("/api/v1/me/totp").await?;
    let notice = Notice::new(Message("settings-totp-ended"), "");
    Ok(user.frame(links::SETTINGS).go(links::SECURITY, notice))
}

pub(crate) async fn new_codes(user: SignedIn, mut form: Form) -> Result<Response, Trouble> {
    if !prove(&user, &mut form).await? {
        return show_totp(user, form).await;
    }
    let made = user.api().act::<RecoveryCodes>("/api/v1/me/recovery-codes").await?.body;
    codes_page(user, made)
}

fn confirm_page(user: SignedIn, form: Form) -> Result<Response, Trouble> {
    let page = super::frame(&user).under(links::SECURITY, Message("settings-security"));
    let title = page.t("settings-totp-confirm-title").into_owned();
    let qr = qr::draw(form.text("url"), &page.t("settings-totp-qr"));
    let content = Frame::part(&Confirm { page: &page, qr, form })?;
    page.dialog(title, content)
}

fn codes_page(user: SignedIn, made: RecoveryCodes) -> Result<Response, Trouble> {
    let page = super::frame(&user).under(links::SECURITY, Message("settings-security"));
    let title = page.t("settings-recovery-title").into_owned();
    let content = Frame::part(&Codes { page: &page, codes: made.recovery_codes })?;
    page.dialog(title, content)
}
