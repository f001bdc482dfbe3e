//! `GET /api/v1/prices`

use super::view::PriceView;
use crate::access::{Access, PricesRead};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/prices", handle)
        .about("Prices", "List prices", "The prices in force, by model.")
        .answers_list::<PriceView>("The prices.")
}

async fn handle(access: Access<PricesRead>) -> Result<Answer<List<PriceView>>, Problem> {
    let prices = access.database().current_prices().await?;
    let data = prices.into_iter().map(PriceView::try_from).collect::<Result<_, _>>()?;
    Ok(Answer::ok(List::whole(data)))
}
