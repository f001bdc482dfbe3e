//! A management key as answers show it.

use domain::id::{ManagementKeyId, UserId};
use domain::scope::Scope;
use serde::Serialize;
use store::management_key::ManagementKey;
use utoipa::ToSchema;

use crate::answer::Moment;

/// A management key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ManagementKey)]
pub(crate) struct ManagementKeyView {
    /// `mgk_…`
    #[schema(value_type = String)]
    id: ManagementKeyId,
    /// What its owner calls it.
    name: String,
    /// In whose name it acts.
    #[schema(value_type = String)]
    owner: UserId,
    /// The value as lists show it.
    masked: String,
    /// What it may do.
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    /// When it ends by itself; null: never.
    expires_at: Option<Moment>,
    /// When it was made.
    created_at: Moment,
}

impl From<ManagementKey> for ManagementKeyView {
    fn from(key: ManagementKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            owner: key.owner,
            masked: key.masked,
            scopes: key.scopes,
            expires_at: key.expires_at.map(Moment),
            created_at: Moment(key.created_at),
        }
    }
}
