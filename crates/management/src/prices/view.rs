//! A model's price as answers show it.

use domain::price::Price;
use serde::Serialize;
use store::StoreError;
use store::price::PriceVersion;
use utoipa::ToSchema;

use super::fields::PriceFields;
use crate::answer::Moment;

/// A model's price.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ModelPrice)]
pub(crate) struct PriceView {
    /// The model, as clients call it.
    model: String,
    /// The version that a charge names.
    version: i64,
    #[serde(flatten)]
    #[schema(value_type = PriceFields)]
    price: Price,
    /// When it was set.
    created_at: Moment,
}

impl TryFrom<PriceVersion> for PriceView {
    type Error = StoreError;

    /// A version that took the price away shows nothing.
    fn try_from(version: PriceVersion) -> Result<Self, StoreError> {
        Ok(Self {
            model: version.model,
            version: version.version,
            price: version.price.ok_or(StoreError::NotFound)?,
            created_at: Moment(version.created_at),
        })
    }
}
