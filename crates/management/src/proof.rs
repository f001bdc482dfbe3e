//! Whether somebody is who they say they are: password and second factor, with a back-off per
//! account and per address.
//!
//! It takes as long, and says the same, whether there is such a user or not. Each try is counted
//! before it is examined and forgiven when it was right; each failure is a row of the audit log.

use domain::audit::AuditEvent;
use domain::base32;
use domain::id::UserId;
use domain::secret::Secret;
use domain::totp::matching_step;
use std::net::IpAddr;
use store::StoreError;
use store::attempt::Patience;
use store::user::User;

use crate::audit::unwritten;
use crate::problem::Problem;
use crate::request::{Fields, Invalid, Value};
use crate::state::App;
use crate::users::password;
use crate::wrong::Wrong;

/// For one account, whatever addresses the tries come from.
const ACCOUNT: Patience = Patience { free: 5, longest: 15 * 60_000 };
/// For one address, whatever accounts are tried.
pub(crate) const ADDRESS: Patience = Patience { free: 20, longest: 15 * 60_000 };

/// What somebody proves who they are with.
pub(crate) struct Credentials {
    /// The password.
    pub(crate) password: Secret,
    /// A one-time code or a recovery code.
    pub(crate) code: Option<Secret>,
}

impl Credentials {
    /// Reads `password` and `code`. A wrong length is a wrong password, not a bad field: what is
    /// asked for when passwords are chosen is nobody's business here.
    pub(crate) fn take(fields: &mut Fields<'_>) -> Option<Self> {
        let password = fields.required("password", secret);
        let code = fields
            .take("code", |value| if value.is_null() { Ok(None) } else { secret(value).map(Some) });
        Some(Self { password: password?, code: code.flatten() })
    }
}

/// A text that is only compared.
pub(crate) fn secret(value: Value<'_>) -> Result<Secret, Invalid> {
    let text = value.string()?;
    if text.len() > 1_024 {
        return Err(Invalid::new(Wrong::Bytes));
    }
    Ok(Secret::new(text))
}

/// Checks the credentials of a user, or of nobody if what was typed names none.
pub(crate) async fn check(
    app: &App,
    client: IpAddr,
    typed: &str,
    user: Option<User>,
    given: Credentials,
) -> Result<User, Problem> {
    let (database, now) = (&app.gateway.database, app.gateway.ledger.now());
    let account = match &user {
        Some(user) => format!("account:{}", user.id),
        None => {
            let digest = app.gateway.hasher.digest(&typed.to_lowercase()).to_hex();
            format!("nobody:{digest}")
        }
    };
    let address = address(client);
    count(app, &address, ADDRESS).await?;
    count(app, &account, ACCOUNT).await?;
    let hash = match &user {
        Some(user) => database.password_hash(user.id).await?,
        None => None,
    };
    let fits = password::verify(given.password, hash).await?;
    let Some(user) = user.as_ref().filter(|user| fits && !user.disabled) else {
        note_failure(app, client, user.map(|user| user.id)).await;
        let detail = "The name or the password is wrong, or this user cannot log in.";
        return Err(Problem::unauthorized("wrong_credentials", detail));
    };
    let factor = second_factor(app, user.id, given.code).await?;
    if matches!(factor, Factor::Wrong) {
        note_failure(app, client, Some(user.id)).await;
        let detail =
            "The code is wrong or was used before. Wait for the next one, or use a recovery code.";
        return Err(Problem::unauthorized("wrong_code", detail));
    }
    let mut transaction = database.begin().await?;
    transaction.forgive_attempt(&address, ADDRESS, now).await?;
    if matches!(factor, Factor::Missing) {
        transaction.forgive_attempt(&account, ACCOUNT, now).await?;
        transaction.commit().await?;
        let detail =
            "Send a one-time code of your authenticator app, or a recovery code, as \"code\".";
        return Err(Problem::unauthorized("code_required", detail));
    }
    transaction.clear_attempts(&account, now).await?;
    transaction.commit().await?;
    Ok(user.clone())
}

/// What a second factor came to.
enum Factor {
    /// None is needed, or it was right.
    Right,
    /// One is needed.
    Missing,
    /// It was wrong, or used before.
    Wrong,
}

async fn second_factor(app: &App, user: UserId, given: Option<Secret>) -> Result<Factor, Problem> {
    let (database, now) = (&app.gateway.database, app.gateway.ledger.now());
    let Some(sealed) = database.user_profile(user).await?.totp_secret else {
        return Ok(Factor::Right);
    };
    let Some(given) = given else { return Ok(Factor::Missing) };
    let given = given.expose().trim();
    let mut transaction = database.begin().await?;
    let taken = if given.len() == 6 && given.bytes().all(|byte| byte.is_ascii_digit()) {
        let secret = open(app, user, &sealed)?;
        match matching_step(&secret, given, now) {
            Some(step) => transaction.take_totp_step(user, step).await,
            None => Err(StoreError::NotFound),
        }
    } else {
        let digest = app.gateway.hasher.digest(&plain(given));
        transaction.take_recovery_code(user, digest, now).await
    };
    match taken {
        Ok(()) => {
            transaction.commit().await?;
            Ok(Factor::Right)
        }
        Err(StoreError::NotFound) => Ok(Factor::Wrong),
        Err(error) => Err(error.into()),
    }
}

/// The secret of a user's one-time codes.
pub(crate) fn open(app: &App, user: UserId, sealed: &str) -> Result<Vec<u8>, Problem> {
    let opened = app.gateway.sealer.open_for(&purpose(user), sealed).map_err(Problem::internal)?;
    base32::decode(opened.expose()).ok_or_else(|| Problem::internal("a damaged secret of codes"))
}

/// What a user's secret of one-time codes is sealed for.
pub(crate) fn purpose(user: UserId) -> String {
    format!("totp\n{user}")
}

/// A code as it is hashed: however it is grouped and whatever its case.
pub(crate) fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// Counts a try, or says how long it has to wait.
pub(crate) async fn count(app: &App, subject: &str, patience: Patience) -> Result<(), Problem> {
    let now = app.gateway.ledger.now();
    match app.gateway.database.count_attempt(subject, patience, now).await? {
        None => Ok(()),
        Some(until) => Err(Problem::too_many(until.since(now).saturating_add(999) / 1_000)),
    }
}

/// The subject that tries from an address are counted under. One customer usually has a whole /64.
pub(crate) fn address(client: IpAddr) -> String {
    match client {
        IpAddr::V4(address) => format!("address:{address}"),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("address:{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

async fn note_failure(app: &App, client: IpAddr, user: Option<UserId>) {
    let event = AuditEvent {
        at: app.gateway.ledger.now(),
        client_ip: client.to_string(),
        action: "sessions.refused".to_owned(),
        // What was typed as a name may be a password.
        object: user.map(|user| user.to_string()).unwrap_or_default(),
        ..AuditEvent::default()
    };
    if let Err(error) = app.gateway.database.append_audit(&event).await {
        unwritten(&event, &error);
    }
}
