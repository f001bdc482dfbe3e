//! `POST /v1/api-keys/leaked`

use axum::response::{IntoResponse, Response};
use domain::key::{Damage, Form, KeyDigest, Kind, examine, mask};
use domain::scope::Scope;
use http::StatusCode;
use serde::Serialize;
use std::collections::BTreeMap;
use store::StoreError;
use store::management_key::ManagementKey;
use utoipa::ToSchema;

use super::report::LeakReport;
use super::response::{Done, Measures, Replacement, Target, put_in_force};
use crate::access::{Access, KeysWrite};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::idempotency::Once;
use crate::keys::view::KeyView;
use crate::problem::Problem;
use crate::request::value::{boolean, list, text};
use crate::request::{Body, Fields, IdempotencyKey, Invalid, ReadBody};
use crate::wrong::Wrong;

/// The most values of one request.
const MOST_VALUES: usize = 100;
/// The longest value that is looked at.
const LONGEST: usize = 512;

/// Values that were found where they should not be.
#[derive(ToSchema)]
pub(crate) struct Leaked {
    /// The value, …
    value: Option<String>,
    /// … or up to 100 of them.
    #[schema(value_type = Option<Vec<String>>)]
    values: Vec<String>,
    /// False only says which of them are keys of this deployment. True by default.
    #[schema(value_type = Option<bool>)]
    revoke: bool,
    #[serde(flatten)]
    measures: Measures,
}

impl ReadBody for Leaked {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let one = fields.take("value", text(1..=LONGEST));
        let many = fields.take("values", list(MOST_VALUES, text(1..=LONGEST)));
        if fields.has("value") == fields.has("values") {
            fields.refuse("value", Invalid::new(Wrong::ValueOrValues));
        }
        let revoke = fields.take("revoke", boolean).unwrap_or(true);
        let measures = Measures::take(fields);
        if one.is_none() && many.is_none() {
            return None;
        }
        Some(Self { value: one, values: many.unwrap_or_default(), revoke, measures })
    }
}

/// What one value turned out to be.
#[derive(Serialize, ToSchema)]
pub(crate) struct LeakedValue {
    /// The value as lists show it.
    masked: String,
    /// `well_formed`, or what is wrong with it: `cut_off`, `too_long`, `odd_character`,
    /// `mistyped`, or `foreign` for what is not of Tollkeeper's making.
    #[schema(value_type = String)]
    form: &'static str,
    /// Whether its checksum is right.
    checksum: bool,
    /// `api_key` or `management_key` of this deployment; null: it is none that you may see.
    #[schema(value_type = Option<String>)]
    known_as: Option<&'static str>,
    /// Its id.
    id: Option<String>,
    /// What its owner calls it.
    name: Option<String>,
    /// Whether it is revoked now.
    revoked: Option<bool>,
    /// The API key.
    key: Option<KeyView>,
    /// The key that was made in its place.
    replacement: Option<Replacement>,
    /// What it did; null when the request is repeated, or nothing was done.
    report: Option<LeakReport>,
    /// A sentence for people.
    message: &'static str,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/v1/api-keys/leaked", handle)
        .about(
            "Leaks",
            "Report leaked values",
            "Says of each value whether it is a key of this deployment, and does for those that are what declaring them compromised does. Management keys among them are revoked if the asking key has the scope `system:write`. Values are never logged or stored.",
        )
        .answers_list::<LeakedValue>("What each value is, in the order in which they were sent.")
        .fails(409, "A key was revoked before, and its owner has as many keys as their tier allows.")
}

/// What a digest stands for.
enum Found {
    Nothing,
    /// A key that was deleted: it works no more, and is on no list.
    Gone,
    Api(Box<Target>),
    Management(Box<ManagementKey>),
    /// After something was done about it.
    Ended(Box<Done>),
}

