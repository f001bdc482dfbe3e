//! The fields of a destination as requests set them, and whether their sender may.

use ::alerts::send::email::is_address;
use ::alerts::send::webhook::WebhookAddress;
use gateway::upstream::is_private_literal;
use store::alert_destination::DestinationKind;
use utoipa::ToSchema;

use crate::access::{Access, AlertsWrite};
use crate::problem::Problem;
use crate::request::value::{boolean, choice, text};
use crate::request::{Fields, ReadBody};
use crate::wrong::Wrong;

/// A destination, or an edit of one: what is left out stays as it is.
#[derive(ToSchema)]
#[schema(as = AlertDestinationInput)]
pub(crate) struct DestinationFields {
    /// What its owner calls it: 1–100 characters. Needed to make one.
    pub(super) name: Option<String>,
    /// `webhook` or `email`. Needed to make one, and fixed then.
    #[schema(value_type = Option<String>)]
    pub(super) kind: Option<DestinationKind>,
    /// A URL, or an e-mail address: a member's own. Needed to make one. Another scheme, host or
    /// port makes a new secret.
    pub(super) address: Option<String>,
    /// Switched off.
    pub(super) disabled: Option<bool>,
    /// In an edit, true makes a new secret; the old one signs no more.
    pub(super) new_secret: Option<bool>,
}

impl ReadBody for DestinationFields {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self {
            name: fields.take("name", text(1..=100)),
            kind: fields.take("kind", choice(DestinationKind::from_name, "webhook, email")),
            address: fields.take("address", text(1..=2_000)),
            disabled: fields.take("disabled", boolean),
            new_secret: fields.take("new_secret", boolean),
        })
    }
}

/// Refuses an address that nothing may be sent to.
pub(super) async fn check_address(
    access: &Access<AlertsWrite>,
    kind: DestinationKind,
    address: &str,
) -> Result<(), Problem> {
    match kind {
        DestinationKind::Webhook => webhook(access, address).map(drop),
        DestinationKind::Email => email(access, address).await,
    }
}

/// A webhook's address, if the gateway may connect to it. Names are checked when they are resolved.
pub(super) fn webhook(
    access: &Access<AlertsWrite>,
    address: &str,
) -> Result<WebhookAddress, Problem> {
    let parsed =
        WebhookAddress::parse(address).map_err(|error| Problem::field("address", error))?;
    if is_private_literal(&access.app.gateway.options.egress, parsed.host()) {
        let host = parsed.host().to_owned();
        return Err(Problem::field("address", Wrong::WebhookPrivate { host }));
    }
    Ok(parsed)
}

async fn email(access: &Access<AlertsWrite>, address: &str) -> Result<(), Problem> {
    if !access.app.alerts.sends_mail() {
        let message = Wrong::NoMailServer;
        return Err(Problem::field("kind", message));
    }
    if !is_address(address) {
        return Err(Problem::field("address", Wrong::EmailTarget));
    }
    // Nobody but operators makes this deployment write to strangers.
    if let Some(own) = access.owner() {
        let user = access.database().user(own).await?;
        if !user.email.is_some_and(|email| email.eq_ignore_ascii_case(address)) {
            let message = Wrong::OwnEmailOnly;
            return Err(Problem::field("address", message));
        }
    }
    Ok(())
}
