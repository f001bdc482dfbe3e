//! A management key as answers show it.

use domain::id::{ManagementKeyId, UserId};
use domain::scope::Scope;
use serde::Serialize;
use store::management_key::ManagementKey;
use store::names::Names;
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
    /// What that user is called.
    owner_name: String,
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

impl ManagementKeyView {
    /// A management key; its owner is among those whose names are known.
    pub(crate) fn of(key: ManagementKey, owners: &Names<UserId>) -> Self {
        Self {
            id: key.id,
            name: key.name,
            owner_name: owners.get(&key.owner).cloned().unwrap_or_default(),
            owner: key.owner,
            masked: key.masked,
            scopes: key.scopes,
            expires_at: key.expires_at.map(Moment),
            created_at: Moment(key.created_at),
        }
    }
}
