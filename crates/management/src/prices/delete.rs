//! `DELETE /api/v1/prices/{model}`

use crate::access::{Operator, PricesWrite};
use crate::answer::{Answer, Deleted};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::Name;

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::delete("/api/v1/prices/{*name}", handle)
        .about(
            "Prices",
            "Delete a price",
            "From now on, calls of the model are refused: a missing price is not 0.",
        )
        .answers::<Deleted>(200, "It is deleted.")
        .fails(404, "The model has no price.")
}

async fn handle(
    access: Operator<PricesWrite>,
    Name(model): Name,
) -> Result<Answer<Deleted>, Problem> {
    let mut transaction = access.database().begin().await?;
    let removed = transaction.remove_price(&model, access.now()).await?;
    let replaced = transaction.replaced_price(&removed).await?;
    access.app.record(&mut transaction, replaced.as_ref(), Some(&removed))?;
    transaction.commit().await?;
    access.app.catalog_changed().await?;
    Ok(Answer::ok(Deleted::of(model)))
}
