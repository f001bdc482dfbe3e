//! `GET /api/v1/management-keys`

use domain::id::ManagementKeyId;

use super::view::ManagementKeyView;
use crate::access::{Access, SystemWrite};
use crate::answer::{Answer, List, cut};
use crate::endpoint::Endpoint;
use crate::problem::Problem;
use crate::request::query::{CURSOR, LIMIT};
use crate::request::{Page, Parameters, Query, ReadQuery};

/// Which management keys to list.
pub(crate) struct ListManagementKeys(Page<ManagementKeyId>);

impl ReadQuery for ListManagementKeys {
    const PARAMETERS: &'static [(&'static str, &'static str)] = &[LIMIT, CURSOR];

    fn read(parameters: &mut Parameters) -> Option<Self> {
        Some(Self(Page::read(parameters)))
    }
}

pub(crate) fn endpoint() -> Endpoint {
    Endpoint::get("/api/v1/management-keys", handle)
        .about(
            "Management keys",
            "List management keys",
            "The newest first; revoked ones are not listed.",
        )
        .answers_list::<ManagementKeyView>("A page of management keys.")
}

async fn handle(
    access: Access<SystemWrite>,
    Query(ListManagementKeys(page)): Query<ListManagementKeys>,
) -> Result<Answer<List<ManagementKeyView>>, Problem> {
    let mut rows =
        access.database().management_keys(access.owner(), page.after, page.look_ahead()).await?;
    let next_cursor = cut(&mut rows, page.limit, |key| key.id.to_string());
    let owners = rows.iter().map(|key| key.owner).collect();
    let owners = access.database().user_names(owners).await?;
    let data = rows.into_iter().map(|key| ManagementKeyView::of(key, &owners)).collect();
    Ok(Answer::ok(List { data, next_cursor }))
}
