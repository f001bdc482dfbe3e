//! `/console/channel`: the list, in the order in which channels are tried.

use askama::Template;
use axum::response::Response;

use super::entry::Channel;
use crate::api::List;
use crate::frame::Frame;
use crate::links::operator as links;
use crate::operator::Operator;
use crate::pages::price::missing::{Missing, missing};
use crate::trouble::Trouble;
use crate::ui;

#[derive(Template)]
#[template(path = "pages/channel/list.html")]
struct ListPage {
    page: Frame,
    channels: Vec<Channel>,
    missing: Vec<Missing>,
}

pub(crate) async fn page(Operator(user): Operator) -> Result<Response, Trouble> {
    let mut channels = user.api().get::<List<Channel>>("/api/v1/channels").await?.data;
    let prices = crate::pages::price::entry::all(&user).await?;
    let missing = missing(&channels, &prices);
    channels.sort_by_key(|channel| (channel.disabled, -channel.priority, -channel.weight));
    let list = ListPage { page: user.frame(links::CHANNELS), channels, missing };
    list.page.show(&list)
}
