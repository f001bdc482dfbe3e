//! `/console/channel/{id}`: one channel's secrets, models and settings.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::entry::Channel;
use super::test::Tested;
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::operator::Operator;
use crate::pages::price::entry::{Price, all};
use crate::trouble::Trouble;
use crate::ui;
use crate::visit::SignedIn;

#[derive(Template)]
#[template(path = "pages/channel/show.html")]
struct Show {
    page: Frame,
    channel: Channel,
    prices: Vec<Price>,
    tested: Option<Tested>,
}

impl Show {
    /// The price of a model, if it has one.
    fn price(&self, model: &str) -> Option<&Price> {
        self.prices.iter().find(|price| price.model == model)
    }
}

pub(crate) async fn page(
    Operator(user): Operator,
    Path(id): Path<String>,
) -> Result<Response, Trouble> {
    show(user, &id, None).await
}

/// The page, with what a test came to.
pub(super) async fn show(
    user: SignedIn,
    id: &str,
    tested: Option<Tested>,
) -> Result<Response, Trouble> {
    let channel: Channel = user.api().get(&Channel::path(id)).await?;
    let prices = all(&user).await?;
    let page = user.frame(links::CHANNELS).under(links::CHANNELS, Message("channel-nav"));
    let show = Show { page, channel, prices, tested };
    show.page.show(&show)
}
