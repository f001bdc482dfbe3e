//! Prices of models, in USD per million tokens, per unit or per call.

pub(crate) mod delete;
mod fields;
pub(crate) mod get;
pub(crate) mod import;
pub(crate) mod list;
pub(crate) mod set;
pub(crate) mod starter;
pub(crate) mod view;

#[cfg(test)]
pub(crate) use fields::PriceFields;
