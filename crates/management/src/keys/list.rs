//! `GET /v1/api-keys`

use domain::id::UserId;
use domain::status::KeyStatus;
use store::api_key::{KeyCursor, KeyQuery, KeySort};

use super::view::KeyView;
use crate::access::{Access, KeysRead};
use crate::answer::{Answer, List};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::{CURSOR, LIMIT};
use crate::request::{Invalid, Page, Parameters, Query, ReadQuery};
use crate::wrong::Wrong;

/// Which keys to list, and in which order.
pub(crate) struct KeyFilters {
    owner: Option<UserId>,
    text: String,
    status: Option<KeyStatus>,
    model: String,
    group: String,
    tag: String,
    sort: KeySort,
}

macro_rules! filters {
    ($($before:expr),*) => {
        &[
            $($before,)*
            ("owner", "Only this user's keys."),
            ("q", "Part of the name, of the masked value or of a tag."),
            ("status", "`active`, `not_used`, `disabled`, `expired`, `exhausted` or `revoked`."),
            ("model", "Only keys with this entry, a name or a pattern, in their allowed models."),
            ("group", "Only keys with this group."),
            ("tag", "Only keys with this tag."),
            (
                "sort",
                "`created_at`, `name`, `last_used_at`, `used`, `monthly` (the amount used in the local month now) or `expires_at`, with a dash in front for the other way round; `-created_at` if left out.",
            ),
        ]
    };
}

impl KeyFilters {
    /// The parameters and what they mean.
    pub(super) const PARAMETERS: &'static [(&'static str, &'static str)] = filters!();

    pub(super) fn read(parameters: &mut Parameters) -> Self {
        Self {
            owner: parameters.parse("owner"),
            text: parameters.text("q"),
            status: parameters.take("status", status),
            model: parameters.text("model"),
            group: parameters.text("group"),
            tag: parameters.text("tag"),
            sort: parameters.take("sort", sort).unwrap_or_default(),
        }
    }

    /// The query for the first so many keys; none where nothing can be theirs who ask.
    pub(super) async fn query(self, access: &Access<KeysRead>, limit: u32) -> Option<KeyQuery> {
        let owner = match (access.owner(), self.owner) {
            (Some(own), Some(other)) if own != other => return None,
            (own, wanted) => own.or(wanted),
        };
        let ledger = &access.app.gateway.ledger;
        if self.status.is_some() || self.sort.by_figure() {
            // The database decides about "exhausted" and "not_used", and about the order.
            ledger.flush().await;
        }
        Some(KeyQuery {
            text: self.text,
            status: self.status,
            group: self.group,
            tag: self.tag,
            model: self.model,
            sort: self.sort,
            month: ledger.windows(access.now()).month,
            ..KeyQuery::newest(owner, access.now(), limit)
        })
    }
}

/// A page of keys.
pub(crate) struct ListKeys {
    page: Page<KeyCursor>,
    filters: KeyFilters,
}

impl ReadQuery for ListKeys {
    const PARAMETERS: &'static [(&'static str, &'static str)] = filters!(LIMIT, CURSOR);

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self { page: Page::read(parameters), filters: KeyFilters::read(parameters) })
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/v1/api-keys", handle)
        .about("API keys", "List keys", "Deleted keys are not listed; revoked ones are. Where few of very many keys pass the filters, a page can be short, or empty, and still have a cursor: the search goes on with it.")
        .answers_list::<KeyView>("A page of keys.")
}

async fn handle(
    access: Access<KeysRead>,
    Query(ListKeys { page, filters }): Query<ListKeys>,
) -> Result<Answer<List<KeyView>>, Problem> {
    let Some(query) = filters.query(&access, page.limit).await else {
        return Ok(Answer::ok(List::whole(Vec::new())));
    };
    let query = KeyQuery { after: page.after, ..query };
    let found = access.database().listed_api_keys(&query).await?;
    let next_cursor = found.next.map(|next| next.to_string());
    let keys = found.keys.into_iter().map(|row| row.key).collect();
    Ok(Answer::ok(List { data: KeyView::all(&access.app, keys).await?, next_cursor }))
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
        Invalid::new(Wrong::one_of(["active, not_used, disabled, expired, exhausted, revoked"]))
    })
}

fn sort(name: &str) -> Result<KeySort, Invalid> {
    match name {
        "-created_at" => Ok(KeySort::NewestFirst),
        "created_at" => Ok(KeySort::OldestFirst),
        "name" => Ok(KeySort::ByName),
        "-name" => Ok(KeySort::ByNameDescending),
        "expires_at" => Ok(KeySort::ByExpiry),
        "-expires_at" => Ok(KeySort::ByExpiryDescending),
        "last_used_at" => Ok(KeySort::ByLastUse),
        "-last_used_at" => Ok(KeySort::ByLastUseDescending),
        "used" => Ok(KeySort::ByUsed),
        "-used" => Ok(KeySort::ByUsedDescending),
        "monthly" => Ok(KeySort::ByMonth),
        "-monthly" => Ok(KeySort::ByMonthDescending),
        _ => Err(Invalid::new(Wrong::KeyOrder)),
    }
}
