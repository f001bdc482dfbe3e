//! `GET /api/v1/prices/{model}`

use super::view::PriceView;
use crate::access::{Access, PricesRead};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Name;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/prices/{*name}", handle)
        .about(
            "Prices",
            "Read a price",
            "The price of a model in force. A model's name may hold slashes.",
        )
        .answers::<PriceView>(200, "The price.")
        .fails(404, "The model has no price.")
}

async fn handle(
    access: Access<PricesRead>,
    Name(model): Name,
) -> Result<Answer<PriceView>, Problem> {
    let price = access.database().current_price(&model).await?;
    let version = price.version;
    Ok(Answer::ok(PriceView::try_from(price)?).version(version))
}
