//! A group as answers show it.

use domain::bill::Multiplier;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use store::group::Group;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::answer::Moment;

/// A group.
#[derive(Serialize, ToSchema)]
#[schema(as = Group)]
pub(crate) struct GroupView {
    /// By which channels, users and keys refer to it.
    name: String,
    /// The factor on prices.
    multiplier: Factor,
    /// When it was made.
    created_at: Moment,
    /// The version.
    etag: String,
}

impl From<Group> for GroupView {
    fn from(group: Group) -> Self {
        Self {
            name: group.name,
            multiplier: Factor(group.multiplier),
            created_at: Moment(group.created_at),
            etag: group.version.to_string(),
        }
    }
}

/// A factor as a JSON number with every digit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Factor(pub(crate) Multiplier);

impl Serialize for Factor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = self.0.get();
        let digits = format!("{}.{:06}", parts / 1_000_000, parts % 1_000_000);
        let plain = digits.trim_end_matches('0').trim_end_matches('.');
        RawValue::from_string(plain.to_owned())
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

impl PartialSchema for Factor {
    fn schema() -> RefOr<Schema> {
        let text = "A decimal factor with at most 6 digits after the point; 1 is the list price.";
        ObjectBuilder::new().schema_type(Type::Number).description(Some(text)).into()
    }
}

impl ToSchema for Factor {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_keeps_its_digits() {
        for (parts, text) in [
            (1_500_000, "1.5"),
            (0, "0"),
            (1, "0.000001"),
            (1_000_000_000, "1000"),
            (10_000_000, "10"),
        ] {
            let factor = Factor(Multiplier::from_parts_per_million(parts).unwrap());
            assert_eq!(serde_json::to_string(&factor).unwrap(), text);
        }
    }
}
