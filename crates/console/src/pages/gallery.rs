//! `/console/_gallery`, in debug builds: every component on one page, to look at and to copy from.

use askama::Template;
use axum::response::Response;
use domain::money::Nanos;
use domain::time::UnixMillis;

use crate::form::Form;
use crate::frame::Frame;
use crate::pages::token::usage::{self, Slice};
use crate::trouble::{FieldError, Problem, Trouble};
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/gallery.html")]
struct Gallery {
    page: Frame,
    form: Form,
    chart: ui::Html,
    sparkline: ui::Html,
    times: Vec<UnixMillis>,
    amounts: Vec<Nanos>,
}

pub(crate) async fn page(user: SignedIn) -> Result<Response, Trouble> {
    let page = user.frame(links::HOME);
    let mut form = Form::of([("name", "prod web"), ("amount", "a lot")]);
    let error = FieldError {
        field: "amount".to_owned(),
        code: "invalid".to_owned(),
        reason: "amount".to_owned(),
        ..FieldError::default()
    };
    let code = "invalid_fields".to_owned();
    let problem = Problem { status: 422, code, errors: vec![error], ..Problem::default() };
    form.take(&problem, page.words());
    let now = page.now();
    let slices: Vec<Slice> = (0..30)
        .map(|day| Slice {
            starts_at: Some(UnixMillis::new(now.get() / DAY * DAY - (29 - day) * DAY)),
            requests: day * 7 % 11,
            cost: Nanos::new(day * 7 % 11 * 1_300_000_000),
        })
        .collect();
    let days = usage::days(&slices, now, 30);
    let gallery = Gallery {
        chart: usage::chart(&page, &days, ""),
        sparkline: ui::sparkline(&days.iter().map(|day| day.cost).collect::<Vec<_>>()),
        times: [-5_000, -120_000, -7_200_000, -3 * DAY, -400 * DAY, 3 * DAY, 61 * DAY]
            .map(|millis| now.plus(millis))
            .to_vec(),
        amounts: [1_284_200_000_000, 14_209_300_000, 1_234_000, 21, -3_999_000_000]
            .map(Nanos::new)
            .to_vec(),
        form,
        page,
    };
    gallery.page.show(&gallery)
}

const DAY: i64 = 86_400_000;
