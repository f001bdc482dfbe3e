//! `POST /api/v1/me/totp`, `POST /api/v1/me/totp/confirm` and `DELETE /api/v1/me/totp`

use domain::base32;
use domain::secret::Secret;
use domain::totp::{SECRET_BYTES, matching_step};
use serde::Serialize;
use utoipa::ToSchema;

use super::recovery_codes::{RecoveryCodes, replace};
use crate::access::Proven;
use crate::answer::{Answer, Deleted};
use crate::audit::record::field;
use crate::endpoint::Endpoint;
use crate::keys::create::Revealed;
use crate::problem::Problem;
use crate::proof::{self, open, purpose};
use crate::request::{Body, Fields, ReadBody};
use crate::wrong::Wrong;

/// A secret for an authenticator app.
#[derive(Serialize, ToSchema)]
pub(crate) struct Enrolment {
    /// The secret in Base32, to be typed.
    #[schema(value_type = String)]
    secret: Revealed,
    /// The same as an `otpauth://` address, to be shown as a QR code.
    #[schema(value_type = String)]
    url: Revealed,
}

/// A code of the app that was just set up.
#[derive(ToSchema)]
pub(crate) struct ConfirmTotp {
    /// Six digits.
    #[schema(value_type = String)]
    code: Secret,
}

impl ReadBody for ConfirmTotp {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        Some(Self { code: fields.required("code", proof::secret)? })
    }
}

pub(crate) fn enrol() -> Endpoint {
    Endpoint::post("/api/v1/me/totp", begin)
        .about("Own account", "Begin with one-time codes", "Makes a secret for an authenticator app. Nothing changes until it is confirmed with a code.")
        .answers::<Enrolment>(200, "The secret, shown this once.")
}

pub(crate) fn confirm() -> Endpoint {
    Endpoint::post("/api/v1/me/totp/confirm", put_in_force)
        .about("Own account", "Put one-time codes in force", "From now on logging in needs a code. Ten recovery codes are in the answer, and nowhere else.")
        .answers::<RecoveryCodes>(200, "The recovery codes, shown this once.")
        .fails(409, "There is no secret to be confirmed.")
}

pub(crate) fn disable() -> Endpoint {
    Endpoint::delete("/api/v1/me/totp", remove)
        .about("Own account", "End one-time codes", "Recovery codes end too.")
        .answers::<Deleted>(200, "Logging in needs the password alone.")
}

async fn begin(Proven(person): Proven) -> Result<Answer<Enrolment>, Problem> {
    let id = person.principal.user;
    let user = person.database().user(id).await?;
    let secret = base32::encode(&rand::random::<[u8; SECRET_BYTES]>());
    let account: String = user.email.unwrap_or(user.name);
    let account: String = account.bytes().map(percent).collect();
    let url = format!("otpauth://totp/Tollkeeper:{account}?secret={secret}&issuer=Tollkeeper");
    let secret = Secret::new(secret);
    let sealed = person.app.gateway.sealer.seal_for(&purpose(id), &secret);
    let mut transaction = person.database().begin().await?;
    transaction.set_pending_totp(id, Some(&sealed)).await?;
    transaction.commit().await?;
    Ok(Answer::ok(Enrolment { secret: Revealed(secret), url: Revealed(Secret::new(url)) }))
}

async fn put_in_force(
    Proven(person): Proven,
    body: Body<ConfirmTotp>,
) -> Result<Answer<RecoveryCodes>, Problem> {
    let id = person.principal.user;
    let Some(sealed) = person.database().user_profile(id).await?.totp_pending else {
        let detail = "There is no secret to be confirmed: begin with POST /api/v1/me/totp.";
        return Err(Problem::conflict("nothing_to_confirm", detail));
    };
    let secret = open(&person.app, id, &sealed)?;
    let given = body.value.code;
    let Some(step) = matching_step(&secret, given.expose().trim(), person.now()) else {
        let message = Wrong::TotpCode;
        return Err(Problem::field("code", message));
    };
    let mut transaction = person.database().begin().await?;
    transaction.confirm_totp(id, &sealed, step).await?;
    let codes = replace(&person.app, id, &mut transaction).await?;
    let mut changes = field("totp", Some(&false), Some(&true));
    changes.hide("recovery_codes");
    transaction.changed(id, Some(id), changes);
    transaction.commit().await?;
    Ok(Answer::ok(codes))
}

async fn remove(Proven(person): Proven) -> Result<Answer<Deleted>, Problem> {
    let mut transaction = person.database().begin().await?;
    let id = person.principal.user;
    transaction.remove_totp(id).await?;
    transaction.changed(id, Some(id), field("totp", Some(&true), Some(&false)));
    transaction.commit().await?;
    Ok(Answer::ok(Deleted::of("totp")))
}

/// A byte as it stands in an address.
fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'@') {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}
