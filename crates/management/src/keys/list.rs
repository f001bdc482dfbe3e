//! `GET /v1/api-keys`

use domain::id::{KeyId, UserId};
use domain::status::KeyStatus;
use store::api_key::{KeyQuery, KeySort};

use super::view::KeyView;
use crate::access::{Access, KeysRead};
use crate::answer::{Answer, List, cut};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::{CURSOR, LIMIT};
use crate::request::{Invalid, Page, Parameters, Query, ReadQuery};

/// Which keys to list.
pub(crate) struct ListKeys {
    page: Page<KeyId>,
    owner: Option<UserId>,
    text: String,
    status: Option<KeyStatus>,
    model: String,
    group: String,
    tag: String,
    sort: KeySort,
}

impl ReadQuery for ListKeys {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[
        LIMIT,
        CURSOR,
        ("owner", "Only this user's keys."),
        ("q", "Part of the name."),
        ("status", "`active`, `not_used`, `disabled`, `expired`, `exhausted` or `revoked`."),
        ("model", "Only keys with this entry, a name or a pattern, in their allowed models."),
        ("group", "Only keys with this group."),
        ("tag", "Only keys with this tag."),
        ("sort", "`-created_at` (the default), `created_at`, `name` or `-name`."),
    ];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self {
            page: Page::read(parameters),
            owner: parameters.parse("owner"),
            text: parameters.text("q"),
            status: parameters.take("status", status),
            model: parameters.text("model"),
            group: parameters.text("group"),
            tag: parameters.text("tag"),
            sort: parameters.take("sort", sort).unwrap_or_default(),
        })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/v1/api-keys", handle)
        .about("API keys", "List keys", "Deleted keys are not listed; revoked ones are.")
        .answers_list::<KeyView>("A page of keys.")
}

async fn handle(
    access: Access<KeysRead>,
    Query(wanted): Query<ListKeys>,
) -> Result<Answer<List<KeyView>>, Problem> {
    let owner = match (access.owner(), wanted.owner) {
        (Some(own), Some(other)) if own != other => return Ok(Answer::ok(List::whole(Vec::new()))),
        (own, wanted) => own.or(wanted),
    };
    if wanted.status.is_some() {
        // The database decides about "exhausted" and "not_used".
        access.app.gateway.ledger.flush().await;
    }
    let query = KeyQuery {
        owner,
        text: wanted.text,
        status: wanted.status,
        now: access.now(),
        group: wanted.group,
        tag: wanted.tag,
        model: wanted.model,
        sort: wanted.sort,
        after: wanted.page.after,
        limit: wanted.page.look_ahead(),
    };
    let mut rows = access.database().api_keys(&query).await?;
    let next_cursor = cut(&mut rows, wanted.page.limit, |key| key.id.to_string());
    let mut data = Vec::with_capacity(rows.len());
    for key in rows {
        data.push(KeyView::of(&access.app, key).await?);
    }
    Ok(Answer::ok(List { data, next_cursor }))
}

fn status(name: &str) -> Result<KeyStatus, Invalid> {
    let all = [
        KeyStatus::Active,
        KeyStatus::NotUsed,
        KeyStatus::Disabled,
        KeyStatus::Expired,
        KeyStatus::Exhausted,
        KeyStatus::Revoked,
    ];
    all.into_iter().find(|status| status.name() == name).ok_or_else(|| {
        Invalid::new("Expected one of active, not_used, disabled, expired, exhausted, revoked.")
    })
}

fn sort(name: &str) -> Result<KeySort, Invalid> {
    match name {
        "-created_at" => Ok(KeySort::NewestFirst),
        "created_at" => Ok(KeySort::OldestFirst),
        "name" => Ok(KeySort::ByName),
        "-name" => Ok(KeySort::ByNameDescending),
        _ => Err(Invalid::new("Expected one of -created_at, created_at, name, -name.")),
    }
}
