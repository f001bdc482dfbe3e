//! `POST /api/v1/me/recovery-codes`

use domain::base32;
use domain::id::UserId;
use domain::key::KeyDigest;
use domain::secret::Secret;
use serde::Serialize;
use store::Transaction;
use utoipa::ToSchema;

use crate::access::Proven;
use crate::answer::Answer;
use crate::audit::record::secret;
use crate::endpoint::Endpoint;
use crate::keys::create::Revealed;
use crate::problem::Problem;
use crate::proof::plain;
use crate::state::App;

/// How many there are.
const COUNT: usize = 10;

/// Codes that stand in for the authenticator app, once each.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// The codes: shown this once.
    #[schema(value_type = Vec<String>)]
    recovery_codes: Vec<Revealed>,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/api/v1/me/recovery-codes", handle)
        .about("Own account", "Make new recovery codes", "The earlier ones work no more.")
        .answers::<RecoveryCodes>(200, "Ten codes, shown this once.")
        .fails(409, "One-time codes are off.")
}

async fn handle(Proven(person): Proven) -> Result<Answer<RecoveryCodes>, Problem> {
    let id = person.principal.user;
    if person.database().user_profile(id).await?.totp_secret.is_none() {
        let detail = "One-time codes are off, and recovery codes stand in for them: begin with POST /api/v1/me/totp.";
        return Err(Problem::conflict("totp_off", detail));
    }
    let mut transaction = person.database().begin().await?;
    let codes = replace(&person.app, id, &mut transaction).await?;
    transaction.changed(id, Some(id), secret("recovery_codes"));
    transaction.commit().await?;
    Ok(Answer::ok(codes))
}

/// Gives a user new codes of 80 bits each.
pub(super) async fn replace(
    app: &App,
    user: UserId,
    transaction: &mut Transaction,
) -> Result<RecoveryCodes, Problem> {
    let codes: Vec<Secret> = (0..COUNT).map(|_| grouped(&rand::random::<[u8; 10]>())).collect();
    let digests: Vec<KeyDigest> =
        codes.iter().map(|code| app.gateway.hasher.digest(&plain(code.expose()))).collect();
    transaction.set_recovery_codes(user, &digests).await?;
    Ok(RecoveryCodes { recovery_codes: codes.into_iter().map(Revealed).collect() })
}

/// Random bytes as a code that is easy to type: letters and digits in groups of four.
pub(crate) fn grouped(bytes: &[u8]) -> Secret {
    let text = base32::encode(bytes);
    let mut code = String::with_capacity(text.len() * 5 / 4);
    for (at, letter) in text.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            code.push('-');
        }
        code.push(letter);
    }
    Secret::new(code)
}
