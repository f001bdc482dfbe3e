//! A destination as answers show it; its secret is shown once, when it is made.

use domain::id::{AlertDestinationId, UserId};
use domain::secret::Secret;
use serde::Serialize;
use store::alert_destination::AlertDestination;
use utoipa::ToSchema;

use crate::answer::Moment;

/// Where alerts are sent.
#[derive(Serialize, ToSchema)]
#[schema(as = AlertDestination)]
pub(crate) struct DestinationView {
    /// `aldest_…`
    #[schema(value_type = String)]
    id: AlertDestinationId,
    /// Whose it is.
    #[schema(value_type = String)]
    owner: UserId,
    /// What its owner calls it.
    name: String,
    /// `webhook` or `email`.
    kind: &'static str,
    /// A URL or an e-mail address.
    address: String,
    /// Switched off.
    disabled: bool,
    /// When it was made.
    created_at: Moment,
    /// The version, for `If-Match`.
    etag: String,
}

/// A destination whose secret was just made.
#[derive(Serialize, ToSchema)]
pub(crate) struct DestinationWithSecret {
    #[serde(flatten)]
    destination: DestinationView,
    /// `whsec_…`: what a webhook's messages are signed with. Shown once; null where none was made,
    /// and when the request is repeated.
    secret: Option<String>,
}

impl From<AlertDestination> for DestinationView {
    fn from(destination: AlertDestination) -> Self {
        Self {
            id: destination.id,
            owner: destination.owner,
            name: destination.name,
            kind: destination.kind.name(),
            address: destination.address,
            disabled: destination.disabled,
            created_at: Moment(destination.created_at),
            etag: destination.version.to_string(),
        }
    }
}

impl DestinationWithSecret {
    /// As it may be stored.
    pub(super) fn without(destination: AlertDestination) -> Self {
        Self { destination: destination.into(), secret: None }
    }

    /// The same for the one answer that holds the secret.
    pub(super) fn with(self, secret: Option<&Secret>) -> Self {
        Self { secret: secret.map(|secret| secret.expose().to_owned()), ..self }
    }
}
