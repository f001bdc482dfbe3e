//! `/console/price/delete?model=…`: asks first, and names the channels whose calls will be refused.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;

use super::edit::Chosen;
use super::entry::{Price, figure};
use crate::api::{Anything, List};
use crate::form::Form;
use crate::frame::Frame;
use crate::language::Message;
use crate::links::operator as links;
use crate::notice::Notice;
use crate::operator::Operator;
use crate::pages::channel::entry::Channel;
use crate::trouble::Trouble;
use crate::ui;

#[derive(Template)]
#[template(path = "pages/price/end.html")]
struct Ask<'a> {
    page: &'a Frame,
    price: Price,
    channels: Vec<Channel>,
}

pub(crate) async fn ask(
    Operator(user): Operator,
    Query(chosen): Query<Chosen>,
) -> Result<Response, Trouble> {
    let price: Price = user.api().get(&Price::path(&chosen.model)).await?;
    let all: List<Channel> = user.api().get("/api/v1/channels").await?;
    let serves = |channel: &Channel| !channel.disabled && channel.models.contains(&price.model);
    let channels = all.data.into_iter().filter(serves).collect();
    let page = user.frame(links::PRICES).under(links::PRICES, Message("price-nav"));
    let title = page.t1("price-delete-title", "name", &price.model);
    let content = Frame::part(&Ask { page: &page, price, channels })?;
    page.dialog(title, content)
}

pub(crate) async fn submit(Operator(user): Operator, form: Form) -> Result<Response, Trouble> {
    let model = form.text("model").to_owned();
    user.api().delete::<Anything>(&Price::path(&model)).await?;
    let notice = Notice::new(Message("price-notice-deleted"), model);
    Ok(user.frame(links::PRICES).go(links::PRICES, notice))
}
