//! `/console/usage/{id}`: one call, and its bill explained.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use domain::money::Nanos;

use super::bill;
use super::call::{Call, Line};
use super::list::Key;
use crate::api::Anything;
use crate::format::{padded, places};
use crate::frame::Frame;
use crate::language::Message;
use crate::trouble::Trouble;
use crate::visit::SignedIn;
use crate::{links, ui};

#[derive(Template)]
#[template(path = "pages/log/show.html")]
struct Show<'a> {
    page: &'a Frame,
    call: Call,
    /// None: it was deleted.
    key: Option<Key>,
    channel_exists: bool,
    /// The sum of the bill's lines.
    sum: Option<String>,
}

impl Show<'_> {
    /// An exact amount with as many decimals as every other of the bill.
    fn aligned(&self, amount: impl AsRef<str>) -> String {
        let words = self.page.words();
        let lines = self.call.bill.iter().map(|line| format!("${}", line.amount.get()));
        let refunds = self.call.refunds.iter().map(|refund| refund.amount);
        let whole = refunds.chain([self.call.cost, self.net()]).chain(self.borne());
        let all = lines.chain(self.sum.clone()).chain(whole.map(|amount| words.usd_exact(amount)));
        padded(amount.as_ref(), places(all))
    }

    /// What something costs, with as many decimals as the other prices.
    fn price(&self, line: &Line) -> String {
        let places = places(self.call.bill.iter().map(|line| line.price.get()));
        line.price_text(self.page.words(), &padded(line.price.get(), places))
    }

    /// What the operator bore: what the call cost beyond what could be charged.
    fn borne(&self) -> Option<Nanos> {
        let rest = self.call.cost.checked_sub(self.call.charged)?;
        (rest > Nanos::ZERO).then_some(rest)
    }

    /// What the call cost its user in the end.
    fn net(&self) -> Nanos {
        self.call.charged.checked_sub(self.call.refunded).unwrap_or(self.call.charged)
    }
}

pub(crate) async fn page(user: SignedIn, Path(id): Path<String>) -> Result<Response, Trouble> {
    let call: Call = match user.api().get(&format!("/api/v1/calls/{id}")).await {
        // What is no call's id names no call.
        Err(Trouble::Refused(problem)) if problem.status == 422 => return Err(Trouble::NoSuchPage),
        answer => answer?,
    };
    let key = user.api().find(&format!("/v1/api-keys/{}", call.key_id)).await?;
    let channel_exists = match &call.channel_name {
        Some(_) => {
            let path = format!("/api/v1/channels/{}", call.channel_id);
            user.api().find::<Anything>(&path).await?.is_some()
        }
        None => false,
    };
    let page = user.frame(links::USAGE).under(links::USAGE, Message("nav-usage"));
    let title = page.t("log-call-title").into_owned();
    let sum = bill::sum(&call);
    let content = Frame::part(&Show { page: &page, call, key, channel_exists, sum })?;
    page.dialog(title, content)
}