async fn handle(
    access: Access<KeysWrite>,
    idempotency: IdempotencyKey,
    body: Body<Leaked>,
) -> Result<Response, Problem> {
    let what = "POST api-keys/leaked";
    let once = Once::new(access.principal.user, idempotency, what, &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    let Leaked { value, values, revoke, measures } = body.value;
    let values: Vec<String> = value.into_iter().chain(values).collect();
    let now = access.now();
    let hasher = &access.app.gateway.hasher;
    let digests: Vec<KeyDigest> = values.iter().map(|value| hasher.digest(value.trim())).collect();
    // In the order of the digests, so that two reports of the same keys wait for each other.
    let mut found = BTreeMap::new();
    for digest in &digests {
        if !found.contains_key(digest) {
            found.insert(*digest, look_up(&access, digest, &measures).await?);
        }
    }
    let mut transaction = access.database().begin().await?;
    if revoke {
        for thing in found.values_mut() {
            match std::mem::replace(thing, Found::Nothing) {
                Found::Api(target) => {
                    let done = target.respond(&access, &mut transaction, &measures, now).await?;
                    *thing = Found::Ended(Box::new(done));
                }
                Found::Management(mut key) => {
                    if access.principal.has(Scope::SystemWrite) {
                        let revoked =
                            transaction.revoke_management_key(key.id, access.owner(), now).await?;
                        let before = ManagementKey { revoked_at: None, ..revoked };
                        access.app.record(&mut transaction, Some(&before), None)?;
                        key.revoked_at = key.revoked_at.or(Some(now));
                    }
                    *thing = Found::Management(key);
                }
                other => *thing = other,
            }
        }
    }
    let pairs = || values.iter().zip(&digests);
    let mut answer = Vec::with_capacity(values.len());
    for (value, digest) in pairs() {
        answer.push(LeakedValue::of(&access, value, found.get_mut(digest), false).await?);
    }
    let mut answer = List::whole(answer);
    if let Some(replay) = once.store(&mut transaction, StatusCode::OK, &answer, now).await? {
        return Ok(replay.into_response());
    }
    let done = found.values().filter_map(|thing| match thing {
        Found::Ended(done) => Some(&**done),
        _ => None,
    });
    put_in_force(&access.app, transaction, done).await?;
    if revoke {
        answer.data.clear();
        for (value, digest) in pairs() {
            answer.data.push(LeakedValue::of(&access, value, found.get_mut(digest), true).await?);
        }
    }
    Ok(Answer::ok(answer).into_response())
}

async fn look_up(
    access: &Access<KeysWrite>,
    digest: &KeyDigest,
    measures: &Measures,
) -> Result<Found, Problem> {
    let theirs = |owner| access.owner().is_none_or(|own| own == owner);
    let key = access.database().api_key_by_value(digest).await?;
    if let Some(key) = key.filter(|key| key.digest == *digest) {
        if !theirs(key.owner) {
            return Ok(Found::Nothing);
        }
        match access.database().api_key(key.id, access.owner()).await {
            Err(StoreError::NotFound) => return Ok(Found::Gone),
            found => drop(found?),
        }
        return Ok(Found::Api(Box::new(Target::find(access, key.id, measures).await?)));
    }
    match access.database().management_key_by_digest(*digest).await {
        Ok(found) if theirs(found.key.owner) => Ok(Found::Management(Box::new(found.key))),
        Ok(_) | Err(StoreError::NotFound) => Ok(Found::Nothing),
        Err(error) => Err(error.into()),
    }
}

impl LeakedValue {
    async fn of(
        access: &Access<KeysWrite>,
        value: &str,
        found: Option<&mut Found>,
        in_force: bool,
    ) -> Result<Self, Problem> {
        let (form, checksum) = form(value.trim());
        let mut answer = Self {
            masked: mask(value.trim()),
            form,
            checksum,
            known_as: None,
            id: None,
            name: None,
            revoked: None,
            key: None,
            replacement: None,
            report: None,
            message: "This is not a key of this deployment.",
        };
        match found {
            None | Some(Found::Nothing) => {}
            Some(Found::Gone) => {
                (answer.known_as, answer.revoked) = (Some("api_key"), Some(true));
                answer.message = "This key was deleted before and does not work.";
            }
            Some(Found::Management(key)) => {
                answer.known_as = Some("management_key");
                (answer.id, answer.name) = (Some(key.id.to_string()), Some(key.name.clone()));
                answer.revoked = Some(key.revoked_at.is_some());
                answer.message = match key.revoked_at {
                    Some(_) => "This management key is revoked.",
                    None => {
                        "This is a management key of this deployment. Revoking it needs the scope system:write."
                    }
                };
            }
            Some(Found::Api(target)) => {
                answer.shows(target.view(access).await?, target.is_revoked());
                answer.message = "This is a key of this deployment.";
            }
            Some(Found::Ended(done)) => {
                answer.shows(done.view(access).await?, true);
                answer.replacement = done.replacement(in_force);
                answer.message = "This key is revoked, and its calls were ended.";
                if in_force {
                    let (id, since) = (done.key.id, done.leak.since);
                    let report = LeakReport::of(&access.app, id, access.owner(), since).await?;
                    answer.report = Some(report);
                }
            }
        }
        Ok(answer)
    }

    fn shows(&mut self, key: KeyView, revoked: bool) {
        self.known_as = Some("api_key");
        (self.id, self.name) = (Some(key.id.to_string()), Some(key.name.clone()));
        (self.revoked, self.key) = (Some(revoked), Some(key));
    }
}

/// What form a value has, and whether its checksum is right.
fn form(value: &str) -> (&'static str, bool) {
    match examine(value) {
        Form::WellFormed(Kind::Api | Kind::Management) => ("well_formed", true),
        Form::Damaged(Damage::CutOff) => ("cut_off", false),
        Form::Damaged(Damage::TooLong) => ("too_long", false),
        Form::Damaged(Damage::OddCharacter) => ("odd_character", false),
        Form::Damaged(Damage::Mistyped) => ("mistyped", false),
        Form::Foreign => ("foreign", false),
    }
}
