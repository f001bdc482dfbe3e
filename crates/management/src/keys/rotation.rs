//! The last rotation of a key as answers show it: until when the old value works, and who still
//! uses it.

use serde::Serialize;
use store::StoreError;
use store::api_key::{ApiKey, Rotation};
use utoipa::ToSchema;

use crate::answer::Moment;
use crate::state::App;

/// The last rotation of a key.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rotation)]
pub(crate) struct RotationView {
    /// When the value was replaced.
    rotated_at: Moment,
    /// Until when the old value works, or worked.
    previous_ends_at: Moment,
    /// When the old value was last used after it was replaced; null: not since.
    previous_last_used_at: Option<Moment>,
    /// From which address.
    previous_last_ip: Option<String>,
    /// With which program, as it calls itself.
    previous_last_client: Option<String>,
}

impl RotationView {
    /// The last rotation of a key, if it was ever rotated.
    pub(super) async fn of(app: &App, key: &ApiKey) -> Result<Option<Self>, StoreError> {
        let Some(rotated_at) = key.rotated_at else { return Ok(None) };
        let database = &app.gateway.database;
        let Some(previous) = database.previous_key_value(key.id, key.owner).await? else {
            return Ok(None);
        };
        let latest = app.gateway.last_use_of_previous(&previous.digest).or(previous.last_use);
        let (at, ip, client) = match latest {
            Some(last) => (Some(Moment(last.at)), Some(last.ip), Some(last.client)),
            None => (None, None, None),
        };
        Ok(Some(Self {
            rotated_at: Moment(rotated_at),
            previous_ends_at: Moment(previous.ends_at),
            previous_last_used_at: at,
            previous_last_ip: ip,
            previous_last_client: client,
        }))
    }

    /// A rotation that has just begun.
    pub(super) const fn begun(rotation: &Rotation) -> Self {
        Self {
            rotated_at: Moment(rotation.now),
            previous_ends_at: Moment(rotation.ends_at),
            previous_last_used_at: None,
            previous_last_ip: None,
            previous_last_client: None,
        }
    }
}
