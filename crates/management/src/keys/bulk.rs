//! `POST /v1/api-keys/bulk`

use axum::response::{IntoResponse, Response};
use domain::id::UserId;
use domain::key::KeyDigest;
use domain::secret::Secret;
use http::StatusCode;
use serde::Serialize;
use std::collections::BTreeMap;
use store::api_key::{ApiKey, NewApiKey};
use store::{StoreError, Transaction};
use utoipa::ToSchema;

use super::create::{CreateKey, CreatedKey, Revealed};
use super::making::{Making, seal};
use super::view::{Figures, KeyView, Owners};
use crate::access::{Access, KeysWrite};
use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::idempotency::Once;
use crate::problem::{FieldError, Problem};
use crate::request::{Body, Fields, IdempotencyKey, Invalid, ReadBody};
use crate::wrong::Wrong;

/// So many keys are made by one request.
const MOST: usize = 1_000;

/// Keys to be made.
#[derive(ToSchema)]
pub(crate) struct CreateKeys {
    /// 1 to 1000 keys, each as `POST /v1/api-keys` takes it.
    keys: Vec<CreateKey>,
}

impl ReadBody for CreateKeys {
    const MOST_BYTES: usize = 16 << 20;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let keys = fields.each_or_null("keys", MOST, CreateKey::read);
        if keys.is_none() && !fields.has("keys") {
            fields.refuse("keys", Invalid::new(Wrong::Required));
        }
        if fields.is_empty("keys") {
            fields.refuse("keys", Invalid::new(Wrong::NoKey));
        }
        Some(Self { keys: keys? })
    }
}

/// Keys that were made, in the order in which they were asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedKeys {
    /// The keys, with their values.
    data: Vec<CreatedKey>,
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::post("/v1/api-keys/bulk", handle)
        .about(
            "API keys",
            "Make many keys",
            "All of them are made, or none. Mistakes name the key, as in `keys[3].name`.",
        )
        .answers::<CreatedKeys>(201, "The keys, with their values, in the order of the request.")
        .fails(409, "An owner would have more keys than their tier allows.")
}

async fn handle(
    access: Access<KeysWrite>,
    idempotency: IdempotencyKey,
    body: Body<CreateKeys>,
) -> Result<Response, Problem> {
    let once = Once::new(access.principal.user, idempotency, "POST api-keys/bulk", &body.digest);
    if let Some(replay) = once.answered(access.database()).await? {
        return Ok(replay.into_response());
    }
    let (keys, values) = all(&access, body.value.keys).await?;
    let owners = keys.iter().map(|key| key.owner).collect();
    let owners = Owners::of(&access.app, owners).await?;
    let mut transaction = access.database().begin().await?;
    let made = match insert(&mut transaction, &keys).await {
        Ok(made) => made,
        // The same request may have made the last keys that were allowed a moment ago.
        Err(error) => {
            drop(transaction);
            let replay = once.answered(access.database()).await?;
            return replay.map(IntoResponse::into_response).ok_or_else(|| error.into());
        }
    };
    for (key, value) in keys.iter().zip(&values) {
        seal(&access.app, &mut transaction, key.id, value).await?;
    }
    for key in &made {
        access.app.record(&mut transaction, None, Some(key))?;
    }
    let now = access.now();
    let view = |key| KeyView::with(key, &owners, Figures::default(), None, now);
    let data = made.into_iter().map(|key| CreatedKey { view: view(key), key: None });
    let mut answer = CreatedKeys { data: data.collect() };
    if let Some(replay) = once.store(&mut transaction, StatusCode::CREATED, &answer, now).await? {
        return Ok(replay.into_response());
    }
    transaction.commit().await?;
    let digests: Vec<KeyDigest> = keys.iter().map(|key| key.digest).collect();
    access.app.keys_made(&digests).await;
    for (made, value) in answer.data.iter_mut().zip(values) {
        made.key = Some(Revealed(value));
    }
    Ok(Answer::created(answer).into_response())
}

/// What is asked for, looked up; every key's mistakes at once.
async fn all(
    access: &Access<KeysWrite>,
    wanted: Vec<CreateKey>,
) -> Result<(Vec<NewApiKey>, Vec<Secret>), Problem> {
    let mut making = Making::new(access);
    let (mut keys, mut values, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for (index, wanted) in wanted.into_iter().enumerate() {
        match making.key(wanted).await {
            Ok((key, value)) => {
                keys.push(key);
                values.push(value);
            }
            Err(problem) => errors.extend(problem.into_fields()?.into_iter().map(|error| {
                FieldError { field: format!("keys[{index}].{}", error.field), ..error }
            })),
        }
    }
    if errors.is_empty() { Ok((keys, values)) } else { Err(Problem::fields(errors)) }
}

async fn insert(
    transaction: &mut Transaction,
    keys: &[NewApiKey],
) -> Result<Vec<ApiKey>, StoreError> {
    // In one order, so that two requests never wait for each other's owners.
    let mut adding: BTreeMap<UserId, i64> = BTreeMap::new();
    for key in keys {
        *adding.entry(key.owner).or_default() += 1;
    }
    for (owner, count) in adding {
        transaction.check_key_limit(owner, count).await?;
    }
    transaction.insert_api_keys(keys).await
}
