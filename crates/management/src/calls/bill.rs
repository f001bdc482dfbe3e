//! A call's bill, line by line: quantity × price of each class, exactly.

use domain::bill::{Class, Line, Tariff};
use domain::usage::UsageSource;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use store::call::CallRow;
use store::price::PriceVersion;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// One class of a bill. The sum of the lines' amounts times the multiplier, rounded up to a
/// billionth of a USD, is the call's cost.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BillLine {
    /// `input`, `cached_input`, `cache_write`, `cache_write_1h`, `output` or `call`.
    #[schema(value_type = String)]
    class: Class,
    /// How many tokens, or calls.
    quantity: u64,
    /// What the price is for: `million_tokens` or `call`.
    #[schema(value_type = String)]
    per: &'static str,
    /// USD per that.
    price: Decimal,
    /// quantity × price.
    amount: Decimal,
}

/// The lines of a call's bill; none where it was charged by its bound, a checkpoint or not at all.
pub(super) fn lines(call: &CallRow, price: Option<&PriceVersion>) -> Vec<BillLine> {
    if matches!(call.source, UsageSource::None | UsageSource::Bound | UsageSource::Checkpoint) {
        return Vec::new();
    }
    let price = price.and_then(|version| version.price.as_ref());
    let tariff = price.and_then(|price| Tariff::of(price, call.billing_method));
    tariff.map_or_else(Vec::new, |tariff| {
        tariff.lines(&call.usage).iter().map(BillLine::from).collect()
    })
}

impl From<&Line> for BillLine {
    fn from(line: &Line) -> Self {
        let (per, scale) = match line.class {
            Class::Call => ("call", 15),
            _ => ("million_tokens", 9),
        };
        let product = i128::from(line.quantity).saturating_mul(line.per_million);
        Self {
            class: line.class,
            quantity: line.quantity,
            per,
            price: Decimal { digits: line.per_million, scale },
            amount: Decimal { digits: product, scale: 15 },
        }
    }
}

/// A decimal number, not below zero: `digits` × 10^-`scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: i128,
    scale: u32,
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unit = 10_i128.saturating_pow(self.scale);
        let width = usize::try_from(self.scale).unwrap_or_default();
        let text = format!("{}.{:0width$}", self.digits / unit, self.digits % unit);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.to_string())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl PartialSchema for Decimal {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .description(Some("USD, with every digit."))
            .into()
    }
}

impl ToSchema for Decimal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_shows_every_digit() {
        let line = Line { class: Class::Input, quantity: 7, per_million: 150_000_000 };
        let line = BillLine::from(&line);
        assert_eq!(
            (line.price.to_string(), line.amount.to_string()),
            ("0.15".to_owned(), "0.00000105".to_owned())
        );
        let call = Line { class: Class::Call, quantity: 1, per_million: 500_000_000 * 1_000_000 };
        let call = BillLine::from(&call);
        assert_eq!(
            (call.price.to_string(), call.amount.to_string()),
            ("0.5".to_owned(), "0.5".to_owned())
        );
        assert_eq!(Decimal { digits: 10, scale: 0 }.to_string(), "10");
    }
}
