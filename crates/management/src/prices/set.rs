//! `PUT /api/v1/prices/{model}`

use domain::price::Price;

use super::fields::PriceFields;
use super::view::PriceView;
use crate::access::{Operator, PricesWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::{Body, Name};
use crate::wrong::Wrong;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::put("/api/v1/prices/{*name}", handle)
        .about(
            "Prices",
            "Set a price",
            "Replaces the model's price as a whole, for calls that are admitted from now on.",
        )
        .answers::<PriceView>(200, "The price.")
}

async fn handle(
    access: Operator<PricesWrite>,
    Name(model): Name,
    body: Body<PriceFields>,
) -> Result<Answer<PriceView>, Problem> {
    if model.contains(char::is_whitespace) {
        return Err(Problem::field("name", Wrong::ModelNameBlank));
    }
    let price = Price::from(body.value);
    price.check().map_err(|wrong| Problem::field(wrong.field(), wrong))?;
    let mut transaction = access.database().begin().await?;
    let version = transaction.set_price(&model, &price, access.now()).await?;
    let replaced = transaction.replaced_price(&version).await?;
    access.app.record(&mut transaction, replaced.as_ref(), Some(&version))?;
    transaction.commit().await?;
    access.app.catalog_changed().await?;
    let number = version.version;
    Ok(Answer::ok(PriceView::try_from(version)?).version(number))
}
